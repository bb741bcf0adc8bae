"""The tables on the server: laid down by the packets, and exactly what the packets say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.collectors.rehearsal.stage import UP, VERIFY, Refused
from bfg_policy.collectors.rehearsal.stepping import run_step

if TYPE_CHECKING:
    from bfg_policy.collectors.course import Checks
    from bfg_policy.collectors.rehearsal.stage import Stage
    from bfg_policy.collectors.rehearsal.state import State


class Before(NamedTuple):
    """What was there before the rehearsal.

    schema, roles: whether the map's schemas and roles were there. catalogue: everything of them.
    """

    schema: bool
    roles: bool
    catalogue: State


def look_before(stage: Stage, checks: Checks) -> Before:
    """What is there, which must be nothing, or what the packets say. Raises Stopped."""
    schema_map = stage.schema_map
    before = Before(
        stage.exists(schema_map.schema) or stage.exists(schema_map.control),
        any(stage.has_role(role) for role in schema_map.roles),
        stage.catalogue(),
    )
    if not before.schema:
        checks.passed("nothing is in the way", f"there is no schema `{schema_map.schema}` yet")
        return before
    verify(stage, checks, "what is there is what the packets say")
    return before


def lay_down(stage: Stage, checks: Checks) -> None:
    """Run the packet that lays the tables down, and the one that looks for differences."""
    run_step(stage, checks, UP, "the tables can be laid down")
    verify(stage, checks, "the tables are what the packets say")


def verify(stage: Stage, checks: Checks, what: str) -> None:
    """Compare the catalogues with what the packets say. Raises Stopped where they differ."""
    found = drift(stage)
    checks.facts["drift"] = bool(found)
    for line in found[1:]:
        checks.failed("it differs", line)
    checks.require(what, holds=not found, found=found[0] if found else "no difference")


def drift(stage: Stage) -> tuple[str, ...]:
    """What differs, the first line counting them; nothing where nothing does."""
    try:
        with stage.undone():
            stage.step(VERIFY)
    except Refused as error:
        return error.lines or ("it differs",)
    return ()
