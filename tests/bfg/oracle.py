"""The console's tables a second time, in plain Python: what any scenario must give.

Nothing of the product and nothing of its policies is used here, not even a digest, so that the
two can be held against each other. A document is assumed to obey its contracts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, NamedTuple

Document = Mapping[str, Any]
State = Literal["holds", "open", "invalid"]

MD, DISP, ACC = "managing_director", "dispatcher", "accountant"
ROLES = (MD, DISP, ACC, "driver", "client")
CONNECTION, DRY_RUN = "ProductionAdapterConnection.v1", "ProductionAdapterDryRun.v1"
GROUPS = {
    "operations": ("orders", "order_events"),
    "finance": ("finance_documents", "payments"),
    "audit": ("audit_events",),
}
RUNBOOK_TABLES = (
    *("tenants", "roles", "role_permissions", "users", "orders", "order_events"),
    *("finance_documents", "payments", "audit_events", "scenario_snapshots"),
)
OUTSIDE_THE_EU = ("eu-west-2", "eu-central-2", "europe-west2", "europe-west6")
FRESH_FOR = timedelta(days=30)
ONE_SECOND = timedelta(seconds=1)


class Refused(Exception):
    """The document cannot be judged: it contradicts itself."""


class Expected(NamedTuple):
    """What the engine must say. errors, warnings: how many findings of each severity."""

    statuses: dict[str, str]
    owners: dict[str, str]
    unblocks: dict[str, int]
    root_causes: dict[str, tuple[str, ...]]
    boards: dict[str, tuple[int, int]]
    decisions: dict[str, str]
    traffic: str
    scores: dict[str, tuple[int, int, int, int]]
    next_action: str | None
    errors: int
    warnings: int


# Digests, as the design describes them.


def canonical(value: object) -> bytes:
    """RFC 8785 for what fits the profile: integers, texts, ASCII keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of_record(record: Document) -> str:
    """SHA-256 of the record without its own digest."""
    rest = {key: value for key, value in record.items() if key != "sha256"}
    return sha256(canonical(rest)).hexdigest()


def digest_of_snapshot(document: Document) -> str:
    """`bfg-digest-1` of the document's payload."""
    snapshot = document["snapshot"]
    tables = {}
    for name, rows in snapshot["tables"].items():
        lines = sorted(sha256(canonical(row)).hexdigest() + "\n" for row in rows)
        digest = sha256("".join(lines).encode()).hexdigest()
        tables[name] = {"rows": len(rows), "digest": digest}
    whole = {
        "algorithm": "bfg-digest-1",
        "schema": snapshot.get("schema", ""),
        "tenant": document["tenant"],
        "tables": tables,
    }
    return sha256(canonical(whole)).hexdigest()


def rows_of(document: Document) -> dict[str, int]:
    """The payload's rows by group."""
    tables = document["snapshot"]["tables"]
    return {
        group: sum(len(tables.get(name, ())) for name in names) for group, names in GROUPS.items()
    }


# A document at an instant, and what its claims are worth.


class World:
    """What proofs look at."""

    def __init__(self, document: Document, at: datetime) -> None:
        self.document = document
        self.at = at
        self.roles = {actor["id"]: actor["role"] for actor in document["actors"]}
        self.records = {each["contract"]: each for each in document.get("evidence", {}).values()}

    def fact(self, path: str) -> Any:
        """The value at a dotted path; None where it is not there."""
        value: Any = self.document
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def is_forged(self, record: Document) -> bool:
        """Tampered with, or of another target or snapshot."""
        snapshot = record.get("snapshot_sha256")
        return (
            record["sha256"] != digest_of_record(record)
            or record["target"]["adapter"] != self.document["target"]
            or (snapshot is not None and snapshot != self.snapshot_digest())
        )

    def snapshot_digest(self) -> str | None:
        """What the scenario claims; where it claims nothing, what its payload is."""
        claimed: str | None = self.fact("snapshot.sha256")
        if claimed is None and self.fact("snapshot.tables") is not None:
            return digest_of_snapshot(self.document)
        return claimed

    def evidence(self, contract: str, *, live: bool = False) -> State:
        """What the record itself is worth."""
        record = self.records.get(contract)
        if record is None:
            return "open"
        observed = instant(record["observed_at"])
        if self.is_forged(record) or observed > self.at:
            return "invalid"
        too_old = self.at - observed > FRESH_FOR
        return "open" if too_old or (live and record["target"]["kind"] != "live") else "holds"

    def section(self, contract: str, name: str) -> Document:
        """A section that passed; empty where it did not or is not there."""
        found = self.records.get(contract, {}).get(name, {})
        return found if found.get("status") == "pass" else {}

    def may_accept(self, acceptance: Document) -> bool | None:
        """Whether its actor may; None where nobody can tell, for want of a rollback owner."""
        gate, by = acceptance["gate"], acceptance["by"]
        if gate not in ACCEPTED:
            return False
        if gate == ROLLBACK_ACCEPTANCE:
            owner = self.fact("rollback.owner")
            return None if owner is None else by == owner and by in self.roles
        return self.roles.get(by) == GATES[gate].owner

    def acceptance(self, gate: str) -> State:
        """What the latest acceptance of a gate is worth."""
        latest = self.latest_acceptance(gate)
        if latest is None:
            return "open"
        may = self.may_accept(latest)
        if may is False or instant(latest["at"]) > self.at:
            return "invalid"
        return "open" if may is None or self.is_over(latest) else "holds"

    def latest_acceptance(self, gate: str) -> Document | None:
        """The latest, and of two at one instant the one written last."""
        latest = None
        for each in self.document.get("acceptances", ()):
            if each["gate"] == gate and (
                latest is None or instant(each["at"]) >= instant(latest["at"])
            ):
                latest = each
        return latest

    def is_over(self, claim: Document) -> bool:
        """Whether an acceptance or a waiver has expired: it is valid while at < expires."""
        return "expires" in claim and self.at >= instant(claim["expires"])

    def is_granted(self, waiver: Document) -> bool:
        """Whether nothing is wrong with a waiver but, perhaps, its age."""
        gate, asker, approver = waiver["gate"], waiver["requested_by"], waiver["approved_by"]
        return (
            gate in GATES
            and gate != NEVER_WAIVED
            and bool(GATES[gate].proofs)
            and asker != approver
            and asker in self.roles
            and self.roles.get(approver) == MD
        )

    def is_waived(self, gate: str) -> bool:
        """Whether a waiver stands in for the gate's proof."""
        return any(
            each["gate"] == gate and self.is_granted(each) and not self.is_over(each)
            for each in self.document.get("waivers", ())
        )


def instant(text: str) -> datetime:
    """RFC 3339."""
    return datetime.fromisoformat(text)


# Proofs: what a gate itself asks.

Proof = Callable[[World, str], State]


class Gate(NamedTuple):
    """One row of a table. needs: gates, boards, and `/gate` for one of the same board."""

    owner: str
    needs: tuple[str, ...]
    proofs: tuple[Proof, ...]


def gate(*proofs: Proof, owner: str = MD, needs: str = "") -> Gate:
    return Gate(owner, tuple(needs.split()), proofs)


def accepted(world: World, gate: str) -> State:
    return world.acceptance(gate)


def fact(holds: Callable[[World], bool]) -> Proof:
    """Facts of the scenario say so."""
    return lambda world, _: "holds" if holds(world) else "open"


def observed(
    contract: str, name: str, holds: Callable[[World, Document], bool], *, live: bool = False
) -> Proof:
    """A believed and fresh record says so; `name` is its section."""

    def proof(world: World, _: str) -> State:
        record = world.evidence(contract, live=live)
        if record != "holds":
            return record
        return "holds" if holds(world, world.section(contract, name)) else "open"

    return proof


def named(*values: object) -> bool:
    """All are texts, none of them blank."""
    return all(isinstance(value, str) and value.strip() for value in values)


def names(path: str, *keys: str) -> Proof:
    """Everything below `path` is named."""
    return fact(lambda world: named(*(world.fact(f"{path}.{key}") for key in keys)))


def provider(name: str) -> Proof:
    def holds(world: World) -> bool:
        found = [each for each in world.fact("providers") or () if each["id"] == name]
        return (
            len(found) == 1
            and found[0].get("contract_ready") is True
            and named(found[0].get("current"), found[0].get("target"))
        )

    return fact(holds)


@fact
def session_contract(world: World) -> bool:
    modes = (world.fact(f"adapters.{mode}") for mode in ("storage", "auth", "tenant"))
    return world.fact("adapters.scenario") == "ScenarioStore.v1" and named(*modes)


@fact
def in_the_rollout_plan(world: World) -> bool:
    target = world.fact("target")
    plan = [step for step in world.fact("rollout") or () if step["state"] != "retired"]
    return named(target) and any(step["adapter"] == target for step in plan)


@fact
def in_the_eu(world: World) -> bool:
    place = world.fact("infrastructure.data_residency") or {}
    region = place.get("region", "")
    return (
        re.fullmatch(r"(eu|europe)-[a-z0-9-]+", region) is not None
        and region not in OUTSIDE_THE_EU
        and (place.get("residency"), place.get("backup_locality")) == ("EU", "EU")
    )


@fact
def recovery_decided(world: World) -> bool:
    decided = world.fact("infrastructure.secrets_backup_boundary") or {}
    kept = named(decided.get("secrets_manager"), decided.get("restore_owner"))
    return kept and decided.get("rpo_minutes") is not None


@fact
def release_values_resolve(world: World) -> bool:
    """Seven of the nine; the evidence's contract and the decision always resolve."""
    values = (
        world.fact(path)
        for path in (
            "release_environment",
            "target",
            "adapters.scenario",
            "adapters.storage",
            "adapters.auth",
            "adapters.tenant",
        )
    )
    owner = world.fact("rollback.owner")
    return named(owner, *values) and owner in world.roles


@fact
def falls_back_to_file(world: World) -> bool:
    storage: object = world.fact("rollback.storage")
    return storage == "file-local"


@fact
def snapshot_has_rows(world: World) -> bool:
    """Rows and digest are claimed; that they agree with the payload is seen to before."""
    verified = world.fact("snapshot.tables") is not None and world.fact("snapshot.sha256")
    counts = [world.fact(f"snapshot.rows.{group}") for group in GROUPS]
    return bool(verified) and None not in counts and sum(counts) > 0


def has_rows(group: str) -> Proof:
    return fact(lambda world: (world.fact(f"snapshot.rows.{group}") or 0) > 0)


@fact
def actors_have_roles_and_permissions(world: World) -> bool:
    actors = world.document["actors"]
    return bool(actors) and all(
        named(actor["role"], *actor.get("permissions", ())) and actor.get("permissions")
        for actor in actors
    )


@fact
def every_role_has_a_claim(world: World) -> bool:
    claims = world.fact("wiring.oidc_rbac_claims") or {}
    return named(*(claims.get(role) for role in ROLES))


@fact
def draft_covers_the_runbook(world: World) -> bool:
    return set(RUNBOOK_TABLES) <= set(world.fact("wiring.rls_policy_draft.tables") or ())


@fact
def credentials_reviewed(world: World) -> bool:
    review = world.fact("wiring.live_credentials") or {}
    told = named(review.get("reference"), review.get("reviewed_at"))
    return told and review.get("reviewed_by") in world.roles


def is_snapshot(world: World, section: Document) -> bool:
    digest = section.get("sha256")
    return digest is not None and digest == world.fact("snapshot.sha256")


def is_checkpoint(world: World, section: Document) -> bool:
    kept = section.get("storage")
    return named(kept, section.get("replay_id")) and kept == world.fact("rollback.storage")


TABLE: dict[str, dict[str, Gate]] = {
    "provider-contracts": {
        name: gate(provider(name))
        for name in (
            "scenario-store",
            "auth-rbac",
            "document-intelligence",
            "ksef-e-invoice",
            "maps-eta",
            "driver-offline-sync",
        )
    },
    "session-adapter": {"session-contract": gate(session_contract)},
    "cutover-rehearsal": {
        "contracts-frozen": gate(accepted),
        "role-headers-mapped": gate(accepted, owner=DISP),
        "scenario-store-rehearsal": gate(accepted, owner=DISP),
        "db-schema": gate(accepted, owner=ACC),
        "secrets-auth": gate(accepted, owner=ACC),
        "migration-rollback": gate(accepted),
    },
    "infrastructure": {
        "hosting-provider": gate(
            names("infrastructure.hosting_provider", "provider", "account"), accepted
        ),
        "data-residency": gate(in_the_eu, accepted),
        "runtime-operations": gate(
            names(
                "infrastructure.runtime_operations",
                "on_call",
                "deploy",
                "monitoring",
                "incident_owner",
            ),
            accepted,
        ),
        "secrets-backup-boundary": gate(recovery_decided, accepted),
    },
    "provider-selection": {
        "live-provider": gate(accepted),
        "auth-rbac-owner": gate(accepted),
        "tenant-secrets-boundary": gate(accepted),
        "live-wiring-go-no-go": gate(
            accepted,
            needs="/live-provider /auth-rbac-owner /tenant-secrets-boundary rollback-drill",
        ),
    },
    "adapter-connection": {
        "endpoint-reachability": gate(
            observed(
                CONNECTION,
                "endpoint",
                lambda _, seen: seen.get("reachable") is True and named(seen.get("redacted")),
            )
        ),
        "tls-fingerprint": gate(
            observed(
                CONNECTION,
                "tls",
                lambda _, seen: bool(re.fullmatch("[0-9a-f]{64}", seen.get("sha256", ""))),
            ),
            needs="/endpoint-reachability",
        ),
        "rbac-session": gate(
            observed(CONNECTION, "rbac", lambda _, seen: seen.get("actors", 0) > 0),
            needs="/endpoint-reachability",
        ),
        "write-probe": gate(
            observed(CONNECTION, "write_probe", lambda _, seen: seen.get("rolled_back") is True),
            needs="/rbac-session",
        ),
    },
    "dry-run": {
        "export-snapshot": gate(
            observed(DRY_RUN, "export", is_snapshot), needs="adapter-connection"
        ),
        "schema-map": gate(
            observed(DRY_RUN, "schema_map", lambda _, seen: seen.get("unmapped") == 0),
            needs="/export-snapshot",
        ),
        "rbac-claims": gate(
            observed(
                DRY_RUN,
                "rbac_claims",
                lambda world, seen: seen.get("actors") == len(world.document["actors"]) > 0,
            ),
            needs="/export-snapshot",
        ),
        "adapter-replay": gate(
            observed(DRY_RUN, "replay", is_snapshot), needs="/schema-map /rbac-claims"
        ),
        "rollback-checkpoint": gate(
            observed(DRY_RUN, "rollback_checkpoint", is_checkpoint), needs="/adapter-replay"
        ),
    },
    "decision-board": {
        "adapter-selection": gate(in_the_rollout_plan),
        "environment-readiness": gate(
            owner=DISP,
            needs="cutover-rehearsal/contracts-frozen cutover-rehearsal/scenario-store-rehearsal",
        ),
        "secrets-rbac-owner": gate(
            owner=ACC,
            needs="cutover-rehearsal/role-headers-mapped cutover-rehearsal/secrets-auth",
        ),
        "schema-rls": gate(owner=ACC, needs="cutover-rehearsal/db-schema"),
        "migration-dry-run": gate(needs="cutover-rehearsal/migration-rollback"),
        "rollback-window": gate(
            needs="cutover-rehearsal/scenario-store-rehearsal cutover-rehearsal/migration-rollback"
        ),
        "release-approvals": gate(needs="cutover-rehearsal"),
    },
    "release-handoff": {
        "env-vars": gate(release_values_resolve),
        "adapter-target": gate(needs="decision-board/adapter-selection"),
        "rollback-fallback": gate(falls_back_to_file),
        "dry-run-transcript": gate(needs="dry-run"),
        "owner-evidence": gate(needs="cutover-rehearsal"),
    },
    "rollback-drill": {
        "freeze-window": gate(needs="release-handoff"),
        "owner-acknowledgement": gate(accepted, needs="/freeze-window"),
        "storage-fallback": gate(falls_back_to_file, needs="/freeze-window"),
        "audit-packet": gate(needs="/owner-acknowledgement /storage-fallback"),
    },
    "migration-preflight": {
        "snapshot-payload": gate(snapshot_has_rows),
        "schema-map": gate(needs="decision-board"),
        "rbac-claims": gate(actors_have_roles_and_permissions),
        "adapter-replay": gate(needs="dry-run"),
        "rollback-evidence": gate(needs="release-handoff rollback-drill"),
    },
    "migration-runbook": {
        "freeze-snapshot": gate(needs="migration-preflight/snapshot-payload"),
        "schema-rls": gate(needs="cutover-rehearsal"),
        "actor-claims": gate(needs="migration-preflight/rbac-claims"),
        "adapter-replay": gate(needs="adapter-connection dry-run"),
        "checksum-verification": gate(needs="migration-preflight"),
        "rollback-seal": gate(needs="release-handoff rollback-drill"),
    },
    "data-cutover-batches": {
        "tenant-rbac-seed": gate(actors_have_roles_and_permissions),
        "operations-replay": gate(has_rows("operations")),
        "finance-ledger": gate(has_rows("finance")),
        "audit-trail": gate(has_rows("audit")),
    },
    "data-cutover": {
        "freeze-snapshot": gate(needs="migration-preflight/snapshot-payload"),
        "seed-tenant-rls": gate(needs="migration-runbook data-cutover-batches/tenant-rbac-seed"),
        "replay-batches": gate(needs="adapter-connection dry-run"),
        "audit-parity": gate(needs="data-cutover-batches migration-preflight"),
        "rollback-seal": gate(needs="release-handoff rollback-drill"),
    },
    "db-auth-wiring": {
        "infrastructure-acceptance": gate(needs="infrastructure"),
        "endpoint-contract": gate(
            names("wiring.endpoint_contract", "redacted"),
            needs="/infrastructure-acceptance adapter-connection/endpoint-reachability",
        ),
        "tenant-context": gate(
            names("wiring.tenant_context", "organization_claim", "tenant_claim"),
            needs="/infrastructure-acceptance",
        ),
        "oidc-rbac-claims": gate(every_role_has_a_claim, needs="/infrastructure-acceptance"),
        "rls-policy-draft": gate(draft_covers_the_runbook, needs="/infrastructure-acceptance"),
        "secrets-backup-boundary": gate(
            needs="/infrastructure-acceptance infrastructure/secrets-backup-boundary"
        ),
        "live-credentials": gate(
            credentials_reviewed,
            needs="/infrastructure-acceptance /endpoint-contract /tenant-context "
            "/oidc-rbac-claims /rls-policy-draft /secrets-backup-boundary",
        ),
    },
    "production-readiness": {
        "adapter-target": gate(needs="decision-board/adapter-selection"),
        "auth-rbac-owner": gate(needs="provider-selection/auth-rbac-owner"),
        "go-no-go": gate(
            observed(CONNECTION, "", lambda *_: True, live=True),
            needs="release-handoff data-cutover provider-selection db-auth-wiring",
        ),
    },
    "integration-readiness": {
        board: gate(needs=board)
        for board in (
            "provider-contracts",
            "session-adapter",
            "migration-preflight",
            "migration-runbook",
            "adapter-connection",
            "dry-run",
            "release-handoff",
            "infrastructure",
            "rollback-drill",
        )
    },
}
GATES = {f"{board}/{key}": row for board, rows in TABLE.items() for key, row in rows.items()}
ACCEPTED = frozenset(name for name, row in GATES.items() if accepted in row.proofs)
ROLLBACK_ACCEPTANCE = "rollback-drill/owner-acknowledgement"
NEVER_WAIVED = "production-readiness/go-no-go"
SCORE = "integration-readiness"

# The first whose board is not ready gives the code; a board's name stands for its decision.
LADDERS: dict[str, tuple[tuple[str, str | None], ...]] = {
    "release-handoff": (
        ("BLOCKED_PENDING_DRY_RUN", "dry-run"),
        ("BLOCKED_PENDING_OWNER_APPROVALS", "cutover-rehearsal"),
        ("BLOCKED_PENDING_RELEASE_HANDOFF", "release-handoff"),
        ("GO_LOCAL_DEMO", None),
    ),
    "rollback-drill": (
        ("release-handoff", "release-handoff"),
        ("BLOCKED_PENDING_ROLLBACK_DRILL", "rollback-drill"),
        ("GO_ROLLBACK_READY", None),
    ),
    "migration-runbook": (
        ("BLOCKED_PENDING_PREFLIGHT", "migration-preflight"),
        ("BLOCKED_PENDING_RUNBOOK", "migration-runbook"),
        ("GO_MIGRATION_REHEARSED", None),
    ),
    "data-cutover": (("BLOCKED_PENDING_DATA_CUTOVER", "data-cutover"), ("GO_DATA_CUTOVER", None)),
    "db-auth-wiring": (
        ("BLOCKED_PENDING_INFRASTRUCTURE_OR_CREDENTIALS", "db-auth-wiring"),
        ("GO_WIRING", None),
    ),
    "production-readiness": (("NO-GO", "production-readiness"), ("GO", None)),
}


def _needed(name: str) -> tuple[str, ...]:
    """All gates that a gate waits for directly."""
    own = name.partition("/")[0]
    found: list[str] = []
    for need in GATES[name].needs:
        if need.startswith("/"):
            found.append(own + need)
        elif "/" in need:
            found.append(need)
        else:
            found.extend(f"{need}/{key}" for key in TABLE[need])
    return tuple(found)


NEEDS = {name: _needed(name) for name in GATES}


def _closure(name: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for need in NEEDS[waiting.pop()]:
            if need not in found:
                found.add(need)
                waiting.append(need)
    return frozenset(found)


BEHIND = {name: _closure(name) for name in GATES}

# The judgement.

READY = ("ready", "waived")


def judge(document: Document, at: datetime) -> Expected:
    """What the tables imply. Raises Refused."""
    _refuse_contradictions(document)
    world = World(document, at)
    statuses = _statuses(world)
    ready = {name for name in GATES if statuses[name] in READY}
    unblocks = {
        name: sum(name in BEHIND[other] and other not in ready for other in GATES) for name in GATES
    }
    boards = {
        board: (sum(f"{board}/{key}" in ready for key in rows), len(rows))
        for board, rows in TABLE.items()
    }
    act = [
        name
        for name in GATES
        if statuses[name] in ("next", "invalid") and ready.issuperset(NEEDS[name])
    ]
    decisions = {board: _decision(board, boards) for board in LADDERS}
    enabled = decisions["db-auth-wiring"] == "GO_WIRING"
    return Expected(
        statuses=statuses,
        owners={name: row.owner for name, row in GATES.items()},
        unblocks=unblocks,
        root_causes={name: _causes(name, statuses) for name in GATES},
        boards=boards,
        decisions=decisions,
        traffic=f"production_traffic_{'enabled' if enabled else 'disabled'}",
        scores={"integration": _score(boards)},
        next_action=max(act, key=unblocks.__getitem__) if act else None,
        errors=sum(1 for _ in _errors(world)),
        warnings=sum(1 for _ in _warnings(world)),
    )


def change_after(document: Document, at: datetime) -> datetime | None:
    """The first whole second after `at` at which time alone changes a status; found by trying."""
    now = _statuses(World(document, at))
    for moment in sorted(set(_moments(document))):
        if moment > at and _statuses(World(document, moment)) != now:
            return moment
    return None


def _moments(document: Document) -> Iterator[datetime]:
    """Every whole second at which anything begins or ends."""
    for record in document.get("evidence", {}).values():
        observed_at = instant(record["observed_at"])
        yield _up(observed_at)
        yield (observed_at + FRESH_FOR).replace(microsecond=0) + ONE_SECOND
    for claim in (*document.get("acceptances", ()), *document.get("waivers", ())):
        for field in ("at", "expires"):
            if field in claim:
                yield _up(instant(claim[field]))


def _up(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + ONE_SECOND


def _refuse_contradictions(document: Document) -> None:
    actors = document["actors"]
    if len({actor["id"] for actor in actors}) < len(actors):
        raise Refused("two actors have one id")
    if not {actor["role"] for actor in actors} <= set(ROLES):
        raise Refused("a role is none of the pack's")
    contracts = [record["contract"] for record in document.get("evidence", {}).values()]
    if len(set(contracts)) < len(contracts):
        raise Refused("two records of one contract")
    snapshot = document.get("snapshot", {})
    if "tables" in snapshot:
        if snapshot.get("sha256") not in (None, digest_of_snapshot(document)):
            raise Refused("the digest is not the payload's")
        counted = rows_of(document)
        if any(counted[group] != rows for group, rows in snapshot.get("rows", {}).items()):
            raise Refused("the rows are not the payload's")


def _statuses(world: World) -> dict[str, str]:
    found: dict[str, str] = {}
    # What a gate needs may stand in a later table.
    for name in sorted(GATES, key=lambda name: len(BEHIND[name])):
        states = [proof(world, name) for proof in GATES[name].proofs]
        if name not in ACCEPTED and world.latest_acceptance(name) is not None:
            states.append("invalid")
        if "invalid" in states:
            found[name] = "invalid"
        elif any(found[need] not in READY for need in NEEDS[name]):
            found[name] = "blocked"
        elif "open" not in states:
            found[name] = "ready"
        else:
            found[name] = "waived" if world.is_waived(name) else "next"
    return {name: found[name] for name in GATES}


def _causes(name: str, statuses: Mapping[str, str]) -> tuple[str, ...]:
    if statuses[name] != "blocked":
        return ()
    return tuple(
        other for other in GATES if other in BEHIND[name] and statuses[other] in ("next", "invalid")
    )


def _decision(board: str, boards: Mapping[str, Sequence[int]]) -> str:
    for code, waits_for in LADDERS[board]:
        if waits_for is None or boards[waits_for][0] < boards[waits_for][1]:
            return _decision(code, boards) if code in LADDERS else code
    raise AssertionError(board)


def _score(boards: Mapping[str, Sequence[int]]) -> tuple[int, int, int, int]:
    """Ready, started, total, and started in percent, half rounded up."""
    total = len(TABLE[SCORE])
    ready = boards[SCORE][0]
    started = sum(boards[board][0] > 0 for board in TABLE[SCORE])
    return ready, started, total, int(100 * started / total + 0.5)


def _errors(world: World) -> Iterator[str]:
    """One for each claim that must not be believed."""
    for record in world.records.values():
        if world.is_forged(record) or instant(record["observed_at"]) > world.at:
            yield "evidence"
    for acceptance in world.document.get("acceptances", ()):
        if world.may_accept(acceptance) is False or instant(acceptance["at"]) > world.at:
            yield "acceptance"
    for waiver in world.document.get("waivers", ()):
        if not world.is_granted(waiver):
            yield "waiver"


def _warnings(world: World) -> Iterator[str]:
    """One for each claim that was good and has expired."""
    for contract, record in world.records.items():
        believed = not world.is_forged(record)
        if believed and world.at - instant(record["observed_at"]) > FRESH_FOR:
            yield contract
    for acceptance in world.document.get("acceptances", ()):
        is_latest = acceptance is world.latest_acceptance(acceptance["gate"])
        if (
            is_latest
            and world.may_accept(acceptance) is not False
            and instant(acceptance["at"]) <= world.at
            and world.is_over(acceptance)
        ):
            yield "acceptance"
    for waiver in world.document.get("waivers", ()):
        if world.is_granted(waiver) and world.is_over(waiver):
            yield "waiver"
