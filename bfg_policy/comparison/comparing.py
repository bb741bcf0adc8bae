"""Two sides -> Comparison: everything that a change does, and nothing that it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.comparison.moving import find_moves
from bfg_policy.comparison.results import decision_moves, newly_next, score_moves
from bfg_policy.comparison.types import Comparison
from bfg_policy.comparison.weakening import find_weaknesses

if TYPE_CHECKING:
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
        decisions=decision_moves(before, after),
        scores=score_moves(before, after),
        newly_next=newly_next(before, after),
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


def _new_findings(before: Readiness, after: Readiness) -> tuple[Finding, ...]:
    """HEAD's findings that the base does not have, wherever they stand."""
    known = {(finding.code, finding.message) for finding in before.findings}
    return tuple(each for each in after.findings if (each.code, each.message) not in known)
