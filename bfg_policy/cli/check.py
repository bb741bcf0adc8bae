"""`bfg-policy check`: judge one scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy import pipeline
from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.reporters import Judged

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


@click.command(short_help="Judge a scenario.")
@inputs.scenario_argument
@outputs.format_options
@click.option(
    "--require",
    metavar="BOARD",
    multiple=True,
    help="Fail unless this board is ready; repeatable, adds to the pack's `require`.",
)
@inputs.at_option
@inputs.policy_options
def check(
    scenario: Path | None,
    form: str | None,
    output: tuple[outputs.Output, ...],
    require: tuple[str, ...],
    at: datetime | None,
    policies: inputs.Policies,
) -> int:
    """Judge SCENARIO: a folder, a YAML or JSON file, or `-` for standard input.

    Without SCENARIO the configured one is judged, else the only one in ./scenarios.
    """
    printer = outputs.Printer(form, output, policies.color)

    def work() -> int:
        loaded = policies.open_pack()
        required = _required(loaded.pack.require, require, loaded.pack.boards)
        source = inputs.scenario_source(scenario, policies.settings.scenario)
        judged = pipeline.judge_scenario(loaded, source, at or inputs.now(), Path.cwd())
        printer.show(Judged(judged.pack, judged.scenario, judged.readiness, required))
        unmet = judged.readiness.unmet(required)
        return exits.NOT_READY if unmet or judged.readiness.has_errors else exits.OK

    return printer.run(work)


def _required(
    pack: tuple[str, ...], given: tuple[str, ...], boards: Collection[str]
) -> tuple[str, ...]:
    """The boards that must be ready, each once. Raises a usage error for one that is none."""
    for board in given:
        if board not in boards:
            raise click.UsageError(f"there is no board `{board}` to require")
    return tuple(dict.fromkeys([*pack, *given]))
