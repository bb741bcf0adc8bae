"""An endpoint -> a session that cannot hang and leaves nothing behind; errors in our own words."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING, Any, TypeAlias

from bfg_policy.collectors.faults import NotConnected, Unobservable
from bfg_policy.collectors.wording import why_not_let_in, why_not_obeyed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import psycopg

    from bfg_policy.collectors.endpoints import Endpoint

    Connection: TypeAlias = psycopg.Connection[tuple[object, ...]]

SESSION_SECONDS = 600
# Whoever waits for a lock holds up others who come after: never for long.
_LIMITS = (
    "SET LOCAL lock_timeout = '5s'",
    "SET LOCAL statement_timeout = '60s'",
    "SET LOCAL idle_in_transaction_session_timeout = '60s'",
)


@contextmanager
def session(
    endpoint: Endpoint, changed: Mapping[str, str] | None = None, seconds: float = SESSION_SECONDS
) -> Iterator[Connection]:
    """A connection in autocommit, closed at the end.

    changed: libpq's parameters that differ from the endpoint's, such as `sslmode`. seconds: after
    so many it is cut off, whatever the server does. Raises NotConnected.
    """
    import psycopg

    try:
        connection = psycopg.connect(
            endpoint.conninfo(changed or {}), autocommit=True, prepare_threshold=None
        )
    except psycopg.Error as error:
        raise NotConnected(why_not_let_in(error)) from None
    try:
        with cut_off(connection.fileno(), seconds):
            yield connection
    finally:
        connection.close()


@contextmanager
def rolled_back(connection: Connection, *, read_only: bool = False) -> Iterator[Connection]:
    """A transaction that is rolled back whatever happens, in which nothing waits for long."""
    connection.execute("BEGIN READ ONLY" if read_only else "BEGIN")
    try:
        for limit in _LIMITS:
            connection.execute(limit)
        yield connection
    finally:
        if not connection.closed:
            connection.execute("ROLLBACK")


def one_row(connection: Connection, query: str, *kinds: type) -> tuple[Any, ...]:
    """The first row that a query gives, of values of these types.

    Raises Unobservable where the server answers anything else: it may be nobody's friend.
    """
    row = connection.execute(query.encode()).fetchone()
    if row is None or [type(value) for value in row] != list(kinds):
        raise Unobservable("the server answers a question", "what it says makes no sense")
    return row


@contextmanager
def no_leaks(what: str) -> Iterator[None]:
    """What the driver raises inside becomes Unobservable, in words of ours.

    what: what was looked at.
    """
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise Unobservable(what, why_not_obeyed(error)) from None


@contextmanager
def cut_off(descriptor: int, seconds: float) -> Iterator[None]:
    """Shut a socket down after so many seconds, so that whoever waits for it goes on.

    A timeout of the socket itself would begin anew with each byte of a slow server.
    """
    twin = socket.socket(fileno=os.dup(descriptor))
    timer = Timer(seconds, _shut, [twin])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        twin.close()


def _shut(opened: socket.socket) -> None:
    try:
        opened.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already
