"""The engine's result and the oracle's, held against each other."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bfg_policy.errors import LinkError
from bfg_policy.pipeline import judge_scenario
from bfg_policy.readiness import Readiness
from tests.bfg import oracle
from tests.bfg.documents import NOWHERE, Document, pack


def said(readiness: Readiness) -> oracle.Expected:
    """What the engine says, in the oracle's form."""
    gates, boards = readiness.gates, readiness.boards
    errors = sum(finding.is_error for finding in readiness.findings)
    return oracle.Expected(
        statuses={gate.id: gate.status for gate in gates.values()},
        owners={gate.id: gate.owner for gate in gates.values()},
        unblocks={gate.id: gate.unblocks for gate in gates.values()},
        root_causes={gate.id: gate.root_causes for gate in gates.values()},
        boards={board.id: (board.ready, board.total) for board in boards.values()},
        decisions={each.id: each.decision for each in boards.values() if each.decision is not None},
        traffic=boards["db-auth-wiring"].also["traffic"],
        scores={
            name: (score.ready, score.started, score.total, score.started_percent)
            for name, score in readiness.scores.items()
        },
        next_action=readiness.next_action,
        errors=errors,
        warnings=len(readiness.findings) - errors,
    )


def engine(source: Path | bytes, at: datetime) -> Readiness | None:
    """The engine's result; None where the document contradicts itself."""
    try:
        return judge_scenario(pack(), source, at, NOWHERE).readiness
    except LinkError:
        return None


def tables(document: Document, at: datetime) -> oracle.Expected | None:
    """The oracle's result; None where it refuses to judge."""
    try:
        return oracle.judge(document, at)
    except oracle.Refused:
        return None


def assert_agreed(found: Readiness | None, expected: oracle.Expected | None) -> None:
    if found is None or expected is None:
        assert (found, expected) == (None, None)
        return
    told = said(found)
    for field in oracle.Expected._fields:
        assert getattr(told, field) == getattr(expected, field), field
    assert list(told.statuses) == list(expected.statuses)
    assert list(told.boards) == list(expected.boards)
    assert found.verdict == expected.decisions["production-readiness"]
