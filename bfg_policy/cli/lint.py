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
    """Judge the policies alone: syntax, contracts, references, decisions, rules and templates.

    \b
    Exit codes:
      0  nothing is wrong; warnings may stand
      2  no such folder
      3  there are no policies
      4  something is wrong with them

    \b
    Examples:
      bfg-policy lint
      bfg-policy lint --format github
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer(form, output, policies.color, summary=True)

    def work() -> int:
        from bfg_policy.packets import check_templates

        loaded = policies.open_pack()
        unused = check_templates(loaded.pack)
        printer.show(Findings(in_order([*loaded.warnings, *unused])))
        return exits.OK

    return printer.run(work)
