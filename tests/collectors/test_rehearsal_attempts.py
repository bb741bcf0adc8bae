"""The made-up tenants fit every map, and an attempt is told apart by how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import psycopg
import pytest

from bfg_policy.collectors.rehearsal.attempts import (
    DANGLING,
    KEPT,
    NOTHING,
    REFUSED,
    Attempt,
    Expected,
    make,
    rows,
)
from bfg_policy.collectors.rehearsal.strangers import make_strangers
from bfg_policy.collectors.servers import Server
from bfg_policy.database import Batch, Column, Reference, SchemaMap, Table
from bfg_policy.packets.batches import mapped_scenario
from bfg_policy.pipeline import Judged
from bfg_policy.scenario import Scenario
from tests.collectors.rehearsing import Database, database_on
from tests.database.packets import judged, own_map

Connection = psycopg.Connection[tuple[object, ...]]
TREE = Table(
    name="tree",
    source="payload",
    key=("tenant_id", "number"),
    columns=(
        Column("tenant_id", "text", "tenant_id"),
        Column("number", "integer", "id"),
        Column("parent", "integer", "above", optional=True),
        Column("is_leaf", "boolean", "leaf"),
        Column("note", "text", "note", nullable=True),
        Column("more", "json", "more"),
        Column("since", "timestamp", "since"),
    ),
    references=(Reference(("tenant_id", "parent"), "tree"),),
    app=("select", "insert"),
    append_only=False,
    batch="trees",
)


@cache
def real() -> Judged:
    return judged()


def with_tables(scenario: Scenario, tables: dict[str, Any]) -> Scenario:
    snapshot = scenario.document["snapshot"]
    assert isinstance(snapshot, dict)
    return scenario._replace(
        document={**scenario.document, "snapshot": {**snapshot, "tables": tables}}
    )


def empty(scenario: Scenario) -> tuple[SchemaMap, Scenario]:
    return own_map(), with_tables(scenario, {})


def with_a_tree(scenario: Scenario) -> tuple[SchemaMap, Scenario]:
    own = own_map()
    schema_map = own._replace(
        tables={**own.tables, "tree": TREE},
        batches=(*own.batches, Batch("trees", ("tree",))),
    )
    row = {"tenant_id": scenario.tenant, "id": 7, "leaf": True, "note": None, "more": [1]}
    since = {"since": "2026-11-02T08:13:00.000000Z"}
    snapshot = scenario.document["snapshot"]
    assert isinstance(snapshot, dict)
    return schema_map, with_tables(scenario, {**snapshot["tables"], "tree": [{**row, **since}]})


def alone(scenario: Scenario) -> tuple[SchemaMap, Scenario]:
    """One actor, without permissions."""
    name, actor = next(iter(scenario.actors.items()))
    return own_map(), scenario._replace(actors={name: actor._replace(permissions=())})


@pytest.mark.parametrize("case", [None, empty, with_a_tree, alone])
def test_made_up_tenants_fit_the_map(case: Any) -> None:
    """Nothing dangles, nothing stands twice, and each payload's table has a row."""
    pack, scenario, _ = real()
    schema_map, scenario = case(scenario) if case else (own_map(), scenario)
    strangers = make_strangers(schema_map, scenario)
    for count, each in ((1, strangers.first), (2, strangers.second)):
        mapped = mapped_scenario(schema_map, pack, each)
        assert mapped is not None
        assert mapped.problems == ()
        assert mapped.sha256 == each.snapshot_sha256
        assert each.tenant != scenario.tenant
        for table in schema_map.tables.values():
            if table.source == "payload":
                assert len(mapped.tables[table.name].rows) == count
    assert strangers.first.tenant != strangers.second.tenant


def test_ids_are_shared_and_one_row_is_the_others_alone() -> None:
    strangers = make_strangers(own_map(), real().scenario)
    for name, row in strangers.only_second.items():
        key = [column for column in own_map().tables[name].key if column != "tenant_id"]
        assert [row[column] for column in key] != [strangers.rows[name][column] for column in key]
    assert {"users", "orders", "finance_documents"} <= set(strangers.only_second)
    assert strangers.rows["orders"]["order_id"] == "ord-2026-0001"


@pytest.fixture
def opened(server18: Server) -> Iterator[Connection]:
    with database_on(server18) as database:
        yield from _opened(database)


def _opened(database: Database) -> Iterator[Connection]:
    with psycopg.connect(database.admin, autocommit=True) as connection:
        connection.execute("CREATE ROLE attempting")
        try:
            connection.execute("CREATE TABLE t (a int PRIMARY KEY, b int)")
            connection.execute("ALTER TABLE t ADD FOREIGN KEY (b) REFERENCES t DEFERRABLE")
            connection.execute("INSERT INTO t VALUES (1), (2)")
            connection.execute("GRANT SELECT, INSERT ON t TO attempting")
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.execute("ROLLBACK")
            connection.execute("DROP TABLE t; DROP ROLE attempting")


OUTCOMES = [
    ("SELECT 1 FROM t", rows(2), None),
    ("SELECT 1 FROM t", NOTHING, "2 rows"),
    ("SELECT 1 FROM t WHERE a = 1", rows(2), "1 row"),
    ("SELECT 1 FROM t WHERE false", NOTHING, None),
    ("UPDATE t SET b = 1", REFUSED, None),
    ("UPDATE t SET b = 1", NOTHING, None),
    ("UPDATE t SET b = 1", rows(2), "SQLSTATE 42501"),
    ("INSERT INTO t VALUES (3, 1); SELECT 1 FROM t", rows(3), None),
    ("INSERT INTO t VALUES (3, 9)", DANGLING, None),
    ("SET CONSTRAINTS ALL DEFERRED; INSERT INTO t VALUES (3, 9)", DANGLING, None),
    ("INSERT INTO t VALUES (1)", REFUSED, "SQLSTATE 23505"),
    ("SELECT 1 FROM nowhere", REFUSED, "SQLSTATE 42P01"),
    ("SELECT 1 FROM nowhere", KEPT, "SQLSTATE 42P01"),
    ("this is no SQL", REFUSED, "SQLSTATE 42601"),
    ("SELECT 1 / 0", Expected(None, ("22012",)), None),
    ("SELECT 1 WHERE current_user = 'attempting'", rows(1), None),
    ("SELECT 1 WHERE current_setting('lab.tenant') = 'mine'", rows(1), None),
]


@pytest.mark.parametrize(("statement", "expected", "outcome"), OUTCOMES)
def test_an_attempt_ends_as_it_should_or_surprises(
    opened: Connection, statement: str, expected: Expected, outcome: str | None
) -> None:
    attempt = Attempt("it", "attempting", {"lab.tenant": "mine"}, statement, expected)
    surprises = make(opened, [attempt])
    assert [str(each.outcome) for each in surprises] == ([] if outcome is None else [outcome])


def test_attempts_leave_nothing_to_each_other(opened: Connection) -> None:
    added = "INSERT INTO t VALUES (3)"
    attempts = [
        Attempt("adds", "attempting", {}, added, rows(1)),
        Attempt("adds again", "attempting", {}, added, rows(1)),
        Attempt("fails", "attempting", {}, "SELECT 1 / 0", rows(1)),
        Attempt("counts", "attempting", {}, "SELECT 1 FROM t", rows(2)),
    ]
    (surprise,) = make(opened, attempts)
    assert (surprise.attempt.what, surprise.leaks) == ("fails", False)
    assert opened.execute("SELECT count(*), current_user FROM t").fetchone() == (2, "postgres")
    assert make(opened, []) == ()


@pytest.mark.parametrize(
    ("expected", "statement", "leaks"),
    [
        (REFUSED, "SELECT 1", True),
        (NOTHING, "SELECT 1", True),
        (rows(1), "SELECT 1 FROM t", True),
        (rows(3), "SELECT 1 FROM t", False),
        (rows(1), "UPDATE t SET b = 1", False),
    ],
)
def test_a_leak_is_told_from_what_is_wrongly_refused(
    opened: Connection, expected: Expected, statement: str, leaks: bool
) -> None:
    (surprise,) = make(opened, [Attempt("it", "attempting", {}, statement, expected)])
    assert surprise.leaks is leaks
