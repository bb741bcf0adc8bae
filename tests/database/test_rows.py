"""A payload against the map: what does not fit is named once, at its place."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from bfg_policy.database.rows import LONGEST_KEY, map_rows
from bfg_policy.database.sources import Given
from bfg_policy.digest import snapshot_digest, summary, table_digest
from bfg_policy.errors import RenderError
from bfg_policy.packets.batches import MOST_FINDINGS, mapped_scenario, replay_context
from bfg_policy.scenario import Actor
from tests.database.kinds import MAP
from tests.database.packets import judged, own_map
from tests.database.snapshots import ACTORS, PAYLOAD, Row, rows, scenario

AT = ("snapshot", "tables")
Rows = dict[str, list[Row]]


def problems(tables: Rows, tenant: str = "t") -> list[tuple[str, str]]:
    """What is wrong with a payload: the kind, and the path below the tables."""
    mapped = mapped_scenario(own_map(), judged().pack, scenario(tenant, tables))
    assert mapped is not None
    assert (mapped.sha256 is None) == bool(mapped.problems)
    return [(each.kind, ".".join(map(str, each.path[2:]))) for each in mapped.problems]


def changed(table: str, row: int, **values: Any) -> Rows:
    """The payload with other values in a row; ... for a column that is taken away."""
    tables = deepcopy(rows("t"))
    for name, value in values.items():
        tables[table][row][name] = value
        if value is ...:
            del tables[table][row][name]
    return tables


def test_what_fits_is_mapped_whole() -> None:
    tables = rows("t")
    mapped = mapped_scenario(own_map(), judged().pack, scenario("t", tables))
    assert mapped is not None
    assert mapped.problems == ()
    assert mapped.sha256 == snapshot_digest(PAYLOAD, "t", tables)
    assert {name: mapped.tables[name].digest for name in tables} == {
        name: table_digest(listed) for name, listed in tables.items()
    }
    counts = {name: len(table.rows) for name, table in mapped.tables.items() if name not in tables}
    assert counts == {
        "tenants": 1,
        "roles": 5,
        "role_permissions": 4,
        "users": 3,
        "scenario_snapshots": 1,
    }
    assert mapped.tables["users"].rows[1] == {
        "tenant_id": "t",
        "user_id": "petro",
        "role_key": "driver",
        "permissions": [],
    }
    assert mapped.tables["scenario_snapshots"].rows[0]["table_digests"] == summary(tables)


NO_INSTANTS: tuple[object, ...] = (
    *("2026-11-01T08:00:00Z", "2026-11-01T08:00:00.0Z", "2026-11-01 08:00:00.000000Z"),
    *("2026-11-01T08:00:00.000000+00:00", "2026-11-01T08:00:00.000000z", "", "now"),
    *("0000-01-01T00:00:00.000000Z", "10000-01-01T00:00:00.000000Z", "infinity"),
    *("2026-02-29T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z", 0, {}, []),
    *("2026-11-01T24:00:00.000000Z", "2026-12-31T23:59:60.000000Z"),
    *("\uff12026-11-01T08:00:00.000000Z", "2026-11-01T08:00:00.000000Z\n"),
)


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (changed("orders", 0, colour="red"), ("unmapped", "orders.0.colour")),
        ({**rows("t"), "lorries": []}, ("unmapped", "lorries")),
        ({**rows("t"), "users": []}, ("unmapped", "users")),
        (changed("orders", 1, status=...), ("missing", "orders.1")),
        (changed("orders", 1, order_id=...), ("missing", "orders.1")),
        (changed("orders", 1, tenant_id=...), ("missing", "orders.1")),
        (changed("orders", 1, cargo=None), ("null", "orders.1.cargo")),
        (changed("orders", 1, status=None), ("null", "orders.1.status")),
        (changed("orders", 1, status=1), ("type", "orders.1.status")),
        (changed("orders", 1, status=True), ("type", "orders.1.status")),
        (changed("orders", 1, status=["a"]), ("type", "orders.1.status")),
        (changed("orders", 1, status="a\0b"), ("type", "orders.1.status")),
        (changed("orders", 1, status="\ud800"), ("type", "orders.1.status")),
        (changed("orders", 0, weight_kg=2**53), ("type", "orders.0.weight_kg")),
        (changed("orders", 0, weight_kg=-(2**53)), ("type", "orders.0.weight_kg")),
        (changed("orders", 0, weight_kg=1.0), ("type", "orders.0.weight_kg")),
        (changed("orders", 0, weight_kg="1"), ("type", "orders.0.weight_kg")),
        (changed("orders", 0, weight_kg=True), ("type", "orders.0.weight_kg")),
        *(
            (changed("orders", 0, created_at=at), ("type", "orders.0.created_at"))
            for at in NO_INSTANTS
        ),
        (changed("orders", 1, tenant_id="other"), ("foreign", "orders.1.tenant_id")),
        (changed("orders", 2, order_id="o-2"), ("duplicate", "orders.2")),
        (changed("order_events", 0, order_id="o-9"), ("orphaned", "order_events.0.order_id")),
        (changed("orders", 0, client_id="nobody"), ("orphaned", "orders.0.client_id")),
        (changed("audit_events", 0, actor_id=""), ("orphaned", "audit_events.0.actor_id")),
        (changed("orders", 2, order_id="ż" * (LONGEST_KEY // 2)), ("type", "orders.2")),
    ],
)
def test_what_does_not_fit_is_named_at_its_place(tables: Rows, expected: tuple[str, str]) -> None:
    assert problems(tables) == [expected]


def test_all_problems_are_told_at_once() -> None:
    tables = changed("orders", 0, colour="red", weight_kg="1")
    tables["payments"][0]["tenant_id"] = "other"
    tables["audit_events"].append(dict(tables["audit_events"][0]))
    assert sorted(problems(tables)) == [
        ("duplicate", "audit_events.1"),
        ("foreign", "payments.0.tenant_id"),
        ("type", "orders.0.weight_kg"),
        ("unmapped", "orders.0.colour"),
    ]


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (ACTORS[1]._replace(role="pilot"), [("orphaned", ("actors", 0))]),
        (ACTORS[0]._replace(name="a\0b"), [("type", ("actors", 0))]),
        (ACTORS[0]._replace(permissions=("x", "x")), []),
    ],
)
def test_the_scenario_itself_has_to_fit(
    actor: Actor, expected: list[tuple[str, tuple[str | int, ...]]]
) -> None:
    mapped = mapped_scenario(own_map(), judged().pack, scenario("t", {}, [actor]))
    assert mapped is not None
    found = [(each.kind, each.path) for each in mapped.problems]
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


def test_the_payload_of_another_contract_is_not_mapped() -> None:
    mapped = mapped_scenario(own_map(), judged().pack, scenario("t", {}, payload="Other.v1"))
    assert mapped is not None
    assert [(each.kind, each.path) for each in mapped.problems] == [("unmapped", ("snapshot",))]


def test_without_a_payload_there_is_nothing_to_map() -> None:
    assert mapped_scenario(own_map(), judged().pack, scenario("t", None)) is None
    assert replay_context(own_map(), judged().pack, scenario("t", None)) is None


def test_rows_may_refer_to_their_own_table_in_any_order() -> None:
    tree = [{"tenant_id": "t", "id": "a", "parent": "b"}, {"tenant_id": "t", "id": "b"}]
    assert map_rows(MAP, Given("t", "Kinds.v1", {"tree": tree}, (), ())).problems == ()
    alone = map_rows(MAP, Given("t", "Kinds.v1", {"tree": tree[:1]}, (), ()))
    assert [each.kind for each in alone.problems] == ["orphaned"]
    assert alone.count("orphaned") == 1


def rendering(tables: Rows) -> list[tuple[str, str, str]]:
    """The findings of a scenario whose packets cannot be rendered."""
    with pytest.raises(RenderError) as refused:
        replay_context(own_map(), judged().pack, scenario("t", tables))
    return [(each.code, str(each.place), each.message) for each in refused.value.findings]


def test_a_packet_is_refused_with_a_finding_for_each_problem() -> None:
    assert rendering(changed("orders", 0, colour="red", weight_kg="1")) == [
        (
            "BFG611",
            "snapshot.tables.orders.0.weight_kg",
            "it does not fit the schema map `bfg-flowcontrol`: it is not a whole number",
        ),
        (
            "BFG611",
            "snapshot.tables.orders.0.colour",
            "it does not fit the schema map `bfg-flowcontrol`: `orders` has no column for `colour`",
        ),
    ]


def test_a_flood_of_problems_is_cut_and_counted() -> None:
    found = rendering({"orders": [{"tenant_id": "t"} for _ in range(1_000)]})
    assert len(found) == MOST_FINDINGS + 1
    assert found[-1][2] == "1,900 more rows or values do not fit the schema map"


EDGES: list[Callable[[], Rows]] = [
    dict,
    lambda: {"orders": []},
    lambda: changed("orders", 1, status="x" * 100_000),
    lambda: changed("orders", 2, order_id="a" * (LONGEST_KEY - len("t"))),
]


@pytest.mark.parametrize("tables", EDGES)
def test_at_the_edge_a_payload_fits(tables: Callable[[], Rows]) -> None:
    assert problems(tables()) == []
