"""Scenarios made for the occasion, and their packets: any tenant, any rows, any map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bfg_policy.database import SchemaMap
from bfg_policy.errors import Place
from bfg_policy.packets.database import database_packet
from bfg_policy.scenario import Actor, Scenario
from tests.database.packets import judged, own_map

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]
PAYLOAD = "BFGScenarioSnapshot.v1"
ACTORS = (
    Actor(
        "anna",
        "Anna Kowalska",
        "Control",
        "managing_director",
        ("scenario:read", "rollback:decide"),
    ),
    Actor("petro", None, None, "driver", ()),
    Actor("lviv", "Łódź & Львів \u202e", None, "client", ("order:read", "scenario:read")),
)


def scenario(
    tenant: str, tables: Tables | None, actors: Sequence[Actor] = ACTORS, payload: str = PAYLOAD
) -> Scenario:
    """A scenario with these rows; None for one without a payload. Places tell the path alone."""
    snapshot: dict[str, object] = {"schema": payload}
    if tables is not None:
        snapshot["tables"] = tables
    return Scenario(
        id="made-up",
        tenant=tenant,
        target="somewhere",
        document={"scenario": "made-up", "tenant": tenant, "snapshot": snapshot},
        actors={actor.id: actor for actor in actors},
        records={},
        acceptances=(),
        waivers=(),
        payload_sha256=None,
        place=lambda path: Place(".".join(map(str, path))),
    )


def packets(
    tenant: str, tables: Tables, actors: Sequence[Actor] = ACTORS, map_: SchemaMap | None = None
) -> dict[str, str]:
    """The packet set of a made-up scenario."""
    pack = judged().pack._replace(schema_map=map_ or own_map())
    payload = (map_ or own_map()).payload
    return database_packet(pack, scenario(tenant, tables, actors, payload), None)


def rows(tenant: str, note: str = "") -> dict[str, list[Row]]:
    """Some rows of every table of the payload; note: what stands in the free texts of them."""
    own = {"tenant_id": tenant}
    return {
        "orders": [
            {
                **own,
                "order_id": "o-1",
                "client_id": "lviv",
                "status": "delivered" + note,
                "origin": "Łódź",
                "destination": "Lviv",
                "cargo": "tea" + note,
                "weight_kg": 9007199254740991,
                "created_at": "2026-11-01T08:00:00.000001Z",
            },
            {**own, "order_id": "o-2", "status": ""},
            {**own, "order_id": "o-3", "status": " ", "created_at": "9999-12-31T23:59:59.999999Z"},
        ],
        "order_events": [
            {
                **own,
                "event_id": "e-1",
                "order_id": "o-1",
                "actor_id": "petro",
                "kind": "picked up" + note,
                "at": "0001-01-01T00:00:00.000000Z",
            },
            {
                **own,
                "event_id": "e-2",
                "order_id": "o-1",
                "actor_id": "anna",
                "kind": "cafe\u0301",
                "at": "2026-11-01T08:00:00.100000Z",
            },
        ],
        "finance_documents": [
            {
                **own,
                "document_id": "d-1",
                "order_id": "o-1",
                "kind": "invoice",
                "number": "FV/1" + note,
                "net_minor": -1,
                "amount_minor": 0,
                "currency": "PLN",
                "issued_at": "2026-11-02T00:00:00.000000Z",
            }
        ],
        "payments": [
            {
                **own,
                "payment_id": "p-1",
                "document_id": "d-1",
                "amount_minor": 123,
                "currency": "PLN",
                "method": "transfer",
                "booked_at": "2026-11-03T00:00:00.000000Z",
            }
        ],
        "audit_events": [
            {
                **own,
                "event_id": "a-1",
                "actor_id": "anna",
                "source": "cutover",
                "subject": "o-1" + note,
                "at": "2026-11-04T00:00:00.000000Z",
            }
        ],
    }
