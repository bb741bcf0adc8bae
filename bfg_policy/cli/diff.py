"""`bfg-policy diff`: what a change does to readiness, and why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from bfg_policy import pipeline
from bfg_policy.cli import exits, inputs, outputs, projects
from bfg_policy.errors import BfgPolicyError, in_order
from bfg_policy.reporters import Compared

if TYPE_CHECKING:
    from datetime import datetime

    from bfg_policy.comparison.sides import Side
    from bfg_policy.comparison.types import Comparison, FailOn
    from bfg_policy.errors import Finding
    from bfg_policy.pipeline import Project


@click.command(short_help="Tell what a change does to readiness, and why.")
@click.argument("base")
@click.argument("head", required=False)
@click.option(
    "--scenario",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="The scenario, a path within both.  [default: the configured one, else the only one]",
)
@outputs.format_options
@click.option(
    "--fail-on",
    type=click.Choice(["regressed", "weakened"]),
    multiple=True,
    help="Exit 1 where a gate regressed, or the policy was weakened; repeatable.",
)
@inputs.at_option
@click.option(
    "--base-at",
    metavar="INSTANT",
    type=inputs.Instant(),
    help="Judge BASE at this instant.  [default: the same as HEAD]",
)
@inputs.place_options
def diff(
    base: str,
    head: str | None,
    *,
    scenario: Path | None,
    form: str | None,
    output: tuple[outputs.Output, ...],
    fail_on: tuple[str, ...],
    at: datetime | None,
    base_at: datetime | None,
    given: inputs.Given,
    color: str,
) -> int:
    """Compare BASE with HEAD: git revisions, or folders of projects or of scenarios.

    Without HEAD it is the work tree, as it is. What is told: each gate that moved and what moved
    it, decisions, packets, and where the policy asks for less than it did. Revisions are read
    through git; no work tree is touched.

    \b
    Exit codes:
      0  compared
      1  compared, and something of `--fail-on` is there
      4  HEAD cannot be judged, or a revision cannot be read

    \b
    Examples:
      bfg-policy diff main
      bfg-policy diff HEAD~1 HEAD --fail-on weakened
      bfg-policy diff origin/main --output markdown=comment.md
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer(form, output, color, summary=True)
    wanted = given._replace(scenario=scenario)
    instant = at or inputs.now()

    def work() -> int:
        comparison = _compared(base, head, wanted, instant, base_at or instant)
        failing = cast("frozenset[FailOn]", frozenset(fail_on))
        result = comparison._replace(fail_on=failing)
        printer.show(Compared(result))
        return exits.NOT_READY if result.fails else exits.OK

    return printer.run(work)


def _compared(
    base: str, head: str | None, given: inputs.Given, at: datetime, base_at: datetime
) -> Comparison:
    """HEAD is judged whatever BASE is like; a revision that cannot be read is nobody's BASE."""
    opened = projects.open_project(head, given)
    after = _side(opened.project, at)
    try:
        before = _side(projects.open_project(base, given, opened.scenario).project, base_at)
    except BfgPolicyError as error:
        if any(finding.code.startswith("BFG15") for finding in error.findings):
            raise
        findings = in_order(error.findings)
    else:
        return pipeline.compare_sides(before, after)
    return _compared_as_far_as_it_goes(base, given, opened, after, base_at, findings)


def _compared_as_far_as_it_goes(
    base: str,
    given: inputs.Given,
    opened: projects.Opened,
    after: Side,
    base_at: datetime,
    findings: tuple[Finding, ...],
) -> Comparison:
    """Where BASE has no scenario that can be judged, its policies still tell what became weaker.

    findings: why BASE cannot be judged as it is.
    """
    from bfg_policy.comparison.comparing import only_head

    try:
        project = projects.open_with_scenario_of(opened, base, given)
        if project.policies is None:  # a packaged pack is nothing that this change weakens
            return only_head(after, base, findings)
        before = _side(project, base_at)
    except BfgPolicyError:
        return only_head(after, base, findings)
    return pipeline.compare_sides(before, after)._replace(base_findings=findings)


def _side(project: Project, at: datetime) -> Side:
    return pipeline.open_side(project, at, inputs.pack_cache(Path.cwd(), os.environ))
