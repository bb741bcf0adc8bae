"""A shop's small pack with its tests, written into a folder: to break one thing at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from bfg_policy.digest import record_digest, snapshot_digest
from tests.running import Ran, run

AT = "2026-11-20T12:00:00Z"

PACK = {
    "pack": "shop",
    "roles": ["owner", "clerk", "guest"],
    "facts": "ShopFacts.v1",
    "verdict": "opening",
    "require": ["shop"],
    "waivers": {"approvers": ["owner"], "never": ["opening/open"]},
    "snapshot": {"groups": {"stock": ["goods"]}},
}
FACTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "till": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"float": {"type": "integer"}, "serial": {"type": "string"}},
        },
        "shelves": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id"],
                "additionalProperties": False,
                "properties": {"id": {"type": "string"}, "full": {"type": "boolean"}},
            },
        },
        "languages": {"type": "array", "items": {"type": "string"}},
    },
}
ALARM = {
    "type": "object",
    "required": ["contract", "observed_at", "collector", "target", "sha256"],
    "additionalProperties": False,
    "properties": {
        "contract": {"const": "Alarm.v1"},
        "observed_at": {"type": "string"},
        "collector": {"type": "string"},
        "target": {"type": "object"},
        "snapshot_sha256": {"type": "string"},
        "sha256": {"type": "string"},
        "siren": {
            "type": "object",
            "properties": {"status": {"type": "string"}, "loudness": {"type": "integer"}},
        },
    },
}
GOODS = {
    "type": "object",
    "required": ["schema", "tables"],
    "properties": {"schema": {"const": "Goods.v1"}, "tables": {"type": "object"}},
}
SHOP = {
    "policy": "shop",
    "owner": "clerk",
    "gates": {
        "till": {"rule": "till.float > 0 && till.serial.trim() != ''"},
        "shelves": {"needs": ["till"], "rule": "shelves.all(s, s.full)", "accept": True},
        "alarm": {
            "evidence": {"contract": "Alarm.v1", "fresh_for": "1d"},
            "rule": "evidence.siren.loudness >= 90",
        },
    },
}
OPENING = {
    "policy": "opening",
    "owner": "owner",
    "gates": {"open": {"needs": ["shop"]}},
    "decision": [
        {"code": "CLOSED", "until": ["opening"], "also": {"lights": "dark"}},
        {"code": "OPEN", "also": {"lights": "bright", "music": "loud"}},
    ],
}


def _waiver(gate: str, by: str) -> dict[str, Any]:
    asked = "gina" if by == "olga" else "olga"
    return {
        "waive": gate,
        "requested_by": asked,
        "approved_by": by,
        "expires": "2026-12-01T00:00:00Z",
    }


SUITE: dict[str, Any] = {
    "suite": "shop",
    "scenario": "base/open.yaml",
    "at": AT,
    "tests": [
        {
            "test": "it opens",
            "expect": {
                "gates": {"*": "ready"},
                "verdict": "OPEN",
                "passes": True,
                "also": {"opening": {"lights": "bright", "music": "loud"}},
                "owners": {"*": "clerk", "opening": "owner", "opening/*": "owner"},
            },
        },
        {
            "test": "a till holds money and is known",
            "expect": {"gates": {"shop/till": "next (rule-false)", "shop/shelves": "blocked"}},
            "cases": [
                {"change": {"set": "till.float", "to": 0}},
                {"change": {"set": "till.serial", "to": " "}},
            ],
        },
        {
            "test": "shelves are full, and somebody says so",
            "expect": {
                "verdict": "CLOSED",
                "passes": False,
                "also": {"opening": {"lights": "dark"}},
                "gates": {"opening/open": "blocked"},
            },
            "cases": [
                {
                    "change": {"set": "shelves.id=top.full", "to": False},
                    "expect": {"gates": {"shop/shelves": "next (rule-false)"}},
                },
                {
                    "case": "nobody did",
                    "change": {"remove": "acceptances"},
                    "expect": {"gates": {"shop/shelves": "next (acceptance-missing)"}},
                },
            ],
        },
        {
            "test": "the alarm was heard a day ago at most",
            "cases": [
                {"at": "2026-11-21T09:00:00Z", "expect": {"gates": {"shop/alarm": "ready"}}},
                {
                    "at": "2026-11-21T09:00:01Z",
                    "expect": {
                        "gates": {"shop/alarm": "next (evidence-expired)"},
                        "findings": ["BFG505"],
                    },
                },
                {
                    "change": {"set": "evidence.alarm.siren.loudness", "to": 89},
                    "expect": {
                        "gates": {"shop/alarm": "next (rule-false)", "opening/open": "blocked"}
                    },
                },
            ],
        },
        {
            "test": "only the owner waives, and never the opening itself",
            "change": {"remove": "acceptances"},
            "expect": {"gates": {"shop/shelves": "next (acceptance-missing)"}},
            "cases": [
                {"change": _waiver("shop/shelves", "carl"), "expect": {"findings": ["BFG522"]}},
                {"change": _waiver("shop/shelves", "gina"), "expect": {"findings": ["BFG522"]}},
                {"change": _waiver("opening/open", "olga"), "expect": {"findings": ["BFG520"]}},
                {
                    "change": {**_waiver("shop/shelves", "olga"), "requested_by": "carl"},
                    "expect": {"gates": {"shop/shelves": "waived", "opening/open": "ready"}},
                },
            ],
        },
    ],
}


def scenario() -> dict[str, Any]:
    """A shop that may open, with right digests."""
    tables = {"goods": [{"tenant_id": "t", "id": 1}, {"tenant_id": "t", "id": 2}]}
    digest = snapshot_digest("Goods.v1", "t", tables)
    record = {
        "contract": "Alarm.v1",
        "observed_at": "2026-11-20T09:00:00Z",
        "collector": "test",
        "target": {"adapter": "corner", "kind": "live"},
        "snapshot_sha256": digest,
        "siren": {"status": "pass", "loudness": 90},
    }
    return {
        "scenario": "open",
        "contract": "ScenarioManifest.v1",
        "tenant": "t",
        "target": "corner",
        "actors": [
            {"id": "olga", "role": "owner"},
            {"id": "carl", "role": "clerk"},
            {"id": "gina", "role": "guest"},
        ],
        "till": {"float": 1, "serial": "T-1"},
        "shelves": [{"id": "top", "full": True}, {"id": "low", "full": True}],
        "languages": ["en", "fr"],
        "snapshot": {
            "schema": "Goods.v1",
            "rows": {"stock": 2},
            "sha256": digest,
            "tables": tables,
        },
        "evidence": {"alarm": {**record, "sha256": record_digest(record)}},
        "acceptances": [{"gate": "shop/shelves", "by": "carl", "at": "2026-11-19T09:00:00Z"}],
    }


def write(folder: Path, *suites: Any, **files: Any) -> Path:
    """The shop in a folder, with these suites in place of its own, or with other files by path."""
    written: dict[str, Any] = {
        "policies/pack.yaml": PACK,
        "policies/shop.yaml": SHOP,
        "policies/opening.yaml": OPENING,
        "contracts/ShopFacts.v1.schema.json": FACTS,
        "contracts/Alarm.v1.schema.json": ALARM,
        "contracts/Goods.v1.schema.json": GOODS,
        "policies/tests/base/open.yaml": scenario(),
        **{f"policies/tests/{index}.yaml": suite for index, suite in enumerate(suites or (SUITE,))},
        **files,
    }
    for name, content in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        if path.suffix == ".yaml" and not isinstance(content, str):
            # Read back, so that nothing in it is shared: it would be written as an alias.
            text = yaml.safe_dump(json.loads(text), sort_keys=False, width=1000)
        path.write_text(text)
    return folder


def suite(*tests: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A suite of these tests on the shop that may open."""
    return {"suite": "mine", "scenario": "base/open.yaml", "at": AT, "tests": list(tests), **more}


def one(change: Any, expect: Any, **more: Any) -> dict[str, Any]:
    """A suite of one test."""
    test = {"test": "one", "change": change, "expect": expect, **more}
    return suite({key: value for key, value in test.items() if value is not None})


def tested(folder: Path, *options: str) -> Ran:
    """The shop's tests, run there."""
    return run("test", *options, cwd=folder)


def results(folder: Path, *options: str) -> dict[str, Any]:
    """The same as JSON."""
    found: dict[str, Any] = json.loads(tested(folder, "--format", "json", *options).stdout)
    return found
