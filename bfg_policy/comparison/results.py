"""What differs between two results, whatever they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.comparison.types import DecisionMove, ScoreMove

if TYPE_CHECKING:
    from bfg_policy.readiness import Readiness


def decision_moves(before: Readiness, after: Readiness) -> tuple[DecisionMove, ...]:
    """The boards that decide something else, those that are gone at the end."""
    found = []
    for board in dict.fromkeys((*after.boards, *before.boards)):
        old, new = before.boards.get(board), after.boards.get(board)
        was, now = old.decision if old else None, new.decision if new else None
        if was != now:
            found.append(DecisionMove(board, was, now))
    return tuple(found)


def score_moves(before: Readiness, after: Readiness) -> tuple[ScoreMove, ...]:
    """The scores that are other ones, those that are gone at the end."""
    found = []
    for name in dict.fromkeys((*after.scores, *before.scores)):
        old, new = before.scores.get(name), after.scores.get(name)
        if old != new:
            found.append(ScoreMove(name, old, new))
    return tuple(found)


def newly_next(before: Readiness, after: Readiness) -> tuple[str, ...]:
    """The gates that are next now and were not before; those that hold back most first."""
    found = [
        gate
        for gate in after.gates.values()
        if gate.status == "next"
        and (gate.id not in before.gates or before.gates[gate.id].status != "next")
    ]
    return tuple(gate.id for gate in sorted(found, key=lambda gate: -gate.unblocks))
