"""The SQL packets of the repository's own scenarios, and how tests run and look at them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

import psycopg

from bfg_policy import pipeline
from bfg_policy.database import DatabaseRoles, SchemaMap
from bfg_policy.packets.database import database_packet, statements
from bfg_policy.pipeline import Judged
from tests.shared import ROOT

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
UP, VERIFY, PARITY = "10_schema.up.sql", "20_schema.verify.sql", "40_parity.sql"
ROLLBACK, DOWN, ROLES_DOWN = "80_rollback.data.sql", "90_schema.down.sql", "99_roles.down.sql"
TABLES = (
    *("tenants", "roles", "role_permissions", "users", "orders", "order_events"),
    *("finance_documents", "payments", "audit_events", "scenario_snapshots"),
)

_TOKEN = re.compile(
    r"--[^\n]*|\$(\w*)\$.*?\$\1\$|E'(?:\\.|''|[^'\\])*'|'(?:''|[^'])*'|\"(?:\"\"|[^\"])*\"|;"
    r"|[^-$E'\";]+|.",
    re.DOTALL,
)


@cache
def judged(scenario: str = "staging-rehearsal") -> Judged:
    """A scenario of the repository, judged."""
    loaded = pipeline.open_pack(ROOT / "policies", None, ROOT)
    return pipeline.judge_scenario(loaded, ROOT / "scenarios" / scenario, AT, ROOT)


def own_map() -> SchemaMap:
    """The map of the repository's pack."""
    found = judged().pack.schema_map
    assert found is not None
    return found


@cache
def packet(
    scenario: str = "staging-rehearsal",
    *,
    roles: str = "bfg",
    schema: str | None = None,
    signed: bool = False,
) -> dict[str, str]:
    """The set of a scenario. roles: what their names begin with."""
    pack, document, readiness = judged(scenario)
    own = own_map()
    chosen = own._replace(
        roles=DatabaseRoles(*(f"{roles}_{name}" for name in DatabaseRoles._fields)),
        tenant=own.tenant._replace(signed=signed),
    )
    return database_packet(pack._replace(schema_map=chosen), document, readiness, schema=schema)


def replays(files: dict[str, str]) -> list[str]:
    """The names of the replays of a set, in their order."""
    return [name for name in sorted(files) if "_replay." in name]


def run(connection: psycopg.Connection[Any], *texts: str) -> None:
    """Run whole files; after an error nothing stays of the file, and the error is raised."""
    for text in texts:
        try:
            connection.execute(text.encode())
        except psycopg.Error:
            connection.execute("ROLLBACK")
            raise


def connected(dsn: str, **options: str) -> psycopg.Connection[Any]:
    """A connection in autocommit."""
    return psycopg.connect(dsn, autocommit=True, **options)  # type: ignore[arg-type]


@contextmanager
def undone(connection: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """A transaction that is rolled back."""
    with connection.transaction(force_rollback=True):
        yield connection


def drifts(connection: psycopg.Connection[Any], files: dict[str, str]) -> list[str]:
    """What the verification of a set names; to be called in a transaction."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statements(files[VERIFY]).encode())
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        return (error.diag.message_detail or "").splitlines()
    return []


def split(text: str) -> list[str]:
    """The statements of a text, each with its semicolon; comments fall away."""
    found, now = [], ""
    for match in _TOKEN.finditer(text):
        part = match[0]
        now += "" if part.startswith("--") else part
        if part == ";":
            found.append(now.strip())
            now = ""
    assert not now.strip()
    return found


# Everything that a packet could leave behind, but the statistics that the server keeps for itself.
_CATALOGUES = {
    "pg_namespace": "",
    "pg_class": " - ARRAY['relpages', 'reltuples', 'relallvisible', 'relallfrozen', 'relhasindex',"
    " 'relfrozenxid', 'relminmxid']",
    "pg_attribute": "",
    "pg_attrdef": "",
    "pg_constraint": "",
    "pg_index": "",
    "pg_policy": "",
    "pg_trigger": "",
    "pg_rewrite": "",
    "pg_proc": "",
    "pg_type": "",
    "pg_default_acl": "",
    "pg_depend": "",
    "pg_shdepend": "",
    "pg_description": "",
    "pg_shdescription": "",
    "pg_authid": "",
    "pg_auth_members": "",
    "pg_db_role_setting": "",
}


def catalogue(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """The digest of each catalogue: of its rows, with the transactions that wrote them."""
    return {
        name: connection.execute(
            f"SELECT md5(string_agg(row, ',' ORDER BY row)) FROM (SELECT concat(to_jsonb(each)"  # noqa: S608
            f"{less}, xmin) FROM {name} AS each) AS rows (row)".encode()
        ).fetchone()[0]  # type: ignore[index]
        for name, less in _CATALOGUES.items()
    }
