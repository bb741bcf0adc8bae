"""A small pack of its own, to judge one thing at a time."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml

from bfg_policy.digest import record_digest, snapshot_digest
from bfg_policy.errors import BfgPolicyError
from bfg_policy.instants import parse_instant
from bfg_policy.pipeline import Judged, LoadedPack, judge_scenario, open_pack

AT = "2026-11-20T12:00:00Z"
OBSERVED = "2026-11-20T09:00:00Z"

PACK = {
    "pack": "lab",
    "roles": ["chief", "tech"],
    "facts": "LabFacts.v1",
    "waivers": {"approvers": ["chief"]},
    "snapshot": {"groups": {"samples": ["samples", "more_samples"]}},
}
FACTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "ok": {"type": "boolean"},
        "count": {"type": "integer"},
        "name": {"type": "string"},
        "signer": {"type": "string"},
    },
}
PROBE = {
    "type": "object",
    "required": ["contract", "observed_at", "collector", "target", "sha256"],
    "additionalProperties": False,
    "properties": {
        "contract": {"const": "Probe.v1"},
        "observed_at": {"type": "string"},
        "collector": {"type": "string"},
        "target": {"type": "object"},
        "snapshot_sha256": {"type": "string"},
        "sha256": {"type": "string"},
        "seen": {
            "type": "object",
            "properties": {"status": {"type": "string"}, "level": {"type": "integer"}},
        },
    },
}


def gates(**by_key: dict[str, Any]) -> dict[str, Any]:
    """One policy, `main`, with these gates; `_` in a key stands for `-`."""
    return {
        "policy": "main",
        "owner": "chief",
        "gates": {key.replace("_", "-"): gate for key, gate in by_key.items()},
    }


@cache
def _loaded(written: str) -> LoadedPack:
    root = Path(mkdtemp(prefix="lab-"))
    files = json.loads(written)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps(content)
            if path.suffix == ".json"
            else yaml.safe_dump(content, sort_keys=False)
        )
    return open_pack(root / "policies", None, root)


def load(*policies: dict[str, Any], **pack: Any) -> LoadedPack:
    """The pack of these policies. Raises as the pipeline does."""
    files: dict[str, Any] = {
        "policies/pack.yaml": {**PACK, **pack},
        "contracts/LabFacts.v1.schema.json": FACTS,
        "contracts/Probe.v1.schema.json": PROBE,
    }
    for index, policy in enumerate(policies):
        files[f"policies/{index}-{policy['policy']}.yaml"] = policy
    return _loaded(json.dumps(files))


def record(**changes: Any) -> dict[str, Any]:
    """A record of Probe.v1 with a right digest."""
    made: dict[str, Any] = {
        "contract": "Probe.v1",
        "observed_at": OBSERVED,
        "collector": "test",
        "target": {"adapter": "reactor", "kind": "ephemeral"},
        "seen": {"status": "pass", "level": 3},
        **changes,
    }
    return {**made, "sha256": made.get("sha256") or record_digest(made)}


def scenario(**changes: Any) -> dict[str, Any]:
    """A scenario of two chiefs and a technician; None takes a key away."""
    whole: dict[str, Any] = {
        "scenario": "one",
        "contract": "ScenarioManifest.v1",
        "tenant": "t",
        "target": "reactor",
        "actors": [
            {"id": "ann", "name": "Ann", "role": "chief"},
            {"id": "bob", "name": "Bob", "role": "chief"},
            {"id": "tim", "name": "Tim", "role": "tech"},
        ],
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def snapshot(rows: int, **changes: Any) -> dict[str, Any]:
    """A snapshot of some rows with the right claims."""
    tables = {"samples": [{"tenant_id": "t", "id": index} for index in range(rows)]}
    schema = "BFGScenarioSnapshot.v1"
    return {
        "schema": schema,
        "rows": {"samples": rows},
        "sha256": snapshot_digest(schema, "t", tables),
        "tables": tables,
        **changes,
    }


def judged(loaded: LoadedPack, document: dict[str, Any], at: str = AT) -> Judged:
    """The judgement of a scenario. Raises as the pipeline does."""
    instant: datetime = parse_instant(at)
    return judge_scenario(loaded, json.dumps(document).encode(), instant, Path("/nowhere"))


def status(policy: dict[str, Any], document: dict[str, Any], gate: str, at: str = AT) -> str:
    """`status:reason` of one gate of `main`."""
    result = judged(load(policy), document, at).readiness.gates[f"main/{gate}"]
    return f"{result.status}:{result.reason}"


def codes(policy: dict[str, Any], document: dict[str, Any], at: str = AT, **pack: Any) -> list[str]:
    """The codes of all findings, whether anything could be judged or not."""
    try:
        found = judged(load(policy, **pack), document, at).readiness.findings
        return [finding.code for finding in found]
    except BfgPolicyError as error:
        return [finding.code for finding in error.findings]
