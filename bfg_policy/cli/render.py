"""`bfg-policy render`: write a scenario's report and packets, or check what was written."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy import pipeline, writer
from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.errors import Finding, Place
from bfg_policy.instants import format_instant
from bfg_policy.pack.types import REPORT
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters import Findings
from bfg_policy.secrets import redact
from bfg_policy.writer import existing_files, read_existing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bfg_policy.pipeline import Judged

_HERE = Path()
_MOST_DIFF_LINES = 200


@click.command(short_help="Write a scenario's report and packets, or check them.")
@inputs.scenario_argument
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; fail where a file is stale, and show the difference.",
)
@click.option(
    "--diff",
    "as_diff",
    is_flag=True,
    help="Write nothing; show all that writing would change. With --check: cut nothing.",
)
@inputs.at_option
@inputs.policy_options
def render(
    scenario: Path | None,
    *,
    check: bool,
    as_diff: bool,
    at: datetime | None,
    policies: inputs.Policies,
) -> int:
    """Write the readiness report and the packets of SCENARIO to reports/SCENARIO/.

    A rendered report records the instant that it was judged at; --check judges again at that
    instant, and warns where today's verdict would be another one.

    \b
    Exit codes:
      0  written; with --check: all that is rendered is what lies there
      1  with --check: a file is stale or missing; else an error finding stands
      2  no such scenario or folder
      3  there are no policies, or there is no scenario
      4  the policies or the scenario cannot be judged; nothing was written

    \b
    Examples:
      bfg-policy render
      bfg-policy render --check
      bfg-policy render scenarios/example --diff
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer("text", (), policies.color)

    def work() -> int:
        loaded = policies.open_pack()
        source = inputs.scenario_source(scenario, policies.settings.scenario)

        def judged_at(instant: datetime) -> Judged:
            return pipeline.judge_scenario(loaded, source, instant, Path.cwd())

        today = judged_at(at or inputs.now())
        folder = outputs.REPORTS / today.scenario.id
        if check:
            findings = _check(folder, today, judged_at, None if as_diff else _MOST_DIFF_LINES)
            printer.show(Findings(tuple(findings)))
            return exits.NOT_READY if any(finding.is_error for finding in findings) else exits.OK
        (_show if as_diff else _write)(folder, today, printer)
        if today.readiness.findings:
            printer.show(Findings(today.readiness.findings))
        return exits.NOT_READY if today.readiness.has_errors else exits.OK

    return printer.run(work)


def _show(folder: Path, judged: Judged, printer: outputs.Printer) -> None:
    for name, text in _files(judged).items():
        path = (folder / name).as_posix()
        existing = read_existing(_HERE, path)
        if existing != text:
            lines = _difference(existing or "", text, (path, f"{path}, rendered now"))
            printer.write("".join(f"{visible(line)}\n" for line in lines))


def _write(folder: Path, judged: Judged, printer: outputs.Printer) -> None:
    files = _files(judged)
    texts = {(folder / name).as_posix(): text for name, text in files.items()}
    changed = {path.as_posix() for path in writer.write_tree(_HERE, texts)}
    for path in texts:
        printer.write(f"{'written' if path in changed else 'unchanged':<10} {visible(path)}\n")
    for finding in _strays(folder, files):
        printer.warn(finding)


def _check(
    folder: Path, today: Judged, judged_at: Callable[[datetime], Judged], most: int | None
) -> list[Finding]:
    """most: how many lines of a difference are shown; None for all."""
    from bfg_policy.packets import recorded_instant

    report = read_existing(_HERE, (folder / REPORT).as_posix())
    recorded = recorded_instant(report or "")
    then = today if recorded is None else judged_at(recorded)
    files = _files(then)
    findings = [
        _stale(folder / name, existing, text, most)
        for name, text in files.items()
        if (existing := read_existing(_HERE, (folder / name).as_posix())) != text
    ]
    findings.extend(_strays(folder, files))
    if not findings and recorded is not None:
        findings.extend(_outdated(folder / REPORT, then, today))
    return findings


def _files(judged: Judged) -> Mapping[str, str]:
    from bfg_policy.packets import packet_files

    return packet_files(judged.pack, judged.scenario, judged.readiness)


def _stale(path: Path, existing: str | None, text: str, most: int | None) -> Finding:
    if existing is None:
        return Finding(
            "BFG603",
            "it is not rendered yet",
            Place(path.as_posix()),
            hint="run `bfg-policy render` and commit what it writes",
        )
    difference = _difference(existing, text, ("committed", "rendered now"))
    if most is not None and len(difference) > most:
        cut = len(difference) - most
        difference[most:] = [f"… {cut} more lines; `--check --diff` shows all"]
    return Finding(
        "BFG603",
        "it is stale: the policies and the scenario give another text",
        Place(path.as_posix()),
        note="\n".join(difference),
        hint="run `bfg-policy render` and commit what it writes",
    )


def _difference(existing: str, text: str, names: tuple[str, str]) -> list[str]:
    """The lines of a unified diff, or one that says what else the two differ in."""
    committed, rendered = redact(existing).splitlines(), text.splitlines()
    lines = list(difflib.unified_diff(committed, rendered, *names, lineterm=""))
    return lines or [f"{names[0]}: the line ends differ"]


def _strays(folder: Path, files: Mapping[str, str]) -> list[Finding]:
    return [outputs.stray(folder / name) for name in existing_files(folder) if name not in files]


def _outdated(report: Path, then: Judged, today: Judged) -> list[Finding]:
    before, after = then.readiness, today.readiness
    moved = [gate for gate in before.gates if before.gates[gate].status != after.gates[gate].status]
    if not moved:
        return []
    named = ", ".join(f"`{gate}`" for gate in moved[:5]) + (" …" if len(moved) > 5 else "")
    return [
        Finding(
            "BFG604",
            f"it was right at {format_instant(before.at)}; at {format_instant(after.at)} the"
            f" verdict is {after.verdict or 'open'} with {after.ready} of {after.total} ready, not"
            f" {before.verdict or 'open'} with {before.ready}",
            Place(report.as_posix()),
            severity="warning",
            note=f"time alone has moved {len(moved)} gates: {named}",
            hint="run `bfg-policy render` and commit what it writes",
        )
    ]
