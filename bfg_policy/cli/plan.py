"""`bfg-policy plan`: the shortest ordered list of actions from here to a board being ready."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy import pipeline
from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.cli.naming import goal_named
from bfg_policy.reporters import Judged, Style

if TYPE_CHECKING:
    from datetime import datetime

    from bfg_policy.pack import Pack


@click.command(short_help="List what has to be done, by whom, in which order.")
@click.argument("goal", metavar="[BOARD|GATE]", required=False)
@inputs.scenario_argument
@outputs.form_option("text", "json", "markdown")
@inputs.at_option
@inputs.policy_options
def plan(
    goal: str | None,
    scenario: Path | None,
    *,
    form: str,
    at: datetime | None,
    policies: inputs.Policies,
) -> int:
    """List the actions that make BOARD (or GATE) ready in SCENARIO, in an order that works.

    Without it the goal is the pack's verdict board, else every board. One record that several
    gates ask for is one action; gates that only aggregate others follow by themselves. Who is at
    work does all that is possible before the next owner has to.

    \b
    Exit codes:
      0  planned; a plan is no judgement
      2  no such board or gate; a path that does not exist
      4  input that cannot be judged

    \b
    Examples:
      bfg-policy plan
      bfg-policy plan launch --format markdown
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer(form, (), policies.color)

    def work() -> int:
        from bfg_policy.planning.planning import make_plan
        from bfg_policy.reporters.planning import report

        loaded = policies.open_pack()
        named, path = _meant(goal, scenario, loaded.pack)
        source = inputs.scenario_source(path, policies.settings.scenario)
        moment = at or inputs.now()
        judged = Judged(*pipeline.judge_scenario(loaded, source, moment, Path.cwd()))
        made = make_plan(judged.pack, judged.scenario, judged.readiness, named, moment)
        printer.write(report(form, judged, made, Style(color=printer.color)))
        return exits.OK

    return printer.run(work)


def _meant(goal: str | None, scenario: Path | None, pack: Pack) -> tuple[str | None, Path | None]:
    """The goal and the scenario; one argument alone may be the scenario's path."""
    if goal is None:
        return pack.verdict, scenario
    is_path = goal == inputs.STDIN or ("/" in goal and os.path.lexists(goal))
    if scenario is None and is_path and goal not in pack.gates:
        return pack.verdict, Path(goal)
    return goal_named(goal, pack), scenario
