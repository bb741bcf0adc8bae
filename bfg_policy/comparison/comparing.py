"""Two sides -> Comparison: everything that a change does, and nothing that it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.comparison.moving import find_moves
from bfg_policy.comparison.types import Comparison, DecisionMove, ScoreMove
from bfg_policy.comparison.weakening import find_weaknesses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.comparison.sides import Side
    from bfg_policy.errors import Finding
    from bfg_policy.readiness import Readiness


def compare(base: Side, head: Side) -> Comparison:
    """What the change from the base to HEAD does to HEAD's readiness."""
    before, after = base.readiness, head.readiness
    return Comparison(
        base=base.standing,
        head=head.standing,
        base_name=base.standing.name,
        moves=find_moves(base, head),
        decisions=tuple(_decisions(before, after)),
        scores=tuple(_scores(before, after)),
        newly_next=tuple(_newly_next(before, after)),
        weakened=find_weaknesses(base, head),
        findings=_new_findings(before, after),
        policy_changed=base.pack.id.sha256 != head.pack.id.sha256,
    )


def only_head(head: Side, base_name: str, findings: tuple[Finding, ...]) -> Comparison:
    """HEAD by itself, where the base cannot be judged. findings: why it cannot."""
    return Comparison(
        base=None,
        head=head.standing,
        base_name=base_name,
        findings=head.readiness.findings,
        base_findings=findings,
    )


def _decisions(before: Readiness, after: Readiness) -> Iterator[DecisionMove]:
    for board in dict.fromkeys((*after.boards, *before.boards)):
        old, new = before.boards.get(board), after.boards.get(board)
        was, now = old.decision if old else None, new.decision if new else None
        if was != now:
            yield DecisionMove(board, was, now)


def _scores(before: Readiness, after: Readiness) -> Iterator[ScoreMove]:
    for name in dict.fromkeys((*after.scores, *before.scores)):
        old, new = before.scores.get(name), after.scores.get(name)
        if old != new:
            yield ScoreMove(name, old, new)


def _newly_next(before: Readiness, after: Readiness) -> Iterator[str]:
    """Gates that somebody can act on now and could not before; those that hold back most first."""
    found = [
        gate
        for gate in after.gates.values()
        if gate.status == "next"
        and (gate.id not in before.gates or before.gates[gate.id].status != "next")
    ]
    return (gate.id for gate in sorted(found, key=lambda gate: -gate.unblocks))


def _new_findings(before: Readiness, after: Readiness) -> tuple[Finding, ...]:
    """HEAD's findings that the base does not have, wherever they stand."""
    known = {(finding.code, finding.message) for finding in before.findings}
    return tuple(each for each in after.findings if (each.code, each.message) not in known)
