"""The way back: what a replay wrote is taken back, and only that; everything is as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.collectors.rehearsal.exporting import still_there
from bfg_policy.collectors.rehearsal.replaying import rows_of
from bfg_policy.collectors.rehearsal.stage import DOWN, ROLES_DOWN, ROLLBACK
from bfg_policy.collectors.rehearsal.state import differences
from bfg_policy.collectors.rehearsal.stepping import run_step

if TYPE_CHECKING:
    from bfg_policy.collectors.course import Checks
    from bfg_policy.collectors.rehearsal.laying import Before
    from bfg_policy.collectors.rehearsal.plan import Plan
    from bfg_policy.collectors.rehearsal.stage import Stage
    from bfg_policy.collectors.rehearsal.state import State


def roll_back(plan: Plan, stage: Stage, before: State, checks: Checks) -> None:
    """Take the replayed rows back. before: the tenant's rows before the replay."""
    checks.facts.update(replay_id=plan.replay_id, committed=plan.commits)
    replayed = rows_of(plan, stage)
    run_step(stage, checks, ROLLBACK, "what was replayed is taken back")
    after = rows_of(plan, stage)
    checks.facts["rows"] = _count(replayed) - _count(after)
    moved = differences(before, after)
    checks.require(
        "every table has the rows that it had",
        holds=not moved,
        found=", ".join(f"`{name}`" for name in moved)
        or f"{checks.facts['rows']} rows taken back, {_count(after)} left",
    )
    still_there(plan, checks)
    if plan.storage is not None:
        checks.facts["storage"] = plan.storage
        checks.require(
            "there is storage to fall back to",
            holds=plan.storage.strip() != "",
            found=plan.storage or "the scenario names none",
        )


def take_down(stage: Stage, before: Before, checks: Checks) -> None:
    """Take away the tables and roles, those that were not there before."""
    if not before.schema:
        run_step(stage, checks, DOWN, "the tables are taken away again")
        if not before.roles:
            run_step(stage, checks, ROLES_DOWN, "the roles are taken away again")


def compare(stage: Stage, before: Before, what: str, checks: Checks) -> None:
    """Hold the catalogues against what they were before everything."""
    moved = differences(before.catalogue, stage.catalogue())
    checks.facts["restored"] = not moved
    checks.require(
        what,
        holds=not moved,
        found=f"other than before: {', '.join(moved)}" if moved else "no difference",
    )


def _count(state: State) -> int:
    return sum(int(str(found[0][0])) for found in state.values())
