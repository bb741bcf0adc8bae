"""A server of our own: what its login may, that it is ours alone, and that nothing of it stays."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bfg_policy.collectors import accounts, keeper, servers
from bfg_policy.collectors.faults import NoServer
from bfg_policy.collectors.programs import Programs, find_programs
from bfg_policy.collectors.servers import Server, embedded_server
from bfg_policy.collectors.tls_front import SSL_REQUEST
from tests.collectors.lab import debian, wheel
from tests.shared import ROOT

is_root = os.geteuid() == 0
both = pytest.mark.parametrize("programs", [debian, wheel])


def test_its_login_makes_roles_and_schemas_and_is_no_more_than_others(server: Server) -> None:
    with psycopg.connect(server.dsn) as connection:
        login = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole"
            " FROM pg_roles WHERE rolname = session_user"
        ).fetchone()
        assert login == (False, False, True)
        assert connection.pgconn.ssl_in_use
        connection.execute("CREATE ROLE one; CREATE SCHEMA two")
        connection.rollback()


def test_nobody_gets_in_without_the_password_or_the_certificate(server: Server) -> None:
    for parameters in (
        {"password": "guessed"},
        {"user": "postgres", "password": "postgres"},
        {"sslrootcert": str(server.folder / "server.crt")},
        {"sslmode": "disable"} if server.tls_at_front else {"password": ""},
    ):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(make_conninfo(server.dsn, **parameters, passfile="/nowhere"))
    for file in ("server.key", "data"):
        assert (server.folder / file).stat().st_mode & 0o077 == 0
    assert not (server.folder / "password").exists()
    assert server.folder.stat().st_mode & 0o077 == 0


def test_what_is_set_for_other_servers_does_not_matter(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "postgresql.crt").write_text("of another server")
    for name, value in {
        "HOME": str(tmp_path),
        "PGSSLMODE": "disable",
        "PGSSLROOTCERT": "/nowhere",
        "PGCHANNELBINDING": "require",
        "PGOPTIONS": "-c search_path=zqx",
        "PGTARGETSESSIONATTRS": "standby",
        "PGUSER": "zqx",
        "PGPASSWORD": "zqx",
        "PGAPPNAME": "zqx",
    }.items():
        monkeypatch.setenv(name, value)
    with psycopg.connect(server.dsn) as connection:
        assert connection.execute("SHOW search_path").fetchone() == ('"$user", public',)


def test_large_texts_pass_the_front_both_ways(server18: Server) -> None:
    with psycopg.connect(server18.dsn) as connection:
        text = "żółw " * 2_000_000
        row = connection.execute("SELECT %s || ''", [text]).fetchone()
    assert row == (text,)


def test_a_servers_last_words_pass_the_front(server18: Server) -> None:
    with (
        psycopg.connect(server18.dsn) as connection,
        pytest.raises(psycopg.errors.AdminShutdown),
    ):
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.parametrize(
    "said", [b"", b"\0", SSL_REQUEST[:7], b"GET / HTTP/1.1\r\n", SSL_REQUEST + b"stuffed"]
)
def test_who_does_not_ask_for_tls_is_hung_up_on(said: bytes, server18: Server) -> None:
    port = conninfo_to_dict(server18.dsn)["port"]
    with socket.create_connection(("127.0.0.1", int(str(port))), timeout=10) as guest:
        guest.sendall(said)
        with suppress(OSError):  # it may have hung up already
            guest.shutdown(socket.SHUT_WR)
        answer = b""
        with suppress(ConnectionError):
            while more := guest.recv(100):
                answer += more
    asked = said.startswith(SSL_REQUEST)
    # What was stuffed in after the question is taken for TLS, which it is not.
    assert answer[:1] == (b"S" if asked else b"")
    assert b"R" not in answer
    with psycopg.connect(server18.dsn) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_front_speaks_no_old_tls(server18: Server) -> None:
    port = int(str(conninfo_to_dict(server18.dsn)["port"]))
    context = ssl.create_default_context(cafile=server18.folder / "ca.crt")
    with socket.create_connection(("127.0.0.1", port)) as guest:
        guest.sendall(SSL_REQUEST)
        assert guest.recv(1) == b"S"
        with context.wrap_socket(guest, server_hostname="localhost") as encrypted:
            assert encrypted.version() in ("TLSv1.2", "TLSv1.3")


@both
def test_nothing_of_it_stays(programs: Callable[[], Programs]) -> None:
    class Boom(Exception):
        pass

    kept = []

    def use() -> None:
        with embedded_server(programs()) as server:
            kept.append(server.folder)
            assert processes(server.folder)
            raise Boom

    with pytest.raises(Boom):
        use()
    assert not kept[0].exists()
    assert not processes(kept[0])


def processes(folder: Path) -> list[str]:
    """The processes that have the folder's name on their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(folder) in command:
                found.append(command)
    return found


KEEPS_A_SERVER = """
import sys, time
from pathlib import Path
from bfg_policy.collectors.programs import find_programs
from bfg_policy.collectors.servers import embedded_server
with embedded_server(find_programs(Path(sys.argv[1]), None)) as server:
    print(server.folder, flush=True)
    time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@both
def test_nothing_of_it_stays_when_we_are_killed(
    sent: signal.Signals, programs: Callable[[], Programs]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KEEPS_A_SERVER, programs().folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        text=True,
    ) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert processes(folder)
        process.send_signal(sent)
        process.wait(20)
    until = time.monotonic() + 20
    while (folder.exists() or processes(folder)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not folder.exists()
    assert not processes(folder)


def test_why_it_does_not_start_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(NoServer, match=r"PostgreSQL did not start: .*invalid value") as failed,
        embedded_server(wheel(), settings={"max_connections": "many"}),
    ):
        pytest.fail("it started")
    assert tempfile.gettempdir() not in str(failed.value)


def test_a_port_that_is_taken_meanwhile_is_no_reason_to_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken = listening.getsockname()[1]
        ports = iter([taken, keeper.free_port()])
        monkeypatch.setattr(servers, "free_port", lambda: next(ports))
        with embedded_server(debian()) as server, psycopg.connect(server.dsn) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_port_that_is_taken_each_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken = listening.getsockname()[1]
        monkeypatch.setattr(servers, "free_port", lambda: taken)
        monkeypatch.setattr(servers, "_TRIES", 1)
        with pytest.raises(NoServer, match="TCP/IP"), embedded_server(debian()):
            pytest.fail("it started")


@pytest.mark.skipif(not is_root, reason="only root lends the server another user")
class TestAsRoot:
    def test_the_server_runs_as_somebody_else(self, server: Server) -> None:
        assert (server.folder / "data").stat().st_uid != 0

    def test_programs_that_nobody_else_may_read_are_copied(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o700)
        theirs = wheel().folder.parent
        copy = tmp_path / theirs.parent.name / theirs.name
        shutil.copytree(theirs, copy, symlinks=True)
        libraries = f"{theirs.parent.name}.libs"
        shutil.copytree(theirs.parent.with_name(libraries), tmp_path / libraries)
        programs = wheel()._replace(folder=copy / "bin")
        with embedded_server(programs) as server, psycopg.connect(server.dsn) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert not server.folder.exists()

    def test_a_temporary_folder_that_nobody_else_may_enter_is_not_used(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tmp_path.chmod(0o700)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with embedded_server(debian()) as server:
            assert server.folder.parent != tmp_path

    def test_without_anybody_to_run_it_as_it_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(accounts, "_NAMES", ("nobody-of-that-name",))
        with pytest.raises(NoServer, match="does not run as root"), embedded_server(wheel()):
            pytest.fail("it started")

    def test_it_also_runs_for_who_is_not_root(self) -> None:
        lent = accounts.lent_account()
        assert lent is not None
        started = os.fork()
        if not started:  # what follows is another user, who has read this Python already
            try:
                os.setgroups([])
                os.setgid(lent.group)
                os.setuid(lent.user)
                os.environ["HOME"] = "/"
                with embedded_server(debian()) as server, psycopg.connect(server.dsn) as connection:
                    connection.execute("SELECT 1")
                os._exit(0 if not server.folder.exists() else 3)
            except BaseException:
                os._exit(4)
        _, status = os.waitpid(started, 0)
        assert os.waitstatus_to_exitcode(status) == 0


class TestPrograms:
    def test_the_folder_that_is_named_wins(self) -> None:
        found = find_programs(wheel().folder, os.environ["PATH"])
        assert (found.folder, found.has_tls) == (wheel().folder, False)
        assert debian().has_tls

    @pytest.mark.parametrize("what", ["nothing", "a file", "no server", "one that fails"])
    def test_a_folder_without_a_server_is_told(self, what: str, tmp_path: Path) -> None:
        folder = tmp_path / "bin"
        if what == "a file":
            folder.touch()
        if what in ("no server", "one that fails"):
            folder.mkdir()
            (folder / "initdb").touch()
        if what == "one that fails":
            (folder / "postgres").symlink_to("/bin/false")
        with pytest.raises(NoServer, match="BFG_PG_BINDIR is no folder"):
            find_programs(folder, None)

    def test_one_that_is_too_old_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "initdb").touch()
        (tmp_path / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 9.6.24'\n")
        (tmp_path / "postgres").chmod(0o755)
        with pytest.raises(NoServer, match=r"holds PostgreSQL 9\.6\.24; 15 is the oldest"):
            find_programs(tmp_path, None)

    def test_it_is_looked_for_on_the_path(self, tmp_path: Path) -> None:
        (tmp_path / "postgres").symlink_to(debian().folder / "postgres")
        assert find_programs(None, str(tmp_path)).folder == debian().folder.resolve()

    def test_without_any_the_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bfg_policy.collectors.programs._INSTALLED", ())
        monkeypatch.setattr("bfg_policy.collectors.programs.find_spec", lambda _: None)
        with pytest.raises(NoServer, match=r"pip install 'bfg-policy\[postgres\]'"):
            find_programs(None, None)

    def test_the_wheel_is_found_where_there_is_no_other(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bfg_policy.collectors.programs._INSTALLED", ())
        assert find_programs(None, None) == wheel()
