"""`bfg-policy withdraw`: take back the acceptance of a gate, without deleting anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bfg_policy.cli import acting, inputs
from bfg_policy.cli.signing import Request, sign

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@click.command(short_help="Take back the acceptance of gates.")
@click.argument("gates", metavar="GATE... [SCENARIO]", nargs=-1, required=True)
@acting.actor_option("The id of the actor who withdraws: who accepted, or one of the owning role.")
@acting.text_option("--note", "Why it is withdrawn.", required=False)
@acting.at_option
@acting.place_options
@inputs.policy_options
def withdraw(
    gates: tuple[str, ...],
    *,
    actor: str,
    note: str | None,
    at: datetime | None,
    scenario: Path | None,
    dry_run: bool,
    policies: inputs.Policies,
) -> int:
    """Take back the latest acceptance of each GATE (`board/gate`).

    Nothing is deleted: a withdrawal is a record beside the acceptances, and the latest counts.

    \b
    Exit codes:
      0  withdrawn (or shown, with --dry-run)
      1  refused: this actor may not, or nothing stands that could be withdrawn
      2  no such gate or actor; or a scenario that holds its acceptances itself
      4  the scenario or the policies cannot be judged; nothing was written

    \b
    Example:
      bfg-policy withdraw handover --as omar --note 'The runbook has changed.'
    """  # noqa: D301 - click's sign for lines that stay as they are
    request = Request(gates, actor, at, None, note, scenario, dry_run, withdrawn=True)
    return sign(request, policies)
