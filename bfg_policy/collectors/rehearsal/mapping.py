"""The schema map: every field of the snapshot has a column, and every row fits its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.packets.batches import mapped_scenario
from bfg_policy.scenario.merged import path_text

if TYPE_CHECKING:
    from bfg_policy.collectors.course import Checks
    from bfg_policy.collectors.rehearsal.plan import Plan
    from bfg_policy.database.rows import Kind

_MOST_TOLD = 20
# The facts of the record, and the problems that each of them counts.
_FACTS: dict[str, tuple[Kind, ...]] = {
    "unmapped": ("unmapped",),
    "missing": ("missing",),
    "orphaned": ("orphaned",),
    "foreign_tenant": ("foreign",),
    "unfit": ("type", "null", "duplicate"),
}


def map_schema(plan: Plan, checks: Checks) -> None:
    """Lay the snapshot's rows down by the map, in thought, and tell what does not fit."""
    checks.require(
        "the map is of this snapshot's contract",
        holds=plan.payload.schema == plan.schema_map.payload,
        found=f"`{plan.schema_map.payload}`",
    )
    mapped = mapped_scenario(plan.schema_map, plan.pack, plan.scenario)
    assert mapped is not None  # there is a payload: it was exported
    for fact, kinds in _FACTS.items():
        checks.facts[fact] = sum(mapped.count(kind) for kind in kinds)
    for problem in mapped.problems[:_MOST_TOLD]:
        checks.failed(path_text(problem.path), problem.why)
    more = len(mapped.problems) - _MOST_TOLD
    if more > 0:
        checks.note("more of them", f"{more} are not shown")
    checks.require(
        "every field has a column, every row a place",
        holds=not mapped.problems,
        found=", ".join(f"{fact.replace('_', ' ')} {checks.facts[fact]}" for fact in _FACTS),
    )
