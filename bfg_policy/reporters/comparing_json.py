"""The `json` format of a comparison: `ReadinessDiff.v1`, as its contract has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.instants import format_instant
from bfg_policy.reporters.json import Data, document_text, finding_data, score_data

if TYPE_CHECKING:
    from bfg_policy.comparison.types import (
        Cause,
        Comparison,
        Move,
        PacketChange,
        ScoreMove,
        Standing,
        Weakness,
    )
    from bfg_policy.errors import Place
    from bfg_policy.reporters.results import Compared, Style


def report(result: Compared, _style: Style) -> str:
    """The comparison as JSON, indented by two blanks. Keys may be added, never removed."""
    return document_text(comparison_document(result.comparison))


def comparison_document(comparison: Comparison) -> Data:
    """A comparison as `ReadinessDiff.v1`: plain data in the order in which people read it."""
    base, head = comparison.base, comparison.head
    return {
        "contract": "ReadinessDiff.v1",
        "scenario": head.scenario.id,
        "target": head.scenario.target,
        "before": None if base is None else _standing(base),
        "after": _standing(head),
        "policy_changed": comparison.policy_changed,
        "regressed": [move.gate for move in comparison.regressed],
        "weakened": [_weakness(each) for each in comparison.weakened],
        "moves": [_move(move) for move in comparison.moves],
        "decisions": [
            {"board": each.board, "from": each.before, "to": each.after}
            for each in comparison.decisions
        ],
        "scores": [_score_move(each) for each in comparison.scores],
        "newly_next": list(comparison.newly_next),
        "packets": [_packet(each) for each in comparison.packets],
        "fail_on": sorted(comparison.fail_on),
        "fails": comparison.fails,
        "findings": [finding_data(finding) for finding in comparison.findings],
        "base_findings": [finding_data(finding) for finding in comparison.base_findings],
    }


def _standing(standing: Standing) -> Data:
    readiness = standing.readiness
    return {
        "name": standing.name,
        "scenario": readiness.scenario,
        "at": format_instant(readiness.at),
        "pack": readiness.pack._asdict(),
        "verdict": readiness.verdict,
        "ready": readiness.ready,
        "total": readiness.total,
        "counts": dict(readiness.counts),
    }


def _move(move: Move) -> Data:
    return {
        "gate": move.gate,
        "from": move.before,
        "to": move.after,
        "regressed": move.is_regressed,
        "causes": [_cause(cause) for cause in move.causes],
    }


def _cause(cause: Cause) -> Data:
    return {"kind": cause.kind, "what": cause.what, "where": where(cause.place)}


def _weakness(weakness: Weakness) -> Data:
    return {
        "kind": weakness.kind,
        "gate": weakness.gate,
        "what": weakness.what,
        "where": where(weakness.place),
        **({} if weakness.witness is None else {"witness": weakness.witness}),
    }


def where(place: Place) -> str | None:
    """A place as `path:line:column`; None where nobody knows one."""
    return str(place) or None


def _score_move(move: ScoreMove) -> Data:
    before, after = (score and score_data(score) for score in (move.before, move.after))
    return {"name": move.name, "from": before, "to": after}


def _packet(change: PacketChange) -> Data:
    return {
        "path": change.path,
        "board": change.board,
        "change": change.kind,
        "difference": list(change.difference),
    }
