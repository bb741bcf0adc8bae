"""A PostgreSQL of our own, made for the occasion and gone after it, whatever happens."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.collectors import accounts
from bfg_policy.collectors.certificates import ADDRESS, HOST, Certificates, make_certificates
from bfg_policy.collectors.keeper import ADMIN, PASSWORD_FILE, Keeper, PortTaken, free_port
from bfg_policy.collectors.tls_front import tls_front

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bfg_policy.collectors.programs import Programs

_DATABASE = "postgres"
_TRIES = 3
_LOGIN = "bfg_policy"
_AUTHORITY, _CERTIFICATE, _KEY = "ca.crt", "server.crt", "server.key"
# Paths of Unix sockets are short: 108 bytes on Linux, 104 elsewhere.
_LONGEST_FOLDER = 60
# What somebody may have set for other servers, in libpq's variables.
_AS_EVER = {"channel_binding": "prefer", "options": "", "target_session_attrs": "any"}
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "max_connections": "32",
    "shared_buffers": "32MB",
    "timezone": "UTC",
}


class Server(NamedTuple):
    """A server that runs.

    dsn: a login that is neither superuser nor BYPASSRLS and may make roles and schemas, by TLS
    and with the server verified in full. admin_dsn: the superuser, through the server's socket.
    version: such as `18.1`. tls_at_front: whether TLS ends before the server, for want of its
    own. folder: all its files.
    """

    dsn: str
    admin_dsn: str
    version: str
    tls_at_front: bool
    folder: Path

    def __repr__(self) -> str:
        return f"Server(version={self.version!r}, …)"  # the DSNs hold passwords


@contextmanager
def embedded_server(
    programs: Programs,
    *,
    settings: Mapping[str, str] | None = None,
    certificates: Certificates | None = None,
    encoding: str = "UTF8",
) -> Iterator[Server]:
    """A server with an empty database, which is stopped and deleted at the end.

    As root it runs as another user, for PostgreSQL refuses root. settings: of the server, beside
    ours. certificates: for its TLS; new ones otherwise. Raises NoServer where it does not start.
    """
    wanted = _Wanted(programs, settings or {}, certificates or make_certificates(), encoding)
    for tries_left in reversed(range(_TRIES)):
        with ExitStack() as stack:
            try:
                server = _start(wanted, stack)
            except PortTaken:
                if not tries_left:
                    raise
                continue
            yield server
            return


class _Wanted(NamedTuple):
    programs: Programs
    settings: Mapping[str, str]
    certificates: Certificates
    encoding: str


def _start(wanted: _Wanted, stack: ExitStack) -> Server:
    """A server that runs until `stack` is closed."""
    programs = wanted.programs
    account = accounts.lent_account()
    password, login_password = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    folder = stack.enter_context(_folder(account))
    if account is not None and not accounts.may_enter(programs.folder, account):
        programs = programs._replace(folder=accounts.copied(programs.folder, folder))
    _write(folder, wanted.certificates, password)
    if account is not None:
        accounts.give(folder, account)
    port = free_port()
    settings = {**_SETTINGS, **_listening(folder, port, programs), **wanted.settings}
    keeper = Keeper(folder, account)
    stack.enter_context(keeper.running(programs, wanted.encoding, settings))
    admin_dsn = _dsn(host=str(folder), port=port, user=ADMIN, password=password)
    _make_login(admin_dsn, login_password)
    if not programs.has_tls:
        backend = f"{folder}/.s.PGSQL.{port}"
        front = tls_front(backend, folder / _CERTIFICATE, folder / _KEY)
        port = stack.enter_context(front)
    dsn = _dsn(
        host=HOST,
        hostaddr=ADDRESS,
        port=port,
        user=_LOGIN,
        password=login_password,
        sslmode="verify-full",
        sslrootcert=str(folder / _AUTHORITY),
        sslcert=str(folder / "none"),
        **_AS_EVER,
    )
    return Server(dsn, admin_dsn, programs.version, not programs.has_tls, folder)


@contextmanager
def _folder(account: accounts.Account | None) -> Iterator[Path]:
    """A new private folder, deleted at the end, where the server's user gets to."""
    parent = Path(tempfile.gettempdir()).resolve()
    is_closed = account is not None and not accounts.may_enter(parent, account)
    if is_closed or len(str(parent)) > _LONGEST_FOLDER:
        parent = Path("/tmp")  # noqa: S108 - the folder in it is private and its name is new
    folder = Path(tempfile.mkdtemp(prefix="bfg-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, certificates: Certificates, password: str) -> None:
    for name, data in (
        (_AUTHORITY, certificates.authority),
        (_CERTIFICATE, certificates.certificate),
        (_KEY, certificates.key),
        (PASSWORD_FILE, password.encode()),
    ):
        file = folder / name
        file.touch(mode=0o600)
        file.write_bytes(data)


def _listening(folder: Path, port: int, programs: Programs) -> dict[str, str]:
    """Where the server listens: always at its socket; where it has TLS, at the port, too."""
    at_socket = {
        "unix_socket_directories": f'"{folder}"',
        "listen_addresses": "",
        "port": str(port),
    }
    if not programs.has_tls:
        return at_socket
    return {
        **at_socket,
        "listen_addresses": ADDRESS,
        "ssl": "on",
        "ssl_cert_file": str(folder / _CERTIFICATE),
        "ssl_key_file": str(folder / _KEY),
    }


def _dsn(**parameters: str | int) -> str:
    from psycopg.conninfo import make_conninfo

    return make_conninfo("", dbname=_DATABASE, **parameters)


def _make_login(admin_dsn: str, password: str) -> None:
    """A login as the packets ask for: it makes roles and schemas, and sees no more than others."""
    import psycopg
    from psycopg import sql

    login = sql.Identifier(_LOGIN)
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(login, password)
        )
        database = sql.Identifier(_DATABASE)
        connection.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(database, login))
