"""`probe` on real servers: what a good one gives, and how each bad one fails."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import sql
from psycopg.conninfo import make_conninfo
from syrupy.assertion import SnapshotAssertion

from bfg_policy import pipeline
from bfg_policy.collectors.scene import Target, target_of
from bfg_policy.collectors.servers import Server, embedded_server
from bfg_policy.collectors.subjects import read_subject
from tests.collectors.lab import (
    RECORD,
    SCENARIO,
    Access,
    assert_nothing_leaks,
    debian,
    new_access,
    probe,
    standby_of,
    wheel,
)
from tests.collectors.wrongs import FOREIGN_ROWS, NO_FOREIGN_ROWS, WRONG, Wrong
from tests.running import run
from tests.shared import ROOT

ALL_PASS = {"endpoint": "pass", "tls": "pass", "rbac": "pass", "write_probe": "pass"}


def expected(**statuses: str) -> dict[str, str]:
    """The statuses of a probe; what is not named was not run."""
    return {**dict.fromkeys(ALL_PASS, "not_run"), **statuses}


@pytest.mark.parametrize("programs", [debian, wheel])
def test_an_embedded_server_takes_the_board_to_four_of_four(
    programs: object, project: Path
) -> None:
    assert callable(programs)
    environment = {"BFG_PG_BINDIR": str(programs().folder)}
    probed = probe(project, environment=environment)
    assert (probed.ran.code, probed.statuses) == (0, ALL_PASS), probed.ran.stdout
    assert probed.record["target"] == {"adapter": "db-auth-session-adapter", "kind": "ephemeral"}
    assert probed.record["collector"] == "bfg-policy"
    assert probed.record["rbac"]["actors"] == 7
    assert probed.record["write_probe"]["rolled_back"] is True
    assert probed.record["tls"]["verify_full"] is True
    assert probed.record["tls"]["ends_at"] == ("server" if programs().has_tls else "front")
    checked = run("check", SCENARIO, "--at", "2026-11-23T00:00:00Z", cwd=project)
    assert re.search(r"adapter-connection +4/4", checked.stdout)


def test_a_reviewer_reads_what_was_observed(project: Path, snapshot: SnapshotAssertion) -> None:
    environment = {"BFG_PG_BINDIR": str(wheel().folder)}
    probed = probe(project, environment=environment)
    changing = re.compile(r"[0-9a-f]{64}|(?<=PostgreSQL )[0-9.]+[0-9]|(?<=later  ) *18[0-9.]*")
    assert changing.sub("…", probed.ran.stdout) == snapshot
    assert changing.sub("…", (project / RECORD).read_text()) == snapshot


def test_a_named_server_is_live(server: Server, project: Path) -> None:
    access = new_access(server)
    probed = probe(project, "--dsn", access.url)
    assert (probed.ran.code, probed.statuses) == (0, ALL_PASS), probed.ran.stdout
    assert probed.record["target"]["kind"] == "live"
    assert_nothing_leaks(probed, access)


def test_it_may_be_called_ephemeral(server18: Server, project: Path) -> None:
    probed = probe(project, "--ephemeral", "--dsn", new_access(server18).dsn)
    assert probed.record["target"]["kind"] == "ephemeral"


def test_nothing_stays_on_a_live_server(server: Server, project: Path) -> None:
    access = new_access(server)
    before = catalogue(server, access)
    assert probe(project, "--dsn", access.dsn).ran.code == 0
    assert catalogue(server, access) == before


def catalogue(server: Server, access: Access) -> list[str]:
    """Everything that a probe could leave: roles, memberships, schemas, what lies in them."""
    admin = make_conninfo(server.admin_dsn, dbname=access.parameters["dbname"])
    tables = "pg_authid pg_auth_members pg_namespace pg_proc pg_type pg_constraint pg_policy"
    with psycopg.connect(admin) as connection:
        queries = [f"TABLE {name}" for name in tables.split()]
        # Of relations without their statistics, which time alone changes.
        queries.append("SELECT relname, oid::text || coalesce(relacl::text, '') FROM pg_class")
        return sorted(str(row) for query in queries for row in connection.execute(query.encode()))


@pytest.mark.parametrize(
    ("attributes", "setting", "words"),
    [
        ("SUPERUSER", "", "a superuser sees every tenant"),
        ("BYPASSRLS CREATEROLE", "", "a login with BYPASSRLS sees every tenant"),
        ("CREATEROLE", "SET default_transaction_read_only = on", "its transactions are read-only"),
    ],
)
def test_a_login_that_proves_nothing_fails(
    attributes: str, setting: str, words: str, server15: Server, project: Path
) -> None:
    access = new_access(server15, attributes, setting)
    probed = probe(project, "--dsn", access.url)
    assert probed.ran.code == 1
    assert probed.statuses == expected(endpoint="fail", tls="pass")
    assert words in probed.ran.stdout
    assert_nothing_leaks(probed, access)


def test_a_login_that_could_become_a_superuser_fails(server15: Server, project: Path) -> None:
    access = new_access(server15)
    with psycopg.connect(server15.admin_dsn, autocommit=True) as admin:
        login = sql.Identifier(access.parameters["user"])
        admin.execute(sql.SQL("GRANT postgres TO {}").format(login))
    probed = probe(project, "--dsn", access.dsn)
    assert probed.statuses == expected(endpoint="fail", tls="pass")
    assert "may become a role that does not" in probed.ran.stdout


@pytest.mark.slow
def test_a_standby_fails(server15: Server, project: Path) -> None:
    access = new_access(server15)
    with standby_of(server15) as port:
        probed = probe(project, "--dsn", access.but(port=str(port)).dsn)
    assert probed.statuses == expected(endpoint="fail", tls="pass")
    assert "it follows another server and cannot be written to" in probed.ran.stdout
    assert probed.record["endpoint"]["in_recovery"] is True
    assert_nothing_leaks(probed, access)


def test_a_database_in_another_encoding_fails(server15: Server, project: Path) -> None:
    access = new_access(server15, encoding="SQL_ASCII")
    probed = probe(project, "--dsn", access.dsn)
    assert probed.statuses == expected(endpoint="fail", tls="pass")
    assert probed.record["endpoint"]["encoding"] == "SQL_ASCII"
    assert_nothing_leaks(probed, access)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"password": "wröng/zqx%41"}, "a wrong password, or no such login"),
        ({"user": "stranger-zqx"}, "a wrong password, or no such login"),
        ({"dbname": "elsewhere-zqx"}, "no such database"),
        ({"password": ""}, "asks for a password, and none was given"),
    ],
)
def test_who_is_not_let_in_is_told_so_without_a_word_of_the_dsn(
    changed: dict[str, str], words: str, server: Server, project: Path
) -> None:
    access = new_access(server).but(passfile="/dev/null", **changed)
    probed = probe(project, "--dsn", access.dsn)
    assert probed.ran.code == 1
    assert probed.statuses == expected(endpoint="fail", tls="pass")
    assert words in probed.ran.stdout
    assert_nothing_leaks(probed, access._replace(secrets=(*changed.values(), *access.secrets)))


def test_a_port_where_nobody_listens_fails(server15: Server, project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
    access = new_access(server15).but(port=port)
    probed = probe(project, "--dsn", access.url)
    assert probed.statuses == expected(endpoint="fail")
    assert probed.record["endpoint"]["reachable"] is False
    assert "nobody listens there" in probed.ran.stdout
    assert_nothing_leaks(probed, access)


def test_a_name_that_nobody_has_fails(server15: Server, project: Path) -> None:
    access = new_access(server15).but(host="zqx.invalid", hostaddr="")
    probed = probe(project, "--dsn", access.url)
    assert probed.statuses == expected(endpoint="fail")
    assert "its name is not known" in probed.ran.stdout
    assert_nothing_leaks(probed, access._replace(secrets=("zqx.invalid", *access.secrets)))


def test_a_name_that_nobody_can_have_fails(project: Path) -> None:
    probed = probe(project, "--dsn", "host=zqx..invalid")
    assert probed.statuses == expected(endpoint="fail")
    assert "its name is none that a server can have" in probed.ran.stdout
    assert "zqx" not in probed.ran.stdout


def test_a_role_of_the_packets_that_is_no_such_role_is_told(project: Path) -> None:
    with embedded_server(wheel()) as server:
        as_admin(server, "CREATE ROLE bfg_app BYPASSRLS")
        access = new_access(server)
        probed = probe(project, "--dsn", access.dsn)
    assert probed.statuses == expected(endpoint="pass", tls="pass", rbac="error")
    assert "error  the schema stands" in probed.ran.stdout
    assert_nothing_leaks(probed, access)


def remap(project: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the schema map of a project."""
    (file,) = (project / "policies" / "database").glob("*.yaml")
    schema_map = yaml.safe_load(file.read_text("utf-8"))
    change(schema_map)
    file.write_text(yaml.safe_dump(schema_map, sort_keys=False), "utf-8")


def test_signed_claims_are_signed(server: Server, project: Path) -> None:
    remap(project, lambda written: written["tenant"].update(signed=True))
    probed = probe(project, "--dsn", new_access(server).dsn)
    assert (probed.ran.code, probed.statuses) == (0, ALL_PASS), probed.ran.stdout


def test_a_row_is_written_where_one_can_stand_alone(server15: Server, project: Path) -> None:
    def only_events(written: dict[str, Any]) -> None:
        written["tables"]["orders"]["app"] = ["select"]

    remap(project, only_events)
    probed = probe(project, "--dsn", new_access(server15).dsn)
    assert probed.ran.code == 0, probed.ran.stdout
    # An event of an order needs an order; one of the audit needs an actor, and there are some.
    assert probed.record["write_probe"]["table"] == "audit_events"


def test_a_map_that_lets_nothing_be_written_cannot_be_probed(
    server15: Server, project: Path
) -> None:
    def only_read(written: dict[str, Any]) -> None:
        for table in written["tables"].values():
            table["app"] = ["select"]

    remap(project, only_read)
    probed = probe(project, "--dsn", new_access(server15).dsn)
    assert probed.statuses == {**ALL_PASS, "write_probe": "error"}
    assert "no table that the application could write to alone" in probed.ran.stdout


def test_a_map_without_actors_cannot_be_probed(server15: Server, project: Path) -> None:
    def nobody(written: dict[str, Any]) -> None:
        written["tables"]["users"]["app"] = []

    remap(project, nobody)
    probed = probe(project, "--dsn", new_access(server15).dsn)
    assert probed.statuses == expected(endpoint="pass", tls="pass", rbac="error")
    assert "no table of actors that the application reads" in probed.ran.stdout


def test_a_login_that_may_not_make_roles_is_told_so(server15: Server, project: Path) -> None:
    access = new_access(server15, "NOCREATEROLE")
    probed = probe(project, "--dsn", access.dsn)
    assert probed.statuses == expected(endpoint="pass", tls="pass", rbac="error")
    assert "the login lacks a privilege" in probed.ran.stdout
    assert_nothing_leaks(probed, access)


@pytest.fixture(scope="module")
def migrated() -> Iterator[Server]:
    """A server on which the packets were run for good, with a row of another tenant."""
    with embedded_server(wheel()) as server:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            packets = target().packets
            for name in ("10_schema.up.sql", "30_replay.tenants_rbac.sql"):
                connection.execute(packets[name].encode())
        yield server


def target() -> Target:
    loaded = pipeline.open_pack(ROOT / "policies", None, ROOT)
    subject = read_subject(ROOT / SCENARIO, loaded.pack, loaded.contracts, ROOT)
    assert loaded.pack.schema_map is not None
    return target_of(loaded.pack, loaded.pack.schema_map, subject.scenario)


def as_admin(server: Server, statements: str) -> None:
    with psycopg.connect(server.admin_dsn, autocommit=True) as admin:
        admin.execute(statements.encode())


def test_a_schema_that_is_there_is_taken_as_it_is(migrated: Server, project: Path) -> None:
    probed = probe(project, "--dsn", migrated.dsn)
    assert (probed.ran.code, probed.statuses) == (0, ALL_PASS), probed.ran.stdout
    assert probed.record["rbac"]["schema"] == "found"


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.what)
def test_what_went_wrong_on_a_server_is_noticed(
    wrong: Wrong, migrated: Server, project: Path
) -> None:
    as_admin(migrated, FOREIGN_ROWS + wrong.spoil)
    try:
        probed = probe(project, "--dsn", migrated.dsn)
    finally:
        as_admin(migrated, wrong.mend + NO_FOREIGN_ROWS)
    assert probed.ran.code == 1
    assert probed.statuses[wrong.section] in ("fail", "error")
    assert re.search(f"{wrong.words}\n", probed.ran.stdout), probed.ran.stdout
