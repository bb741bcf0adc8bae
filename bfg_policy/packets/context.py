"""The context of every template: one judgement as plain data, with nothing left to work out.

| name | is |
| --- | --- |
| `scenario` | the scenario's document, as rules see it |
| `target`, `tenant`, `at` | the adapter judged, whose data it is, the instant of the judgement |
| `pack` | `id`, `version` (or null), `sha256`, `roles` |
| `verdict`, `verdict_board` | the decision of the verdict board, and its id; null without one |
| `is_go` | whether all gates of the verdict board are ready; without one, all gates |
| `ready`, `total`, `counts` | ready gates (waived ones, too), all gates, gates by status |
| `boards`, `board` | all boards by id; the packet's own board, null in the report |
| `gates` | all gates by id |
| `owners` | in the pack's order: `role`, `actors`, and gates: `next`, `invalid`, `blocked` |
| `actors`, `people` | the actors in order; the same by id |
| `evidence` | the believed records by contract |
| `snapshot` | `schema`, `sha256`, `checksum`, `verified`, `rows` by group, `total` of them |
| `scores` | by name: `ready`, `started`, `total`, `started_percent` |
| `edges` | which board waits for which: `board`, `needs`, both ids; what follows is left out |
| `next_action` | the gate to see to first, or null |
| `next_change` | `at`, `gate`, `why`: the first change that time alone makes, or null |
| `waived`, `invalid` | the gates of that status |
| `findings` | `code`, `severity`, `message`, `place`, `note`, `hint` of each |
| `packets` | in the report: `path`, `board`, `sha256` of each packet; elsewhere empty |

A board: `id`, `position` (from 0), `contract`, `title`, `owner`, `gates`, `ready`, `total`,
`progress` (`0/5`), `decision` (or null), `also`, `is_ready`. A gate: `id`, `board`, `key`,
`title`, `owner`, `status`, `reason`, `because`, `needs`, `root_causes`, `unblocks`, `remedy`,
`labels`, `is_ready`, `place`, and `acceptance` and `waiver`: `by`, `at`, `expires`, `text`, or
null. An actor: `id`, `name`, `desk`, `role`, `permissions`. A record: all that passed of it, under
its own keys, and `name`, `live`, `expired`. Titles and remedies are texts by language
(`title | text`). Instants are UTC, such as `2026-11-20T12:00:00Z`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bfg_policy.digest import checksum
from bfg_policy.instants import format_instant
from bfg_policy.packets.edges import board_edges
from bfg_policy.rendering.data import NOT_RECORDED
from bfg_policy.scenario.snapshot import count_rows

if TYPE_CHECKING:
    from datetime import datetime

    from bfg_policy.errors import Finding
    from bfg_policy.pack import Pack
    from bfg_policy.readiness import Approval, BoardResult, GateResult, Observation, Readiness
    from bfg_policy.scenario import Scenario

Data = dict[str, object]


def build_context(pack: Pack, scenario: Scenario, readiness: Readiness) -> Data:
    """Everything that a template may use, but `board` and `packets`."""
    gates = {gate.id: _gate(gate) for gate in readiness.gates.values()}
    boards = {
        board.id: {"position": position, **_board(board, gates)}
        for position, board in enumerate(readiness.boards.values())
    }
    people: dict[str, Data] = {actor.id: actor.fields for actor in scenario.actors.values()}
    decisive = [pack.verdict] if pack.verdict is not None else list(readiness.boards)
    return {
        "scenario": scenario.document,
        "target": scenario.target,
        "tenant": scenario.tenant,
        "at": format_instant(readiness.at),
        "pack": {**readiness.pack._asdict(), "roles": list(pack.roles)},
        "verdict": readiness.verdict,
        "verdict_board": pack.verdict,
        "is_go": all(readiness.boards[board].is_ready for board in decisive),
        "ready": readiness.ready,
        "total": readiness.total,
        "counts": dict(readiness.counts),
        "boards": boards,
        "board": None,
        "gates": gates,
        "owners": _owners(readiness, gates, people),
        "actors": list(people.values()),
        "people": people,
        "evidence": {each.contract: _record(each) for each in readiness.observations.values()},
        "snapshot": snapshot_data(pack, scenario),
        "scores": {
            name: {**score._asdict(), "started_percent": score.started_percent}
            for name, score in readiness.scores.items()
        },
        "edges": [{"board": board, "needs": need} for board, need in board_edges(pack)],
        "next_action": gates[readiness.next_action] if readiness.next_action else None,
        "next_change": _next_change(readiness, gates),
        "waived": _of_status(readiness, gates, "waived"),
        "invalid": _of_status(readiness, gates, "invalid"),
        "findings": [finding_data(finding) for finding in readiness.findings],
        "packets": [],
    }


def _gate(gate: GateResult) -> Data:
    return {
        "id": gate.id,
        "board": gate.board,
        "key": gate.key,
        "title": dict(gate.title),
        "owner": gate.owner,
        "status": gate.status,
        "reason": gate.reason,
        "because": gate.because,
        "needs": list(gate.needs),
        "root_causes": list(gate.root_causes),
        "unblocks": gate.unblocks,
        "remedy": dict(gate.remedy),
        "labels": dict(gate.labels),
        "is_ready": gate.is_ready,
        "acceptance": _approval(gate.acceptance),
        "waiver": _approval(gate.waiver),
        "place": str(gate.source),
    }


def _approval(approval: Approval | None) -> Data | None:
    if approval is None:
        return None
    return {
        "by": approval.by,
        "at": _instant(approval.at),
        "expires": _instant(approval.expires),
        "text": approval.text,
    }


def _instant(instant: datetime | None) -> str | None:
    return format_instant(instant) if instant else None


def _board(board: BoardResult, gates: Mapping[str, Data]) -> Data:
    return {
        "id": board.id,
        "contract": board.contract,
        "title": dict(board.title),
        "owner": board.owner,
        "gates": [gates[gate] for gate in board.gates],
        "ready": board.ready,
        "total": board.total,
        "progress": f"{board.ready}/{board.total}",
        "decision": board.decision,
        "also": dict(board.also),
        "is_ready": board.is_ready,
    }


def _owners(
    readiness: Readiness, gates: Mapping[str, Data], people: Mapping[str, Data]
) -> list[Data]:
    return [
        {
            "role": owner.role,
            "actors": [people[actor] for actor in owner.actors],
            "next": [gates[gate] for gate in owner.next],
            "invalid": [gates[gate] for gate in owner.invalid],
            "blocked": [gates[gate] for gate in owner.blocked],
        }
        for owner in readiness.owners.values()
    ]


def _record(observation: Observation) -> Data:
    # The record's own keys first: what the engine knows for certain must not be overwritten.
    return {
        **observation.sections,
        "name": observation.name,
        "contract": observation.contract,
        "collector": observation.collector,
        "observed_at": format_instant(observation.observed_at),
        "live": observation.live,
        "expired": observation.expired,
    }


def snapshot_data(pack: Pack, scenario: Scenario) -> Data:
    """What templates see as `snapshot`."""
    written = scenario.document.get("snapshot")
    snapshot: Mapping[str, object] = written if isinstance(written, Mapping) else {}
    claimed, tables = snapshot.get("rows"), snapshot.get("tables")
    if isinstance(tables, Mapping):
        rows = count_rows(tables, pack.groups)
    else:
        known: Mapping[str, int] = claimed if isinstance(claimed, Mapping) else {}
        rows = {group: known.get(group, 0) for group in pack.groups}
    digest = scenario.snapshot_sha256
    return {
        "schema": snapshot.get("schema"),
        "sha256": digest,
        "checksum": checksum(digest) if digest else NOT_RECORDED,
        "verified": snapshot.get("verified") is True,
        "rows": rows,
        "total": sum(rows.values()),
    }


def _next_change(readiness: Readiness, gates: Mapping[str, Data]) -> Data | None:
    change = readiness.next_change
    if change is None:
        return None
    return {"at": format_instant(change.at), "gate": gates[change.gate], "why": change.why}


def _of_status(readiness: Readiness, gates: Mapping[str, Data], status: str) -> list[Data]:
    return [gates[gate.id] for gate in readiness.gates.values() if gate.status == status]


def finding_data(finding: Finding) -> Data:
    """A finding as templates see it."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "place": str(finding.place),
        "note": finding.note,
        "hint": finding.hint,
        "suggestion": finding.suggestion,
    }
