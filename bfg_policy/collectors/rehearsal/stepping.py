"""Running the packets of a step as a check: it holds where none of them is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from bfg_policy.collectors.faults import Stopped
from bfg_policy.collectors.rehearsal.stage import Refused

if TYPE_CHECKING:
    from bfg_policy.collectors.course import Checks
    from bfg_policy.collectors.rehearsal.stage import Stage


def run_step(stage: Stage, checks: Checks, step: int, what: str, found: str = "") -> None:
    """Run all packets of a step. Raises Stopped where one is refused, or psycopg.Error."""
    try:
        stage.step(step)
    except Refused as error:
        refuse(checks, what, error)
    checks.passed(what, found)


def refuse(checks: Checks, what: str, error: Refused) -> NoReturn:
    """Tell all that a packet says of why it was refused. Raises Stopped."""
    whole, *named = error.lines or ("the packet was refused",)
    checks.failed(what, whole)
    for line in named:
        checks.failed("in detail", line)
    raise Stopped
