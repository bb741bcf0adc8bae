"""A DSN -> an endpoint: where to connect and as whom, without ever showing any of it."""

from __future__ import annotations

import hmac
import socket
from hashlib import sha256
from typing import TYPE_CHECKING, NoReturn

from bfg_policy.collectors.faults import BadConnection
from bfg_policy.digest import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONNECT_SECONDS = 10

_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_OURS = {
    "application_name": "bfg-policy",
    "client_encoding": "UTF8",
    # Another encryption would leave nothing to be said about TLS.
    "gssencmode": "disable",
    "keepalives_idle": "10",
    "tcp_user_timeout": "30000",
}
_REDACTED_DIGITS = 8


class Endpoint:
    """Where to connect, and as whom. Its representation shows nothing of it."""

    def __init__(self, written: Mapping[str, str], resolved: Mapping[str, str]) -> None:
        """written: what the DSN says; resolved: with all that libpq adds to it.

        Raises BadConnection.
        """
        self._written = dict(written)
        self._resolved = dict(resolved)
        if any("," in resolved.get(name, "") for name in ("host", "hostaddr", "port")):
            raise BadConnection("it names several servers: a record is about one, so name one")
        if self.sslmode not in _SSL_MODES:
            raise BadConnection(f"its `sslmode` is none of {', '.join(_SSL_MODES)}")
        self.port = _port(resolved.get("port", ""))

    def __repr__(self) -> str:
        return "Endpoint(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an endpoint is kept nowhere")

    @property
    def host(self) -> str:
        """The server's name, as its certificate has to have it, or the folder of its socket."""
        host = self._resolved.get("host") or self._resolved["hostaddr"]
        return host if _is_path(host) else host.lower().rstrip(".")

    @property
    def is_socket(self) -> bool:
        """Whether it is a Unix socket, which has no TLS."""
        return _is_path(self.host)

    @property
    def sslmode(self) -> str:
        """The TLS that is asked for, in libpq's words."""
        # The system's certificates vouch for anybody: libpq takes no less with them.
        named = "verify-full" if self.sslrootcert == "system" else None
        return named or self._resolved.get("sslmode", "prefer")

    @property
    def is_direct(self) -> bool:
        """Whether TLS begins at once, without PostgreSQL's question before it."""
        return self._resolved.get("sslnegotiation") == "direct"

    @property
    def sslrootcert(self) -> str | None:
        """The file of trusted certificates, or `system`; None where none is named."""
        return self._resolved.get("sslrootcert") or None

    @property
    def seconds(self) -> int:
        """How long we wait for an answer: as long as the DSN says, and no longer than usual."""
        asked = self._resolved.get("connect_timeout", "")
        is_number = asked.isascii() and asked.isdigit() and int(asked[:6]) > 0
        return min(int(asked[:6]), CONNECT_SECONDS) if is_number else CONNECT_SECONDS

    def open_socket(self) -> socket.socket:
        """A plain connection to it.

        Raises OSError, or UnicodeError for what is no name; their texts must not be shown.
        """
        if not self.is_socket:
            address = self._resolved.get("hostaddr") or self.host
            return socket.create_connection((address, self.port), timeout=self.seconds)
        path = f"{self.host}/.s.PGSQL.{self.port}"
        opened = socket.socket(socket.AF_UNIX)
        try:
            opened.settimeout(self.seconds)
            opened.connect("\0" + path[1:] if path.startswith("@") else path)
        except BaseException:
            opened.close()
            raise
        return opened

    def conninfo(self, changed: Mapping[str, str]) -> str:
        """What the driver is given: as written, with ours and `changed` in the place of some."""
        from psycopg.conninfo import make_conninfo

        ours = {**_OURS, "connect_timeout": str(self.seconds)}
        return make_conninfo("", **{**self._written, **ours, **changed})

    def redacted(self, salt: str) -> str:
        """The endpoint as a record may name it: `hmac:` and 8 digits of HMAC-SHA-256.

        Of its host and port, with `salt` as the key: the same for the same endpoint and salt.
        """
        return redacted(salt, f"{self.host}:{self.port}")


def redacted(salt: str, name: str) -> str:
    """`hmac:` and the first 8 digits of the HMAC-SHA-256 of a name, with a salt as the key."""
    digest = hmac.digest(salt.encode(), name.encode(), "sha256").hex()
    return f"hmac:{digest[:_REDACTED_DIGITS]}"


def salt_of(parts: Sequence[str], secret: str | None = None) -> str:
    """The salt for the endpoints of one scenario.

    parts: what stays the same as long as it is that scenario, such as its id, tenant and target.
    secret: known to nobody who may not try out which host a digest stands for.
    """
    more = [sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()] if secret else []
    return canonical([*parts, *more]).decode()


def endpoint_of(dsn: str) -> Endpoint:
    """The endpoint that a DSN means; the empty one stands for libpq's own variables.

    dsn: `postgresql://…`, or libpq's `key=value` words. Raises BadConnection.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        written = conninfo_to_dict(_whole(dsn))
        parameters = {name: str(value) for name, value in written.items() if value is not None}
        resolved = _resolved(parameters)
    except (psycopg.Error, ValueError):
        # The driver's own text quotes the DSN.
        message = "it is neither `postgresql://…` nor libpq's `key=value` words"
        raise BadConnection(message) from None
    if not resolved:
        raise BadConnection("its service cannot be read, or the service file has no such service")
    return Endpoint(parameters, resolved)


def _whole(dsn: str) -> str:
    """The DSN. Raises ValueError where libpq would read only a part of it."""
    if "\0" in dsn:
        raise ValueError
    return dsn


def _resolved(written: Mapping[str, str]) -> dict[str, str]:
    """What libpq makes of a DSN, with its variables, its service file and its defaults."""
    from psycopg import pq
    from psycopg.conninfo import make_conninfo

    # The one way to learn it is to begin connecting; with an option that nobody can have it ends
    # there, before anybody is connected to.
    conninfo = make_conninfo("", **{**written, "gssencmode": "-"})
    connection = pq.PGconn.connect_start(conninfo.encode())
    try:
        options = {each.keyword.decode(): each.val for each in connection.info}
        found = {name: value.decode() for name, value in options.items() if value is not None}
        return {"host": connection.host.decode(), **found} if found else {}
    finally:
        connection.finish()


def _is_path(host: str) -> bool:
    return host.startswith(("/", "@"))


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65536:
        return int(text)
    raise BadConnection("its port is no number from 1 to 65535")
