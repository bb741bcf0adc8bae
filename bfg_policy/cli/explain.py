"""`bfg-policy explain`: a finding's page, or why a gate is what it is."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy import pipeline
from bfg_policy.catalogue import CATALOGUE
from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.cli.naming import gate_named
from bfg_policy.reporters import Judged, Style
from bfg_policy.resources import findings_pages

if TYPE_CHECKING:
    from datetime import datetime

_CODE = re.compile(r"bfg[0-9]+", re.IGNORECASE)


@click.command(short_help="Tell what a finding means, or why a gate is what it is.")
@click.argument("subject", metavar="CODE|GATE")
@inputs.scenario_argument
@inputs.at_option
@inputs.policy_options
def explain(
    subject: str, scenario: Path | None, at: datetime | None, policies: inputs.Policies
) -> int:
    """Tell what a finding means, or why a gate is what it is, down to its root causes.

    CODE is a finding's code, such as BFG201; GATE a gate's id, `board/gate`, of the pack,
    judged in SCENARIO. The board may be left out where no other has a gate of that name.

    \b
    Exit codes:
      0  explained, whatever the gate is
      2  no such code or gate; a path that does not exist
      3  there are no policies, or there is no scenario
      4  the policies or the scenario cannot be judged

    \b
    Examples:
      bfg-policy explain BFG201
      bfg-policy explain service/load-test
      bfg-policy explain handover scenarios/example
    """  # noqa: D301 - click's sign for lines that stay as they are
    if _CODE.fullmatch(subject):
        sys.stdout.write(_page(subject.upper()))
        return exits.OK
    printer = outputs.Printer("text", (), policies.color)

    def work() -> int:
        from bfg_policy.reporters.explaining import explain_gate

        loaded = policies.open_pack()
        gate = gate_named(subject, loaded.pack, "finding and no gate")
        source = inputs.scenario_source(scenario, policies.settings.scenario)
        judged = pipeline.judge_scenario(loaded, source, at or inputs.now(), Path.cwd())
        result = Judged(judged.pack, judged.scenario, judged.readiness, loaded.pack.require)
        printer.write(explain_gate(result, gate, Style(color=printer.color)))
        return exits.OK

    return printer.run(work)


def _page(code: str) -> str:
    """The code's page, which was written from the catalogue and a real run."""
    if code not in CATALOGUE:
        raise click.UsageError(f"there is no finding `{code}`; known are {', '.join(CATALOGUE)}")
    return (findings_pages() / f"{code}.md").read_text(encoding="utf-8")
