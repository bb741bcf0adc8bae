"""`bfg-policy accept`: an owner signs off gates, without writing JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bfg_policy.cli import acting, inputs
from bfg_policy.cli.signing import Request, sign

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from pathlib import Path


@click.command(short_help="Sign off gates, as the owner whom they ask for.")
@click.argument("gates", metavar="GATE... [SCENARIO]", nargs=-1, required=True)
@acting.actor_option("The id of the actor who accepts.")
@acting.text_option("--note", "What the owner wants to be read.", required=False)
@acting.expires_option(required=False)
@acting.at_option
@acting.place_options
@inputs.policy_options
def accept(
    gates: tuple[str, ...],
    *,
    actor: str,
    note: str | None,
    expires: datetime | timedelta | None,
    at: datetime | None,
    scenario: Path | None,
    dry_run: bool,
    policies: inputs.Policies,
) -> int:
    """Accept each GATE (`board/gate`) as an actor who may.

    What is accepted is shown first. Each acceptance becomes a file of its own in the scenario's
    folder, acceptances/ROLE/BOARD.GATE.json; none is ever replaced, and the latest counts.

    \b
    Exit codes:
      0  accepted (or shown, with --dry-run), whatever else is not ready
      1  refused: this actor may not, or it would not count; nothing was written
      2  no such gate or actor; or a scenario that holds its acceptances itself
      4  the scenario or the policies cannot be judged; nothing was written

    \b
    Examples:
      bfg-policy accept handover --as omar --dry-run
      bfg-policy accept service/handover --as omar --note 'The runbook is read.'
    """  # noqa: D301 - click's sign for lines that stay as they are
    request = Request(gates, actor, at, expires, note, scenario, dry_run, withdrawn=False)
    return sign(request, policies)
