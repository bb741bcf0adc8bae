"""Parity: three tenants that share ids, and every tampered value is located by its row."""

# ruff: noqa: S608 - all queries are put together from the map, or from what stands here

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import sql

from bfg_policy.digest import canonical, snapshot_digest, table_digest
from bfg_policy.packets.batches import MOST_NAMED
from bfg_policy.packets.database import statements
from tests.database.packets import PARITY, UP, connected, own_map, replays, run
from tests.database.servers import Server
from tests.database.snapshots import PAYLOAD, packets, rows

pytestmark = pytest.mark.slow

TENANTS = ("bfg", "BFG", "b'f\\g $1")
TENANT = TENANTS[1]
# Another value of a column, and one where it has none.
OTHER_VALUES = {
    "integer": ("@column - 1", "0"),
    "timestamp": ("@column + interval '1 us'", "now()"),
    "json": ("'{\"orders\": 1}'::jsonb", "'[]'"),
}


@pytest.fixture(scope="module")
def replayed(server: Server) -> Iterator[psycopg.Connection[Any]]:
    """A database in which three tenants were replayed, with the same ids and other texts."""
    with connected(server.fresh_database()) as connection:
        for tenant in TENANTS:
            files = packets(tenant, rows(tenant, tenant))
            run(connection, *(files[name] for name in (UP, *replays(files), PARITY)))
        yield connection


def parity(connection: psycopg.Connection[Any], tenant: str = TENANT) -> list[str]:
    """What parity names of a tenant, in a transaction that is rolled back."""
    text = statements(packets(tenant, rows(tenant, tenant))[PARITY])
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(text.encode())
    except psycopg.errors.DataException as error:
        return (error.diag.message_detail or "").splitlines()
    return []


def test_the_database_digests_as_python_does(replayed: psycopg.Connection[Any]) -> None:
    schema, control, roles = own_map().schema, own_map().control, own_map().roles
    for tenant in TENANTS:
        tables = rows(tenant, tenant)
        with replayed.transaction(force_rollback=True):
            replayed.execute(f"SET LOCAL ROLE {roles.verify}".encode())
            replayed.execute("SELECT set_config(%s, %s, true)", [own_map().tenant.setting, tenant])
            found = replayed.execute(f"SELECT * FROM {control}.table_digests()".encode()).fetchall()
            query = f"SELECT snapshot_sha256 FROM {schema}.scenario_snapshots"
            (sha256,) = replayed.execute(query.encode()).fetchall()
        assert sha256 == (snapshot_digest(PAYLOAD, tenant, tables),)
        assert {name: (count, digest) for name, count, digest in found if name in tables} == {
            name: (len(listed), table_digest(listed)) for name, listed in tables.items()
        }


@pytest.mark.parametrize("tenant", TENANTS)
def test_untouched_each_tenant_is_in_parity(replayed: psycopg.Connection[Any], tenant: str) -> None:
    assert parity(replayed, tenant) == []


class Tampering(NamedTuple):
    """What is done to a table, and what parity has to say of the rows that it was done to.

    change: with `@table`, `@tenant` and `@mine`, the condition on the tenant.
    """

    table: str
    change: str
    told: tuple[str, ...] = ("differs",)


def _updates() -> Iterator[Tampering]:
    """Every column but keys, in the first row that it changes: another value, and NULL."""
    for table in own_map().tables.values():
        for column in table.columns:
            if column.name not in table.key:
                other, any_ = OTHER_VALUES.get(column.type, ("@column || ' '", "'x'"))
                values = [f"coalesce({other.replace('@column', column.name)}, {any_})"]
                for value in [*values, "NULL"] if column.optional else values:
                    changed = f"@mine AND {column.name} IS DISTINCT FROM {value}"
                    one = f"ctid = (SELECT min(ctid) FROM @table WHERE {changed})"
                    yield Tampering(
                        table.name, f"UPDATE @table SET {column.name} = {value} WHERE {one}"
                    )


ORDER = tuple(
    Tampering("orders", f"UPDATE @table SET {change} WHERE @mine AND order_id = 'o-1'")
    for change in (
        "origin = normalize(origin, NFD)",
        "origin = upper(origin)",
        "origin = translate(origin, 'ź', 'z')",
        "origin = ' ' || origin",
        "origin = origin || E'\\n'",
        "origin = origin || E'\\u200b'",
        "origin = ''",
        "destination = replace(destination, 'i', E'\\u0456')",
        "weight_kg = -weight_kg",
        "weight_kg = weight_kg - 1",
        "created_at = created_at - interval '1 us'",
        "created_at = created_at + interval '1 hour'",
        "created_at = date_trunc('milliseconds', created_at)",
        "cargo = status, status = cargo",
        "client_id = client_id || '.'",
    )
)
TAMPERINGS = (
    *_updates(),
    *ORDER,
    *(
        Tampering(table, "DELETE FROM @table WHERE @mine", ("is missing",))
        for table in own_map().tables
    ),
    Tampering(
        "order_events",
        "UPDATE @table SET kind = normalize(kind, NFC) WHERE @mine AND event_id = 'e-2'",
    ),
    # Two rows change places.
    Tampering(
        "orders",
        "UPDATE @table SET status = CASE status WHEN '' THEN ' ' ELSE '' END,"
        " created_at = NULL WHERE @mine AND order_id <> 'o-1'",
    ),
    Tampering(
        "orders",
        "UPDATE @table SET order_id = 'O-2' WHERE @mine AND order_id = 'o-2'",
        ("is missing", "is not of the snapshot"),
    ),
    Tampering(
        "orders",
        "UPDATE @table SET order_id = order_id || ' ' WHERE @mine AND order_id = 'o-2'",
        ("is missing", "is not of the snapshot"),
    ),
    Tampering(
        "orders",
        "INSERT INTO @table (tenant_id, order_id, status) VALUES (@tenant, 'o-4', '')",
        ("is not of the snapshot",),
    ),
    # A row goes to another tenant, and another's comes.
    Tampering(
        "orders",
        "UPDATE @table SET tenant_id = 'bfg', order_id = 'o-5' WHERE @mine AND order_id = 'o-3'",
        ("is missing",),
    ),
    Tampering(
        "orders",
        "UPDATE @table SET tenant_id = @tenant, order_id = 'o-6'"
        " WHERE tenant_id = 'bfg' AND order_id = 'o-3'",
        ("is not of the snapshot",),
    ),
    *(
        Tampering(
            "users",
            f"UPDATE @table SET permissions = '{permissions}' WHERE @mine AND user_id = 'lviv'",
        )
        for permissions in (
            '["scenario:read", "order:read"]',
            '["order:read", "scenario:read", ""]',
            '{"order:read": "scenario:read"}',
            "[]",
        )
    ),
    Tampering(
        "roles",
        "INSERT INTO @table (tenant_id, role_key) VALUES (@tenant, 'superuser')",
        ("is not of the snapshot",),
    ),
)


def test_there_are_enough_of_them() -> None:
    assert len(TAMPERINGS) >= 50
    assert {each.table for each in TAMPERINGS} == {*own_map().tables}


@pytest.mark.parametrize(
    "tampering", TAMPERINGS, ids=lambda each: f"{each.table} {each.change}"[:80]
)
def test_a_tampered_row_is_located(replayed: psycopg.Connection[Any], tampering: Tampering) -> None:
    name, (_, *key) = tampering.table, own_map().tables[tampering.table].key
    with replayed.transaction(force_rollback=True):
        # Triggers and references would be in the way.
        replayed.execute("SET LOCAL session_replication_role = replica")
        before = _rows(replayed, name, key)
        _change(replayed, name, tampering.change)
        touched = sorted({row for row, _ in before ^ _rows(replayed, name, key)})
        assert touched, "nothing was tampered with"
        head, *told = parity(replayed)
    assert head.startswith(f"{name}: ")
    assert head.endswith(f"{len(touched)} wrong")
    assert [line.partition("] ")[0] + "]" for line in told] == [f"{name} {row}" for row in touched]
    assert {line.partition("] ")[2] for line in told} == {*tampering.told}


def _change(connection: psycopg.Connection[Any], table: str, change: str) -> None:
    """A change of a table of the tenant, by a superuser, whom policies do not bind."""
    tenant = sql.Literal(TENANT).as_string(connection)
    for name, value in (
        ("@mine", "tenant_id = @tenant"),
        ("@table", f"{own_map().schema}.{table}"),
        ("@tenant", tenant),
    ):
        change = change.replace(name, value)
    connection.execute(change.encode())


def _rows(connection: psycopg.Connection[Any], table: str, key: list[str]) -> set[tuple[str, str]]:
    """The tenant's rows: the key as JSON, and all of it."""
    own = f"{own_map().schema}.{table} AS each WHERE tenant_id = %s"
    query = f"SELECT jsonb_build_array({', '.join(key)}), each::text FROM {own}"
    found = connection.execute(query.encode(), [TENANT])
    return {(canonical(values).decode(), whole) for values, whole in found}


def test_what_one_tenant_lost_is_no_matter_of_the_others(
    replayed: psycopg.Connection[Any],
) -> None:
    with replayed.transaction(force_rollback=True):
        _change(replayed, "payments", "DELETE FROM @table WHERE @mine")
        assert [len(parity(replayed, tenant)) for tenant in TENANTS] == [0, 2, 0]


ADD = "INSERT INTO @table (tenant_id, order_id, status) SELECT @tenant, "


def test_of_many_rows_some_are_named_and_all_are_counted(
    replayed: psycopg.Connection[Any],
) -> None:
    with replayed.transaction(force_rollback=True):
        _change(replayed, "orders", ADD + "'o-' || n, '' FROM generate_series(10, 39) AS n")
        told = parity(replayed)
    assert told[0] == "orders: 33 rows, 3 expected, 30 wrong"
    assert told[1:] == [
        f'orders ["o-{number}"] is not of the snapshot' for number in range(10, 10 + MOST_NAMED)
    ]


def test_what_is_named_cannot_mislead_a_reader(replayed: psycopg.Connection[Any]) -> None:
    with replayed.transaction(force_rollback=True):
        nasty = r"E'o\n\u001b[2J\u009b\u202e\u200b\u007f' || repeat('x', 1000), ''"
        _change(replayed, "orders", ADD + nasty)
        told = parity(replayed)
    assert told[1].startswith('orders ["o\\n\\u001b[2J????x')
    assert len(told[1]) < 250
    assert all(line.isprintable() for line in told)
