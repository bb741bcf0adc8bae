"""`bfg-policy check`: judge one scenario, or several of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy import pipeline
from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.errors import BfgPolicyError, Finding, Place, Related, in_order
from bfg_policy.reporters import Entry, Judged, Several

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from bfg_policy.pipeline import LoadedPack
    from bfg_policy.scenario.files import Source


@click.command(short_help="Judge a scenario, or several.")
@inputs.scenarios_argument
@outputs.format_options
@click.option(
    "--require",
    metavar="BOARD",
    multiple=True,
    help="Fail unless this board is ready; repeatable, adds to the pack's `require`.",
)
@inputs.at_option
@inputs.policy_options
@inputs.policies_from_option
def check(
    scenarios: tuple[Path, ...],
    form: str | None,
    output: tuple[outputs.Output, ...],
    require: tuple[str, ...],
    at: datetime | None,
    policies: inputs.Policies,
) -> int:
    """Judge each SCENARIO: a folder, a YAML or JSON file, or `-` for standard input.

    Without SCENARIO the configured one is judged, else the only one in ./scenarios. Of several
    each is judged, whatever is wrong with the others, and the exit code is the worst of theirs.

    \b
    Exit codes:
      0  judged; all that was required is ready
      1  judged; something required is not ready, or an error finding stands
      2  no such scenario, folder, board or format
      3  there are no policies, or there is no scenario
      4  the policies or the scenario cannot be judged

    \b
    Examples:
      bfg-policy check
      bfg-policy check scenarios/* --at 2026-11-23T10:00:00Z
      bfg-policy check --require launch --output sarif=readiness.sarif
      bfg-policy check --policies-from origin/main
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer(form, output, policies.color, summary=True)

    def work() -> int:
        loaded = policies.open_pack()
        required = _required(loaded.pack.require, require, loaded.pack.boards)
        sources = inputs.scenario_sources(scenarios, policies.settings.scenario)
        instant = at or inputs.now()
        if len(sources) == 1:
            (source,) = sources.values()
            judged = _judged(loaded, source, instant, required)
            printer.show(judged)
            return _exit(judged)
        several = _several(loaded, sources, instant, required)
        printer.show(several)
        return several.exit

    return printer.run(work)


def _judged(loaded: LoadedPack, source: Source, at: datetime, required: tuple[str, ...]) -> Judged:
    judged = pipeline.judge_scenario(loaded, source, at, Path.cwd())
    return Judged(judged.pack, judged.scenario, judged.readiness, required)


def _exit(judged: Judged) -> int:
    return exits.OK if judged.is_met else exits.NOT_READY


def _several(
    loaded: LoadedPack, sources: Mapping[str, Source], at: datetime, required: tuple[str, ...]
) -> Several:
    """All of several scenarios. What cannot be judged is told, and hides none of the others.

    The exit codes of judgements are ordered: the highest is the worst.
    """
    entries, findings = [], []
    ids: dict[str, Place] = {}
    for path, source in sources.items():
        try:
            judged = _judged(loaded, source, at, required)
        except BfgPolicyError as error:
            found = in_order(error.findings)
            entries.append(Entry(path, None, found, outputs.exit_code(error)))
            continue
        # Of a fleet only the results are kept: its documents would fill the memory.
        readiness = judged.readiness
        entries.append(Entry(path, readiness, readiness.findings, _exit(judged)))
        place = judged.scenario.place(("scenario",))
        if judged.scenario.id in ids:
            findings.append(_same_id(judged.scenario.id, place, ids[judged.scenario.id]))
        else:
            ids[judged.scenario.id] = place
    worst = max(entry.exit for entry in entries)
    least = exits.NOT_READY if findings else exits.OK
    return Several(tuple(entries), required, tuple(findings), max(worst, least))


def _same_id(name: str, place: Place, first: Place) -> Finding:
    return Finding(
        "BFG330",
        f"another scenario is called `{name}`, too",
        place,
        note="their reports would be written to the same folder",
        hint="give each scenario an id of its own",
        related=(Related(first, "the first"),),
    )


def _required(
    pack: tuple[str, ...], given: tuple[str, ...], boards: Collection[str]
) -> tuple[str, ...]:
    """The boards that must be ready, each once. Raises a usage error for one that is none."""
    for board in given:
        if board not in boards:
            raise click.UsageError(f"there is no board `{board}` to require")
    return tuple(dict.fromkeys([*pack, *given]))
