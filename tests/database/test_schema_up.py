"""Up, twice and down again: what the schema's files leave behind, and whom they hold up."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bfg_policy.packets.database import database_packet, statements
from tests.database.packets import (
    DOWN,
    PARITY,
    ROLES_DOWN,
    ROLLBACK,
    TABLES,
    UP,
    VERIFY,
    catalogue,
    connected,
    drifts,
    judged,
    packet,
    replays,
    run,
    split,
    undone,
)
from tests.database.servers import Server

# In the order in which somebody runs them who goes there and back again.
FILES = packet()
ORDER = (UP, VERIFY, *replays(FILES), PARITY, ROLLBACK, DOWN, ROLES_DOWN)
WEAK_LOCKS = {"AccessShareLock", "RowShareLock", "RowExclusiveLock"}


@pytest.fixture(scope="module")
def database(server: Server) -> str:
    """A database for all tests that want an empty one: each takes up room."""
    return server.fresh_database()


@pytest.fixture
def empty(database: str) -> Iterator[psycopg.Connection[Any]]:
    """An empty database, for its superuser."""
    with connected(database) as connection:
        yield connection
    with connected(database) as connection:
        connection.execute("DROP SCHEMA IF EXISTS bfg_flowcontrol, bfg_control CASCADE")


def test_the_set_is_these_files() -> None:
    assert sorted(FILES) == sorted((*ORDER, "README.md"))
    assert replays(FILES) == [
        "30_replay.tenants_rbac.sql",
        "31_replay.operations.sql",
        "32_replay.finance.sql",
        "33_replay.audit.sql",
    ]


@pytest.mark.parametrize("name", ORDER)
def test_a_file_is_plain_sql_in_one_transaction(name: str) -> None:
    text = FILES[name]
    assert not any(line.lstrip().startswith("\\") for line in text.splitlines())
    assert "\r" not in text
    found = split(text)
    assert found[:2] == ["BEGIN;", "SET TRANSACTION ISOLATION LEVEL READ COMMITTED;"]
    assert found[-1] == ("ROLLBACK;" if name == VERIFY else "COMMIT;")
    assert {"BEGIN;", "COMMIT;", "ROLLBACK;"}.isdisjoint(found[1:-1])
    assert split(statements(text)) == found[2:-1]
    assert "CASCADE" not in statements(text).replace("nothing here says CASCADE", "")


@pytest.mark.parametrize(
    "text", ["", "SELECT 1;\n", FILES[UP] + FILES[UP], FILES[UP] + "DROP TABLE x;\n"]
)
def test_other_texts_have_no_statements(text: str) -> None:
    with pytest.raises(ValueError, match="no file of a packet set"):
        statements(text)


def test_twice_is_as_once(empty: psycopg.Connection[Any]) -> None:
    run(empty, FILES[UP])
    before = catalogue(empty)
    ledger = empty.execute("SELECT *, xmin FROM bfg_control.packet_ledger").fetchall()
    assert len(ledger) == 1
    run(empty, FILES[UP])
    assert catalogue(empty) == before
    assert empty.execute("SELECT *, xmin FROM bfg_control.packet_ledger").fetchall() == ledger


# What a server, a database or a login may have set, and what changes how SQL is read or told.
ODD_SETTINGS = {
    "standard_conforming_strings": "off",
    "quote_all_identifiers": "on",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "DateStyle": "SQL, DMY",
    "TimeZone": "Asia/Kathmandu",
    "bytea_output": "escape",
    "transform_null_equals": "on",
    "search_path": "public",
    "client_min_messages": "error",
}


def test_odd_settings_change_nothing(server: Server) -> None:
    files = packet(roles="odd")
    with connected(server.fresh_database()) as connection:
        run(connection, files[UP])
        for name, value in ODD_SETTINGS.items():
            connection.execute("SELECT set_config(%s, %s, false)", [name, value])
        run(connection, *(files[name] for name in ORDER))
        run(connection, files[UP])
        connection.execute("RESET ALL")
        run(connection, files[UP], files[VERIFY], files[DOWN], files[ROLES_DOWN])


def test_whoever_makes_the_roles_does_not_become_them(server18: Server) -> None:
    """Though the server's settings would give them to whoever makes them."""
    files = packet(roles="given")
    dsn = server18.fresh_database()
    with connected(dsn) as admin:
        admin.execute("CREATE ROLE maker LOGIN CREATEROLE")
        admin.execute("ALTER ROLE maker SET createrole_self_grant = 'set, inherit'")
        admin.execute(f"GRANT CREATE ON DATABASE {admin.info.dbname} TO maker".encode())
        with connected(dsn, user="maker") as maker:
            run(maker, files[UP], files[VERIFY], files[DOWN], files[ROLES_DOWN])
        admin.execute(f"REVOKE CREATE ON DATABASE {admin.info.dbname} FROM maker".encode())
        admin.execute("DROP ROLE maker")


def test_who_waited_for_another_sees_what_that_did(server: Server) -> None:
    """Also where transactions keep to the first view that they had."""
    files = packet(roles="second")
    dsn = server.fresh_database()
    later = "-c default_transaction_isolation=serializable"
    with connected(dsn) as first, connected(dsn, options=later) as second:
        first.execute("BEGIN")
        first.execute(statements(files[UP]).encode())
        with ThreadPoolExecutor(1) as aside:
            ran = aside.submit(run, second, files[UP])
            waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            until = time.monotonic() + 4
            while first.execute(waits).fetchone() != (1,):
                assert time.monotonic() < until
                time.sleep(0.02)
            first.execute("COMMIT")
            ran.result()
        run(first, files[VERIFY], files[DOWN], files[ROLES_DOWN])


def test_the_second_time_it_holds_nobody_up(empty: psycopg.Connection[Any]) -> None:
    """Not even a reader who sits idle in a transaction stops it, nor does it stop a writer."""
    run(empty, FILES[UP])
    with connected(empty.info.dsn) as other, undone(other), undone(empty):
        for table in TABLES:
            other.execute(f"LOCK bfg_flowcontrol.{table} IN ROW EXCLUSIVE MODE".encode())
        empty.execute(statements(FILES[UP]).encode())
        held = empty.execute(
            "SELECT DISTINCT mode FROM pg_locks JOIN pg_class ON pg_class.oid = relation"
            " WHERE pid = pg_backend_pid() AND relnamespace IN"
            " ('bfg_flowcontrol'::regnamespace, 'bfg_control'::regnamespace)"
        ).fetchall()
    assert {mode for (mode,) in held} <= WEAK_LOCKS


def test_verification_holds_nobody_up(empty: psycopg.Connection[Any]) -> None:
    run(empty, FILES[UP])
    with connected(empty.info.dsn) as other, undone(other), undone(empty):
        for table in TABLES:
            other.execute(f"LOCK bfg_flowcontrol.{table} IN ROW EXCLUSIVE MODE".encode())
        assert drifts(empty, FILES) == []


@pytest.mark.parametrize("order", [ORDER, tuple(name for name in ORDER for _ in (1, 2))[:-1]])
def test_there_and_back_again(server: Server, order: tuple[str, ...]) -> None:
    """With roles of its own: those of other tests are used by other databases of the server."""
    files = packet(roles="there")
    with connected(server.fresh_database()) as connection:
        before = catalogue(connection)
        run(connection, *(files[name] for name in order))
        assert catalogue(connection) == before


def test_a_login_that_is_no_superuser_can_run_all_of_it(server: Server) -> None:
    files = packet(roles="operated", schema="operated")
    dsn = server.fresh_database()
    name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    with connected(dsn) as admin:
        admin.execute("CREATE ROLE operator LOGIN CREATEROLE")
        admin.execute(f"GRANT CREATE ON DATABASE {name} TO operator".encode())
        try:
            before = catalogue(admin)
            with connected(dsn, user="operator") as operator:
                run(operator, files[UP], files[UP], files[VERIFY])
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    operator.execute("SELECT * FROM operated.users")
                for role in ("operated_owner", "operated_app"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        operator.execute(f"SET ROLE {role}".encode())
                run(operator, *(files[each] for each in replays(files)), files[PARITY])
                run(operator, files[VERIFY], files[ROLLBACK], files[DOWN], files[ROLES_DOWN])
            assert catalogue(admin) == before
        finally:
            admin.execute(f"REVOKE CREATE ON DATABASE {name} FROM operator".encode())
            admin.execute("DROP ROLE operator")


# Each statement of these files is tried on 18. What verification builds it undoes anyway.
MOST_KILLS = {15: 6, 18: 100}


@pytest.mark.slow
def test_killed_after_any_statement_nothing_is_left(server: Server) -> None:
    dsn = server.fresh_database()
    with connected(dsn) as watching:
        # The roles belong to the server: whether this file makes them depends on other tests.
        files = packet(roles="killed")
        for name in ORDER:
            before = catalogue(watching)
            counted = rows(watching, files)
            parts = split(files[name])
            most = 12 if name == VERIFY else MOST_KILLS[server.major]
            for reached in range(2, len(parts), 1 + len(parts) // most):
                killed(dsn, watching, "\n".join(parts[:reached]))
            alone(watching)
            assert catalogue(watching) == before, name
            assert rows(watching, files) == counted, name
            run(watching, files[name])


def killed(dsn: str, watching: psycopg.Connection[Any], begun: str) -> None:
    """Begin a file, and have the session killed."""
    session = psycopg.connect(dsn, autocommit=True)
    session.execute(begun.encode())
    watching.execute("SELECT pg_terminate_backend(%s)", [session.info.backend_pid])
    session.close()


def alone(watching: psycopg.Connection[Any]) -> None:
    """Wait until no other session is left in this database."""
    until = time.monotonic() + 20
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    while watching.execute(query).fetchone() != (1,):
        assert time.monotonic() < until
        time.sleep(0.02)


def rows(connection: psycopg.Connection[Any], files: dict[str, str]) -> list[int]:
    """How many rows each table has, for a superuser."""
    if connection.execute("SELECT to_regnamespace('bfg_control')").fetchone() == (None,):
        return []
    names = [f"bfg_flowcontrol.{table}" for table in TABLES] + ["bfg_control.replay_batches"]
    counts = " UNION ALL ".join(f"SELECT count(*) FROM {name}" for name in names)  # noqa: S608
    return [count for (count,) in connection.execute(counts.encode())]


def test_psql_runs_every_file(server: Server, tmp_path: Path) -> None:
    files = packet(roles="by_psql")
    dsn = server.fresh_database()
    for name in ORDER:
        file = tmp_path / name
        file.write_text(files[name], encoding="utf-8")
        done = subprocess.run(
            [server.bindir / "psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", file, dsn],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    with connected(dsn) as connection:
        assert connection.execute("SELECT to_regnamespace('bfg_control')").fetchone() == (None,)


FOREIGN = {
    "a schema of somebody else": "CREATE SCHEMA bfg_flowcontrol",
    "a control schema of somebody else": "CREATE SCHEMA bfg_control",
    "a ledger alone": "CREATE SCHEMA bfg_control; CREATE TABLE bfg_control.packet_ledger (x int)",
}


@pytest.mark.parametrize("made", FOREIGN.values(), ids=FOREIGN)
def test_what_the_packet_did_not_make_it_refuses(empty: psycopg.Connection[Any], made: str) -> None:
    empty.execute(made.encode())
    before = catalogue(empty)
    with pytest.raises(psycopg.Error):
        run(empty, FILES[UP])
    assert catalogue(empty) == before


def test_drift_is_refused_and_nothing_is_changed(empty: psycopg.Connection[Any]) -> None:
    run(empty, FILES[UP])
    empty.execute("CREATE POLICY leak ON bfg_flowcontrol.users USING (true)")
    before = catalogue(empty)
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="no longer as this"):
        run(empty, FILES[UP])
    assert catalogue(empty) == before


def test_another_packet_is_refused(empty: psycopg.Connection[Any]) -> None:
    run(empty, FILES[UP])
    before = catalogue(empty)
    with pytest.raises(psycopg.errors.DuplicateSchema, match="another packet"):
        run(empty, FILES[UP].replace("'the parameter bfg.tenant_id names", "'bfg.tenant_id names")
            .replace(revision(FILES[UP]), "ab" * 32))  # fmt: skip
    assert catalogue(empty) == before


def revision(text: str) -> str:
    """The revision that a file writes down."""
    return text.partition("VALUES ('bfg-flowcontrol', '")[2][:64]


def test_a_revision_is_of_what_is_done_and_not_of_the_header() -> None:
    others = packet("production-go")
    assert others[UP] != FILES[UP]
    assert revision(others[UP]) == revision(FILES[UP])
    assert revision(packet(schema="elsewhere")[UP]) != revision(FILES[UP])


def test_live_rows_are_not_taken_down(empty: psycopg.Connection[Any]) -> None:
    run(empty, FILES[UP], FILES[replays(FILES)[0]])
    before = catalogue(empty), rows(empty, FILES)
    with pytest.raises(psycopg.errors.ObjectInUse, match="rows are left in 5 tables"):
        run(empty, FILES[DOWN])
    assert (catalogue(empty), rows(empty, FILES)) == before


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE bfg_flowcontrol.more (x int)",
        "CREATE VIEW public.looks AS SELECT * FROM bfg_flowcontrol.orders",
        "CREATE FUNCTION bfg_control.more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_what_is_not_of_the_packet_is_not_taken_down(
    empty: psycopg.Connection[Any], made: str
) -> None:
    run(empty, FILES[UP])
    empty.execute(made.encode())
    before = catalogue(empty)
    with pytest.raises(psycopg.errors.DependentObjectsStillExist):
        run(empty, FILES[DOWN])
    assert catalogue(empty) == before


def test_roles_that_somebody_uses_stay(server: Server) -> None:
    files = packet(roles="used", schema="used")
    with connected(server.fresh_database()) as connection:
        run(connection, files[UP])
        with pytest.raises(psycopg.errors.DependentObjectsStillExist):
            run(connection, files[ROLES_DOWN])
        run(connection, files[DOWN])
        connection.execute("CREATE ROLE used_login LOGIN IN ROLE used_app")
        with pytest.raises(psycopg.errors.ObjectInUse, match="still granted"):
            run(connection, files[ROLES_DOWN])
        connection.execute("DROP ROLE used_login")
        run(connection, files[ROLES_DOWN], files[ROLES_DOWN])


def test_roles_that_were_there_before_stay(server: Server) -> None:
    files = packet(roles="before", schema="before")
    with connected(server.fresh_database()) as connection:
        connection.execute("CREATE ROLE before_app")
        before = catalogue(connection)
        run(connection, files[UP], files[DOWN], files[ROLES_DOWN])
        assert catalogue(connection) == before
        connection.execute("DROP ROLE before_app")


@pytest.mark.parametrize(
    "attribute",
    ["LOGIN", "SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "BYPASSRLS"],
)
def test_a_role_that_may_do_more_is_refused(empty: psycopg.Connection[Any], attribute: str) -> None:
    files = packet(roles="mighty")
    empty.execute(f"CREATE ROLE mighty_app {attribute}".encode())
    try:
        with pytest.raises(psycopg.Error, match="mighty_app may do more"):
            run(empty, files[UP])
    finally:
        empty.execute("DROP ROLE mighty_app")


def test_no_payload_no_replay() -> None:
    pack, scenario, readiness = judged()
    whole = scenario.document["snapshot"]
    assert isinstance(whole, dict)
    snapshot = {key: value for key, value in whole.items() if key != "tables"}
    bare = scenario._replace(document={**scenario.document, "snapshot": snapshot})
    assert sorted(database_packet(pack, bare, readiness)) == sorted(
        (UP, VERIFY, DOWN, ROLES_DOWN, "README.md")
    )


SQUAWK = Path(sys.executable).with_name("squawk")


@pytest.mark.parametrize("signed", [False, True])
def test_squawk_finds_nothing(tmp_path: Path, signed: bool) -> None:
    for name, text in packet(signed=signed).items():
        if name.endswith(".sql"):
            file = tmp_path / name
            file.write_text(text, encoding="utf-8")
            done = subprocess.run(
                [SQUAWK, "--pg-version=15.0", "--reporter=gcc", file],
                capture_output=True,
                text=True,
                check=False,
                cwd=tmp_path,
            )
            assert done.returncode == 0, done.stdout
