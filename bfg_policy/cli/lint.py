"""`bfg-policy lint`: judge the policies alone."""

from __future__ import annotations

import click

from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.reporters import Findings


@click.command(short_help="Judge the policies alone.")
@outputs.format_options
@inputs.policy_options
def lint(form: str | None, output: tuple[outputs.Output, ...], policies: inputs.Policies) -> int:
    """Judge the policies alone: syntax, contracts, references, decisions and rules."""
    printer = outputs.Printer(form, output, policies.color, summary=True)

    def work() -> int:
        printer.show(Findings(policies.open_pack().warnings))
        return exits.OK

    return printer.run(work)
