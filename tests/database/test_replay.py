"""Replay and rollback: what is absent is inserted, what is there stays, and only that goes back."""

# ruff: noqa: S608 - all queries are put together from the map, or from what stands here

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bfg_policy.digest import scalar_fault
from bfg_policy.packets.batches import ROWS_A_PIECE
from bfg_policy.packets.database import statements
from tests.database.packets import PARITY, ROLLBACK, UP, connected, own_map, replays, run
from tests.database.servers import Server
from tests.database.snapshots import ACTORS, Row, packets, rows
from tests.rendering.hostile import strings

pytestmark = pytest.mark.slow

SCHEMA, CONTROL = own_map().schema, own_map().control
FILES = packets("t", rows("t"))
ALL = [FILES[name] for name in replays(FILES)]
ORDER = f"INSERT INTO {SCHEMA}.orders (tenant_id, order_id, status) VALUES ('t', %s, %s)"
Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def made(server: Server) -> Iterator[Connection]:
    """A database with the schema and no row, for the superuser."""
    with connected(server.fresh_database()) as connection:
        run(connection, FILES[UP])
        yield connection


@pytest.fixture
def lab(made: Connection) -> Iterator[Connection]:
    """The same within a transaction that is rolled back."""
    with made.transaction(force_rollback=True):
        yield made


def do(connection: Connection, *texts: str) -> None:
    """Run files within the transaction; after an error nothing stays of the file."""
    for text in texts:
        with connection.transaction():
            connection.execute(statements(text).encode())


def state(connection: Connection) -> dict[str, list[str]]:
    """Every row of every table, with the transaction that wrote it, and the record of replays."""
    names = [f"{SCHEMA}.{name}" for name in own_map().tables] + [f"{CONTROL}.replay_batches"]
    found = {}
    for name in names:
        query = f"SELECT concat(each::text, ' ', xmin) FROM {name} AS each ORDER BY 1"
        found[name] = [row[0] for row in connection.execute(query.encode())]
    return found


def counts(connection: Connection) -> dict[str, int]:
    """The tables that have rows, and how many."""
    return {name: len(listed) for name, listed in state(connection).items() if listed}


def test_a_replay_twice_changes_nothing_the_second_time(lab: Connection) -> None:
    do(lab, *ALL, FILES[PARITY])
    before = state(lab)
    assert sum(map(len, before.values())) == 1 + 5 + 4 + 3 + 8 + 1 + len(ALL)
    do(lab, *ALL, FILES[PARITY], *reversed(ALL))
    assert state(lab) == before


def test_rollback_takes_all_back_and_again_nothing(lab: Connection) -> None:
    before = state(lab)
    do(lab, *ALL, FILES[ROLLBACK])
    assert state(lab) == before == {name: [] for name in before}
    do(lab, FILES[ROLLBACK])
    do(lab, *ALL, FILES[PARITY], FILES[ROLLBACK])
    assert state(lab) == before


def test_what_was_there_before_stays(lab: Connection) -> None:
    others = packets("u", rows("u"))
    do(lab, *(others[name] for name in replays(others)))
    do(lab, ALL[0])
    lab.execute(ORDER.encode(), ["o-2", ""])  # as the snapshot has it
    lab.execute(ORDER.encode(), ["mine", "is not of the snapshot"])
    before = counts(lab)
    do(lab, *ALL)
    assert counts(lab)[f"{SCHEMA}.orders"] == before[f"{SCHEMA}.orders"] + 2
    lab.execute(f"UPDATE {SCHEMA}.users SET replayed_in = NULL WHERE tenant_id = 't'".encode())
    lab.execute(f"UPDATE {SCHEMA}.roles SET replayed_in = NULL WHERE tenant_id = 't'".encode())
    lab.execute(f"UPDATE {SCHEMA}.tenants SET replayed_in = NULL WHERE tenant_id = 't'".encode())
    do(lab, FILES[ROLLBACK])
    left = f"SELECT order_id FROM {SCHEMA}.orders WHERE tenant_id = 't' ORDER BY 1"
    assert lab.execute(left.encode()).fetchall() == [("mine",), ("o-2",)]
    kept = ("orders", "users", "roles", "tenants")
    assert {f"{SCHEMA}.{name}" for name in kept} <= {*counts(lab)}
    do(lab, others[PARITY])


def test_half_a_replay_goes_on_where_it_ended_or_back(lab: Connection) -> None:
    before = state(lab)
    do(lab, *ALL[:2])
    half = state(lab)
    do(lab, FILES[ROLLBACK])
    assert state(lab) == before
    do(lab, *ALL[:2])
    assert {name: len(listed) for name, listed in half.items()} == {
        name: len(listed) for name, listed in state(lab).items()
    }
    do(lab, *ALL[2:], FILES[PARITY])


@pytest.mark.parametrize("number", range(1, len(ALL)))
def test_a_batch_waits_for_those_before_it(lab: Connection, number: int) -> None:
    do(lab, *ALL[: number - 1])
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState) as refused:
        do(lab, ALL[number])
    assert refused.value.diag.message_hint == f"Run {replays(FILES)[number - 1]} first."


def test_rows_that_are_gone_since_are_replayed_again(lab: Connection) -> None:
    do(lab, *ALL)
    lab.execute(f"DELETE FROM {SCHEMA}.payments".encode())
    do(lab, *ALL, FILES[PARITY], FILES[ROLLBACK])
    assert counts(lab) == {}


def differing(error: psycopg.Error) -> list[str]:
    return (error.diag.message_detail or "").splitlines()


def test_a_row_that_is_there_and_differs_is_named_and_kept(lab: Connection) -> None:
    do(lab, ALL[0])
    lab.execute(ORDER.encode(), ["o-2", "other"])
    lab.execute(ORDER.encode(), ["o-3", ""])
    lab.execute(ORDER.encode(), ["o-4", "not of the snapshot"])
    before = state(lab)
    with pytest.raises(psycopg.errors.DataException) as refused:
        do(lab, ALL[1])
    assert differing(refused.value) == ['orders ["o-2"] differs', 'orders ["o-3"] differs']
    assert state(lab) == before


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("NEW.status := upper(NEW.status); RETURN NEW", 'orders ["o-1"] differs'),
        ("IF NEW.order_id = 'o-2' THEN RETURN NULL; END IF; RETURN NEW", 'orders ["o-2"] was not'),
    ],
)
def test_what_a_trigger_makes_of_the_rows_is_noticed(lab: Connection, body: str, told: str) -> None:
    do(lab, ALL[0])
    lab.execute(
        f"CREATE FUNCTION {SCHEMA}.spoil() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN {body}; END $$;"
        f"CREATE TRIGGER spoil BEFORE INSERT ON {SCHEMA}.orders"
        f" FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.spoil()".encode()
    )
    with pytest.raises(psycopg.errors.DataException) as refused:
        do(lab, ALL[1])
    assert [line[: len(told)] for line in differing(refused.value)] == [told]


def test_what_was_changed_since_is_not_taken_back(lab: Connection) -> None:
    do(lab, *ALL)
    lab.execute(f"UPDATE {SCHEMA}.orders SET status = 'sent' WHERE order_id = 'o-2'".encode())
    lab.execute(f"UPDATE {SCHEMA}.payments SET amount_minor = 0".encode())
    before = state(lab)
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState) as refused:
        do(lab, FILES[ROLLBACK])
    assert differing(refused.value) == [
        *('payments ["p-1"] was changed', 'orders ["o-2"] was changed')
    ]
    assert state(lab) == before


def test_what_others_made_of_it_stops_a_rollback(lab: Connection) -> None:
    do(lab, *ALL)
    lab.execute(
        f"INSERT INTO {SCHEMA}.order_events (tenant_id, event_id, order_id, actor_id, kind, at)"
        " VALUES ('t', 'later', 'o-1', 'anna', 'lost', now())".encode()
    )
    before = state(lab)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        do(lab, FILES[ROLLBACK])
    assert state(lab) == before


def test_two_snapshots_of_a_tenant_go_back_one_by_one(lab: Connection) -> None:
    more = rows("t")
    more["orders"].append({"tenant_id": "t", "order_id": "o-4", "status": "new"})
    later = packets("t", more)
    do(lab, *ALL)
    before = state(lab)
    do(lab, *(later[name] for name in replays(later)))
    assert counts(lab)[f"{SCHEMA}.orders"] == 4
    do(lab, later[ROLLBACK])
    assert state(lab) == before
    do(lab, FILES[ROLLBACK])
    assert counts(lab) == {}


def test_several_pieces_make_one_table(lab: Connection) -> None:
    row = {"tenant_id": "t", "status": ""}
    orders: list[Row] = [{**row, "order_id": f"o-{n}"} for n in range(ROWS_A_PIECE * 2 + 1)]
    files = packets("t", {"orders": orders})
    assert files["31_replay.operations.sql"].count("SET LOCAL bfg_policy.piece_") == 3
    do(lab, *(files[name] for name in replays(files)), files[PARITY])
    assert counts(lab)[f"{SCHEMA}.orders"] == len(orders)
    lab.execute(f"DELETE FROM {SCHEMA}.orders WHERE order_id LIKE 'o-7%'".encode())
    do(lab, *(files[name] for name in replays(files)), files[PARITY], files[ROLLBACK])
    assert counts(lab) == {}


def test_references_are_looked_up_by_the_key_even_where_a_table_was_empty(lab: Connection) -> None:
    row = {"tenant_id": "t", "client_id": "lviv", "status": ""}
    orders: list[Row] = [{**row, "order_id": f"o-{n}"} for n in range(2_000)]
    files = packets("t", {"orders": orders})
    do(lab, *(files[name] for name in replays(files)), files[ROLLBACK])
    lab.execute(f"ANALYZE {SCHEMA}.orders".encode())
    do(lab, *(files[name] for name in replays(files)))
    query = f"EXPLAIN SELECT FROM {SCHEMA}.orders WHERE tenant_id = 't' AND order_id = 'o-1'"
    plan = "\n".join(row[0] for row in lab.execute(query.encode()))
    assert "orders_pkey" in plan
    assert "Filter" not in plan


def nasty(tenant: str) -> dict[str, list[Row]]:
    """Every hostile string as a key and as a value, as far as PostgreSQL can hold it."""
    given = [each for each in strings() if each and not scalar_fault(each)]
    given += ["$replay$", "$query$", "$packet$;\nROLLBACK;", "\\!", "E'\\'' --", "a\\", "'"]
    unique = dict.fromkeys(each[:500] for each in given)
    orders: list[Row] = [
        {"tenant_id": tenant, "order_id": each, "status": each, "cargo": each[::-1]}
        for each in unique
    ]
    events: list[Row] = [
        {
            "tenant_id": tenant,
            "event_id": each,
            "order_id": each,
            "actor_id": "anna",
            "kind": each * 2,
            "at": "2026-11-01T08:00:00.000000Z",
        }
        for each in unique
    ]
    return {"orders": orders, "order_events": events}


def test_hostile_text_stays_data_by_a_driver(lab: Connection) -> None:
    for tenant in ("t", "'; ROLLBACK; --", "$replay$ \\ ż"):
        tables = nasty(tenant)
        actors = [actor._replace(name=tables["orders"][7]["status"]) for actor in ACTORS]
        files = packets(tenant, tables, actors)
        do(lab, *(files[name] for name in replays(files)), files[PARITY])
        query = f"SELECT order_id, status, cargo FROM {SCHEMA}.orders WHERE tenant_id = %s"
        assert sorted(lab.execute(query.encode(), [tenant]).fetchall()) == sorted(
            (row["order_id"], row["status"], row["cargo"]) for row in tables["orders"]
        )
        do(lab, files[ROLLBACK])
    assert counts(lab) == {}


def test_hostile_text_stays_data_by_psql(server: Server, tmp_path: Path) -> None:
    dsn = server.fresh_database()
    files = packets("t", nasty("t"))
    for name in (UP, *replays(files), PARITY, ROLLBACK):
        (tmp_path / name).write_text(files[name], encoding="utf-8")
        done = subprocess.run(
            ["psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", tmp_path / name, dsn],
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PGCLIENTENCODING": "UTF8"},
        )
        assert (done.returncode, "ERROR" in done.stderr) == (0, False), done.stderr
    with connected(dsn) as connection:
        assert counts(connection) == {}


LIMITS: dict[str, Callable[[], dict[str, list[Row]]]] = {
    "the longest key that is taken": lambda: {
        "orders": [
            {"tenant_id": "t", "order_id": json.dumps([*range(700)])[:2499], "status": "x"},
            {
                "tenant_id": "t",
                "order_id": "".join(map(chr, range(0x4E00, 0x4E00 + 833))),
                "status": "",
            },
        ]
    },
    "no table at all": dict,
    "a large text": lambda: {
        "orders": [{"tenant_id": "t", "order_id": "o", "status": "ż'\\$" * 200_000}]
    },
}


@pytest.mark.parametrize("limit", LIMITS)
def test_at_its_limits_a_payload_is_replayed(lab: Connection, limit: str) -> None:
    files = packets("t", LIMITS[limit]())
    do(lab, *(files[name] for name in replays(files)), files[PARITY], files[ROLLBACK])
    assert counts(lab) == {}
