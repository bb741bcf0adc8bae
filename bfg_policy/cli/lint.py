"""`bfg-policy lint`: judge the policies alone."""

from __future__ import annotations

import click

from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.errors import in_order
from bfg_policy.reporters import Findings


@click.command(short_help="Judge the policies alone.")
@outputs.format_options
@inputs.policy_options
def lint(form: str | None, output: tuple[outputs.Output, ...], policies: inputs.Policies) -> int:
    """Judge the policies alone: syntax, contracts, references, decisions, rules and templates."""
    printer = outputs.Printer(form, output, policies.color, summary=True)

    def work() -> int:
        from bfg_policy.packets import check_templates

        loaded = policies.open_pack()
        unused = check_templates(loaded.pack)
        printer.show(Findings(in_order([*loaded.warnings, *unused])))
        return exits.OK

    return printer.run(work)
