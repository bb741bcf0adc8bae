"""What answers may be no PostgreSQL, or no friend: a probe ends soon, and says so."""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest

from bfg_policy.collectors import tls
from bfg_policy.collectors.certificates import make_certificates
from bfg_policy.collectors.connecting import no_leaks, rolled_back, session
from bfg_policy.collectors.endpoints import endpoint_of
from bfg_policy.collectors.faults import Unobservable
from bfg_policy.collectors.tls import NoAnswer
from bfg_policy.collectors.tls_front import SSL_REQUEST
from tests.collectors.lab import Access, assert_nothing_leaks, probe

Behaviour = Callable[[socket.socket], None]
SECRETS = ("login-zqx", "pass wörd zqx", "pass%20w%C3%B6rd%20zqx", "database-zqx", "127.0.0.1")
ANSWERS = "it answers as PostgreSQL does"
SECONDS = 1


@contextmanager
def answering(behave: Behaviour) -> Iterator[Access]:
    """A server that behaves like this to everybody, and the way to it."""

    def serve() -> None:
        while True:
            try:
                guest, _ = listening.accept()
            except OSError:
                return
            with guest, suppress(OSError):
                guest.settimeout(5)
                behave(guest)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        port = str(listening.getsockname()[1])
        login, password, _, database, host = SECRETS
        parameters = {"user": login, "password": password, "dbname": database, "host": host}
        parameters |= {"port": port, "connect_timeout": str(SECONDS), "gssencmode": "disable"}
        yield Access(parameters, (*SECRETS, port))
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def says(data: bytes) -> Behaviour:
    def behave(guest: socket.socket) -> None:
        guest.recv(len(SSL_REQUEST))
        guest.sendall(data)
        while guest.recv(1 << 16):  # until the other one hangs up
            pass

    return behave


def is_silent(guest: socket.socket) -> None:
    while guest.recv(1 << 16):
        pass


def hangs_up(guest: socket.socket) -> None:
    guest.recv(len(SSL_REQUEST))


def resets(guest: socket.socket) -> None:
    guest.recv(len(SSL_REQUEST))
    guest.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drips(guest: socket.socket) -> None:
    """Within every timeout a byte of a TLS record that never ends."""
    guest.recv(len(SSL_REQUEST))
    guest.sendall(b"S")
    guest.sendall(b"\x16\x03\x03\x40\x00")
    for _ in range(1000):
        guest.sendall(b"\x02")
        time.sleep(0.05)


HTTP = b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n"
STRANGE: dict[str, tuple[Behaviour, str, str]] = {
    "speaks HTTP": (says(HTTP), "endpoint", "what answers there is no PostgreSQL"),
    "sends NUL": (says(b"\0" * 9000), "endpoint", "what answers there is no PostgreSQL"),
    "is an ancient PostgreSQL": (says(b"EFATAL zqx\0"), "endpoint", "what answers there is no Pos"),
    "says nothing": (is_silent, "endpoint", "nobody answers within 1 s"),
    "hangs up": (hangs_up, "endpoint", "it hangs up without an answer"),
    "resets": (resets, "endpoint", "the connection breaks"),
    "takes TLS and speaks none": (says(b"S" + HTTP), "tls", "the TLS handshake fails"),
    "stuffs bytes before TLS": (says(b"S" + b"R\0\0\0\x08\0\0\0\0"), "tls", "handshake fails"),
    "takes TLS and says nothing": (says(b"S"), "tls", "nobody answers within 1 s"),
    "drips": (drips, "tls", "nobody answers within 1 s"),
    "takes no TLS": (says(b"N"), "tls", "the server takes no TLS"),
}


@pytest.mark.parametrize("strange", STRANGE)
def test_a_strange_server_is_told_soon(strange: str, project: Path) -> None:
    behave, section, words = STRANGE[strange]
    began = time.monotonic()
    with answering(behave) as access:
        probed = probe(project, "--dsn", access.url)
        assert time.monotonic() - began < 8
    assert probed.ran.code == 1
    assert probed.record[section]["status"] == "fail"
    assert words in probed.ran.stdout
    assert probed.record["rbac"] == {"status": "not_run"}
    assert probed.record["endpoint"]["reachable"] is (section == "tls")
    assert_nothing_leaks(probed, access)


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def row(*values: bytes) -> bytes:
    """A result of text columns with one row, whatever was asked."""
    column = b"c\0" + struct.pack("!ihihih", 0, 0, 25, -1, -1, 0)
    fields = b"".join(struct.pack("!i", len(value)) + value for value in values)
    count = struct.pack("!h", len(values))
    description = message(b"T", count + column * len(values))
    return description + message(b"D", count + fields) + message(b"C", b"SELECT 1\0") + READY


READY = message(b"Z", b"I")
WELCOME = (
    message(b"R", struct.pack("!i", 0))
    + message(b"S", b"server_version\x0018.1\x1b]0;owned\x07\0")
    + message(b"S", b"client_encoding\0UTF8\0")
    + message(b"S", b"standard_conforming_strings\0on\0")
)
HOSTILE = b"login-zqx \x1b[2J ::error::owned"
ERROR = message(b"E", b"SERROR\0C42501\0M" + HOSTILE + b"\0\0")


def pretends(answer: bytes) -> Behaviour:
    """Let everybody in, and answer each question with the same."""

    def behave(guest: socket.socket) -> None:
        if guest.recv(len(SSL_REQUEST)) == SSL_REQUEST:
            guest.sendall(b"N")
        guest.recv(1 << 16)
        guest.sendall(WELCOME + READY)
        while asked := guest.recv(1 << 16):
            is_command = any(word in asked for word in (b"BEGIN", b"SET", b"ROLLBACK"))
            guest.sendall(message(b"C", b"SET\0") + READY if is_command else answer)

    return behave


ANSWERS_OF_A_PRETENDER = {
    "an error": ERROR + READY,
    "nothing": message(b"I", b"") + READY,
    "other types": row(b"login-zqx", b"\x1b[2J", b"x" * 100_000),
    "one column": row(b"t"),
    "no row": message(b"T", struct.pack("!h", 0)) + message(b"C", b"SELECT 0\0") + READY,
    "garbage": b"\xff" * 64,
    "a notice first": message(b"N", b"SWARNING\0C01000\0M" + HOSTILE + b"\0\0") + ERROR + READY,
}


def test_tls_that_begins_at_once_is_looked_at_too(project: Path, tmp_path: Path) -> None:
    certificates = make_certificates()
    (tmp_path / "both.pem").write_bytes(certificates.certificate + certificates.key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "both.pem")
    context.set_alpn_protocols(["postgresql"])

    def behave(guest: socket.socket) -> None:
        with context.wrap_socket(guest, server_side=True) as encrypted:
            encrypted.recv(1000)

    with answering(behave) as access:
        url = access.but(sslmode="require", sslnegotiation="direct").url
        probed = probe(project, "--dsn", url)
    assert (
        probed.record["tls"]["sha256"]
        == sha256(ssl.PEM_cert_to_DER_cert(certificates.certificate.decode())).hexdigest()
    )
    assert probed.record["endpoint"]["status"] == "fail"
    assert_nothing_leaks(probed, access)


def test_a_certificate_that_cannot_be_read_is_told() -> None:
    with pytest.raises(NoAnswer, match="its certificate cannot be read"):
        tls._read(b"0\x82", "TLSv1.3")


def falls_silent(guest: socket.socket) -> None:
    """Let everybody in, and then send a byte of an answer now and then."""
    guest.recv(1 << 16)
    guest.sendall(WELCOME + READY)
    guest.recv(1 << 16)
    guest.sendall(b"N" + struct.pack("!i", 1000))
    for _ in range(900):
        guest.sendall(b"x")
        time.sleep(0.05)


def test_a_session_is_cut_off_whatever_the_server_does() -> None:
    began = time.monotonic()
    with answering(falls_silent) as access:
        endpoint = endpoint_of(access.but(sslmode="disable").dsn)
        with (
            pytest.raises(Unobservable, match="the connection broke"),
            no_leaks("a question"),
            session(endpoint, seconds=1) as connection,
            rolled_back(connection),
        ):
            pytest.fail("it never answered")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("answer", ANSWERS_OF_A_PRETENDER)
def test_a_pretender_gets_nothing_said_in_its_words(answer: str, project: Path) -> None:
    with answering(pretends(ANSWERS_OF_A_PRETENDER[answer])) as access:
        url = access.but(sslmode="disable").url
        probed = probe(project, "--ephemeral", "--dsn", url)
    assert probed.ran.code == 1
    assert probed.record["endpoint"]["status"] in ("error", "fail"), probed.ran.stdout
    for hostile in ("\x1b", "owned", "x" * 1000):
        assert hostile not in probed.ran.stdout + probed.ran.stderr + str(probed.record)
    assert_nothing_leaks(probed, access)
