"""The `json` format: `Readiness.v1` and `Findings.v1`, as their contracts have them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bfg_policy.instants import format_instant
from bfg_policy.rendering.visible import Replaced, is_visible
from bfg_policy.reporters.results import Findings, Judged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.errors import Finding, Place
    from bfg_policy.readiness import BoardResult, GateResult, Readiness, Reading, Score
    from bfg_policy.reporters.results import Result, Style

Data = dict[str, object]


def report(result: Result, _style: Style) -> str:
    """The result as JSON, indented by two blanks. Keys may be added some day, never removed."""
    if isinstance(result, Judged):
        document = readiness_document(result.readiness)
    else:
        assert isinstance(result, Findings)
        document = findings_document(result.findings)
    return document_text(document)


def document_text(document: Data) -> str:
    """Plain data as JSON that can be shown anywhere, with its last line end."""
    return inert_json(document, indent=2) + "\n"


def inert_json(value: object, indent: int | None = None) -> str:
    """Plain data as JSON that can be shown anywhere. indent: blanks, None for a single line."""
    return _inert(json.dumps(value, ensure_ascii=False, indent=indent))


def readiness_document(readiness: Readiness) -> Data:
    """A result as `Readiness.v1`: plain data in the order in which people read it."""
    return {
        "contract": "Readiness.v1",
        "scenario": readiness.scenario,
        "target": readiness.target,
        "at": format_instant(readiness.at),
        "pack": readiness.pack._asdict(),
        "verdict": readiness.verdict,
        "ready": readiness.ready,
        "total": readiness.total,
        "counts": dict(readiness.counts),
        "boards": {board.id: _board(board) for board in readiness.boards.values()},
        "gates": {gate.id: _gate(gate) for gate in readiness.gates.values()},
        "scores": {name: score_data(score) for name, score in readiness.scores.items()},
        "owners": {
            role: {
                "actors": list(owner.actors),
                "next": list(owner.next),
                "invalid": list(owner.invalid),
                "blocked": list(owner.blocked),
            }
            for role, owner in readiness.owners.items()
        },
        "next_action": _next_action(readiness),
        "next_change": _next_change(readiness),
        "findings": [finding_data(finding) for finding in readiness.findings],
    }


def findings_document(findings: tuple[Finding, ...]) -> Data:
    """Findings as `Findings.v1`."""
    return {"contract": "Findings.v1", "findings": [finding_data(finding) for finding in findings]}


def _board(board: BoardResult) -> Data:
    return {
        "ready": board.ready,
        "total": board.total,
        "decision": board.decision,
        "owner": board.owner,
        **_unless_empty("also", board.also),
    }


def _gate(gate: GateResult) -> Data:
    return {
        "status": gate.status,
        "owner": gate.owner,
        "reason": gate.reason,
        "because": gate.because,
        "root_causes": list(gate.root_causes),
        "unblocks": gate.unblocks,
        **({"readings": [reading_data(each) for each in gate.readings]} if gate.readings else {}),
        **_unless_empty("labels", gate.labels),
        "source": place_data(gate.source),
    }


def reading_data(reading: Reading) -> Data:
    """A reading as `Readiness.v1` has it."""
    place = None if reading.place is None else place_data(reading.place)
    return {
        "condition": reading.condition,
        "source": place_data(reading.source),
        "path": reading.path,
        "value": reading.value,
        "place": place,
    }


def score_data(score: Score) -> Data:
    """A score as `Readiness.v1` has it."""
    return {**score._asdict(), "started_percent": score.started_percent}


def _next_action(readiness: Readiness) -> Data | None:
    if readiness.next_action is None:
        return None
    gate = readiness.gates[readiness.next_action]
    return {"gate": gate.id, "owner": gate.owner, "unblocks": gate.unblocks}


def _next_change(readiness: Readiness) -> Data | None:
    change = readiness.next_change
    if change is None:
        return None
    return {"at": format_instant(change.at), "gate": change.gate, "why": change.why}


def finding_data(finding: Finding) -> Data:
    """A finding as `Findings.v1` has it."""
    texts = {"note": finding.note, "hint": finding.hint, "suggestion": finding.suggestion}
    related = [{**place_data(each.place), "message": each.message} for each in finding.related]
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        **place_data(finding.place),
        **{key: text for key, text in texts.items() if text is not None},
        **({"related": related} if related else {}),
    }


def place_data(place: Place) -> Data:
    """A place as the contracts have it: `path`, `line` and `column`, null where nobody knows."""
    return {"path": place.path, "line": place.line, "column": place.column}


def _unless_empty(key: str, words: Mapping[str, str]) -> Data:
    return {key: dict(words)} if words else {}


def _inert(text: str) -> str:
    """The same JSON, which neither a terminal nor a CI log can take for a command of theirs.

    Everything beyond plain characters stands inside a string, where an escape says the same.
    """
    text = text.replace("##", "#\\u0023").replace("::", ":\\u003a")
    if text.isascii() and "\x7f" not in text:
        return text
    return text.translate(_INERT).replace("\x7f", "\\u007f")


_INERT = Replaced(lambda each: each if each == "\n" or is_visible(each) else json.dumps(each)[1:-1])
