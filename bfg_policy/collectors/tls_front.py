"""TLS before a server that has none: the question is answered, the bytes are passed on."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

from bfg_policy.collectors.certificates import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# PostgreSQL's protocol, "SSLRequest": its length, and a number that is no version.
SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
YES, NO = b"S", b"N"
_CHUNK = 1 << 16
_SECONDS = 10
_FAREWELL_SECONDS = 1


@contextmanager
def tls_front(backend: str, certificate: Path, key: Path) -> Iterator[int]:
    """Take TLS connections on this machine and pass them on; the port that it listens on.

    backend: path of the server's Unix socket. certificate, key: the front's own, PEM files.
    Whoever does not ask for TLS is hung up on.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    front = _Front(backend, context)
    thread = Thread(target=front.run, daemon=True)
    with socket.create_server((ADDRESS, 0)) as listening:
        front.listening = listening
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            front.stop()
            thread.join()


class _Front:
    """One front, in a thread with an event loop of its own."""

    listening: socket.socket

    def __init__(self, backend: str, context: ssl.SSLContext) -> None:
        self._backend = backend
        self._context = context
        self._loop = asyncio.new_event_loop()
        # A guest who breaks off is no news: whoever connected tells what became of it.
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._stopping = asyncio.Event()

    def run(self) -> None:
        """Serve until `stop`; in a thread of its own."""
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    def stop(self) -> None:
        """Hang up on everybody and end `run`; from another thread."""
        self._loop.call_soon_threadsafe(self._stopping.set)

    async def _serve(self) -> None:
        self.listening.setblocking(False)  # noqa: FBT003 - its signature
        guests: set[asyncio.Task[None]] = set()
        accepting = asyncio.ensure_future(self._accept(guests))
        await self._stopping.wait()
        for task in (accepting, *guests):
            task.cancel()
        await asyncio.gather(accepting, *guests, return_exceptions=True)

    async def _accept(self, guests: set[asyncio.Task[None]]) -> None:
        while True:
            guest, _ = await self._loop.sock_accept(self.listening)
            task = self._loop.create_task(self._host(guest))
            guests.add(task)
            task.add_done_callback(guests.discard)

    async def _host(self, guest: socket.socket) -> None:
        """One connection, from the question to the end."""
        guest.setblocking(False)  # noqa: FBT003 - its signature
        with guest, suppress(OSError):
            async with asyncio.timeout(_SECONDS):
                if not await self._asks(guest):
                    return
                reader, writer = await self._encrypted(guest)
            try:
                await self._pass_on(reader, writer)
            finally:
                writer.transport.abort()

    async def _asks(self, guest: socket.socket) -> bool:
        # Not a byte more than the question is read: what follows it belongs to TLS.
        asked = b""
        while len(asked) < len(SSL_REQUEST):
            more = await self._loop.sock_recv(guest, len(SSL_REQUEST) - len(asked))
            if not more:
                return False
            asked += more
        if asked != SSL_REQUEST:
            return False
        await self._loop.sock_sendall(guest, YES)
        return True

    async def _encrypted(
        self, guest: socket.socket
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader = asyncio.StreamReader(loop=self._loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=self._loop)
        transport, _ = await self._loop.connect_accepted_socket(
            lambda: protocol,
            guest,
            ssl=self._context,
            ssl_shutdown_timeout=_FAREWELL_SECONDS,
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, self._loop)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(self._backend)
        ways = [
            asyncio.ensure_future(_pump(reader, server_writer)),
            asyncio.ensure_future(_pump(server_reader, writer)),
        ]
        try:
            # Whoever hangs up first ends both ways; what was said until then still arrives.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            server_writer.close()
            writer.close()
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await writer.wait_closed()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            server_writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
