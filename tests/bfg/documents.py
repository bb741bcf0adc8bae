"""The repository's scenarios as one document each, and the pack that judges them."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bfg_policy.instants import parse_instant
from bfg_policy.pipeline import LoadedPack, open_pack
from tests.bfg.oracle import ROLES, digest_of_record, digest_of_snapshot, rows_of
from tests.shared import ROOT

Document = dict[str, Any]

AT = parse_instant("2026-11-23T10:00:00Z")
SCENARIOS = ("grant-demo-local", "staging-rehearsal", "production-go")
POLICIES = ROOT / "policies"
# Not below any folder that a path could be shown relative to.
NOWHERE = Path("/nowhere")

# Optional facts: any of them may be missing, blank, or say something else.
TEXTS = (
    "release_environment",
    *(f"adapters.{key}" for key in ("scenario", "storage", "auth", "tenant")),
    "rollback.owner",
    "rollback.storage",
    *(f"infrastructure.hosting_provider.{key}" for key in ("provider", "account")),
    *(f"infrastructure.data_residency.{key}" for key in ("region", "residency", "backup_locality")),
    *(
        f"infrastructure.runtime_operations.{key}"
        for key in ("on_call", "deploy", "monitoring", "incident_owner")
    ),
    *(
        f"infrastructure.secrets_backup_boundary.{key}"
        for key in ("secrets_manager", "restore_owner")
    ),
    "wiring.endpoint_contract.redacted",
    *(f"wiring.tenant_context.{key}" for key in ("organization_claim", "tenant_claim")),
    *(f"wiring.oidc_rbac_claims.{role}" for role in ROLES),
    *(f"wiring.live_credentials.{key}" for key in ("reference", "reviewed_by")),
)
SECTIONS = (
    "rollback.storage",
    "providers",
    "rollout",
    "infrastructure",
    *(
        f"infrastructure.{key}"
        for key in (
            "hosting_provider",
            "data_residency",
            "runtime_operations",
            "secrets_backup_boundary",
        )
    ),
    "infrastructure.secrets_backup_boundary.rpo_minutes",
    "wiring",
    *(
        f"wiring.{key}"
        for key in (
            "endpoint_contract",
            "tenant_context",
            "oidc_rbac_claims",
            "rls_policy_draft",
            "live_credentials",
        )
    ),
    "wiring.rls_policy_draft.tables",
    "wiring.live_credentials.reviewed_at",
    "snapshot",
    "snapshot.rows",
    "snapshot.rows.finance",
    "snapshot.sha256",
    "snapshot.tables",
    "evidence",
    "acceptances",
    "waivers",
)


@cache
def pack() -> LoadedPack:
    """The BFG pack, linked once."""
    return open_pack(POLICIES, ROOT / "contracts", ROOT)


@cache
def _merged(name: str) -> str:
    folder = ROOT / "scenarios" / name

    def loaded(path: Path) -> Any:
        return json.loads(path.read_text(encoding="utf-8"))

    document = yaml.safe_load((folder / "scenario.yaml").read_text(encoding="utf-8"))
    document["snapshot"]["tables"] = loaded(folder / "snapshot.json")["tables"]
    document["evidence"] = {
        path.stem: loaded(path) for path in sorted(folder.glob("evidence/*.json"))
    }
    document["acceptances"] = [
        loaded(path) for path in sorted(folder.glob("acceptances/**/*.json"))
    ]
    return json.dumps(document)


def document(name: str) -> Document:
    """A scenario of the repository as one document of one's own."""
    found: Document = json.loads(_merged(name))
    return found


def ready() -> Document:
    """A fully ready scenario that is small: `production-go` with one row a table, and with six
    actors: those who sign, a driver and a client.
    """
    found = document("production-go")
    signers = {acceptance["by"] for acceptance in found["acceptances"]}
    seen = set()
    for actor in list(found["actors"]):
        if actor["id"] not in signers and actor["role"] in seen:
            found["actors"].remove(actor)
        seen.add(actor["role"])
    for record in found["evidence"].values():
        for section in record.values():
            if isinstance(section, dict) and "actors" in section:
                section["actors"] = len(found["actors"])
        seal(record)
    tables = found["snapshot"]["tables"]
    found["snapshot"]["tables"] = {name: rows[:1] for name, rows in tables.items()}
    found.setdefault("waivers", [])
    claim(found)
    return found


def seal(record: Document) -> None:
    """Give a record its right digest."""
    record["sha256"] = digest_of_record(record)


def claim(document: Document) -> None:
    """Claim the payload's rows and digest, also in the records that are about the snapshot."""
    snapshot = document["snapshot"]
    old = snapshot.get("sha256")
    snapshot["rows"] = rows_of(document)
    snapshot["sha256"] = digest_of_snapshot(document)
    for record in document["evidence"].values():
        carried = json.dumps(record)
        if old and old in carried:
            record.update(json.loads(carried.replace(old, snapshot["sha256"])))
            seal(record)


def folder_of(document: Document, folder: Path) -> Path:
    """Write a document in folder form."""
    folder.mkdir()
    rest = deepcopy(document)
    files: dict[str, object] = {}
    tables = rest.get("snapshot", {}).pop("tables", None)
    if tables is not None:
        schema = {key: rest["snapshot"][key] for key in ("schema",) if key in rest["snapshot"]}
        files["snapshot.json"] = {**schema, "tables": tables}
    for name, record in rest.pop("evidence", {}).items():
        files[f"evidence/{name}.json"] = record
    for index, acceptance in enumerate(rest.pop("acceptances", [])):
        files[f"acceptances/somebody/{index:03}.json"] = acceptance
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    (folder / "scenario.yaml").write_text(yaml.safe_dump(rest), encoding="utf-8")
    return folder


def parent_of(document: Document, path: str) -> tuple[Any, str]:
    """Where a dotted path would stand; the first is no mapping where its parents are missing."""
    value: Any = document
    *parents, last = path.split(".")
    for key in parents:
        value = value.get(key) if isinstance(value, dict) else None
    return value, last
