"""Whatever a row of a map holds: Python and both servers write the same line and the same key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bfg_policy.database.rows import map_rows
from bfg_policy.database.sources import Given
from bfg_policy.digest import canonical, table_digest
from bfg_policy.packets.database import statements
from tests.database.kinds import COLUMNS, KEY, MAP, ROWS
from tests.database.packets import PARITY, UP, connected, replays, run
from tests.database.servers import Server
from tests.database.snapshots import Row, packets

pytestmark = pytest.mark.slow

AS_FIXTURES = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
NAMES = {column.source: column.name for column in COLUMNS}


@pytest.fixture(scope="module")
def made(server: Server) -> Iterator[psycopg.Connection[Any]]:
    """A database with the tables of the map, for the superuser."""
    with connected(server.fresh_database()) as connection:
        run(connection, packets("t", {}, map_=MAP)[UP])
        connection.execute("SET TimeZone = 'Asia/Kathmandu'; SET DateStyle = 'SQL, DMY'")
        yield connection


@settings(AS_FIXTURES, max_examples=100)
@given(st.lists(ROWS, min_size=1, max_size=8))
def test_lines_and_keys(made: psycopg.Connection[Any], rows: list[Row]) -> None:
    stored = [{NAMES[key]: value for key, value in row.items()} for row in rows]
    query = """
        SELECT kinds_control.line(each.*), kinds_control.row_key(each.*)
        FROM json_populate_recordset(NULL::kinds.kinds, %s::json) AS each
    """
    expected = [
        (canonical(row).decode(), canonical([held[name] for name in KEY[1:]]).decode())
        for row, held in zip(rows, stored, strict=True)
    ]
    assert made.execute(query, [json.dumps(stored)]).fetchall() == expected


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[column.source] for column in COLUMNS[1:5])


@settings(AS_FIXTURES, max_examples=6)
@given(st.lists(ROWS, min_size=1, max_size=30, unique_by=_key))
def test_what_the_packets_replay_is_what_they_compare(
    made: psycopg.Connection[Any], rows: list[Row]
) -> None:
    tree = [{"tenant_id": "t", "id": "3"}]
    tree[:0] = [{"tenant_id": "t", "id": str(n), "parent": str(n + 1)} for n in range(3)]
    lacking = dict.fromkeys(("given", "line"))
    wide = [{"tenant_id": "t", "select": "x", "c7": 7, "held": "h", "key": "'", **lacking}]
    tables = {"kinds": rows, "tree": tree, "wide": wide}
    files = packets("t", tables, map_=MAP)
    with made.transaction(force_rollback=True):
        for name in (*replays(files), PARITY):
            made.execute(statements(files[name]).encode())
        found = made.execute("SELECT * FROM kinds_control.table_digests()")
        assert found.fetchall() == [
            (name, len(listed), table_digest(listed)) for name, listed in tables.items()
        ]


@given(st.lists(ROWS, max_size=8))
@settings(AS_FIXTURES, max_examples=100)
def test_rows_of_the_profile_fit_the_map(rows: list[Row]) -> None:
    mapped = map_rows(MAP, Given("t", "Kinds.v1", {"kinds": rows}, (), ()))
    assert {problem.kind for problem in mapped.problems} <= {"duplicate"}
