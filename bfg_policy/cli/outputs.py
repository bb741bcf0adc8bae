"""Where results go: which formats, to standard output or to files, with colour or without."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

import click

from bfg_policy import writer
from bfg_policy.cli import exits
from bfg_policy.cli.paths import is_folder
from bfg_policy.cli.summaries import SUMMARY_VARIABLE, append_summary
from bfg_policy.errors import (
    BfgPolicyError,
    Finding,
    NothingToJudge,
    Place,
    RenderError,
    SourceError,
    in_order,
)
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters import COMMANDS, REPORTERS, Findings, Result, Style, format_result
from bfg_policy.reporters.ci import ci_safe
from bfg_policy.secrets import redact
from bfg_policy.source import unreadable

_Command = TypeVar("_Command", bound=Callable[..., object])
# Where reports and packets lie, each scenario's in a folder that has its id.
REPORTS = Path("reports")
_STDOUT = "-"
_CI_VARIABLES = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD")


class Output(NamedTuple):
    """One format and where it goes; path None is standard output."""

    form: str
    path: Path | None


class OutputType(click.ParamType):  # type: ignore[type-arg]
    """`FORMAT=PATH`; PATH `-` is standard output."""

    name = "output"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Output:
        """The output that is meant; a usage error where the text is none."""
        if isinstance(value, Output):
            return value
        form, equals, path = str(value).partition("=")
        if form not in REPORTERS or not equals or not path:
            formats = ", ".join(REPORTERS)
            self.fail(f"`{value}` is not FORMAT=PATH; formats are: {formats}", param, ctx)
        if path == _STDOUT:
            return Output(form, None)
        # Nothing but this very path is written, so its folder must be there already.
        if not is_folder(Path(path).parent):
            self.fail(f"there is no folder `{Path(path).parent}` to write to", param, ctx)
        if is_folder(Path(path)):
            self.fail(f"`{path}` is a folder", param, ctx)
        return Output(form, Path(path))


def format_options(command: _Command) -> _Command:
    """`--format` and `--output`."""
    for option in (
        click.option(
            "--output",
            metavar="FORMAT=PATH",
            type=OutputType(),
            multiple=True,
            help="Also write this format to a file; repeatable, `-` is standard output.",
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(list(REPORTERS)),
            help="What standard output shows.  [default: text]",
        ),
    ):
        command = option(command)
    return command


def form_option(*forms: str) -> Callable[[_Command], _Command]:
    """`--format` of a command that has formats of its own; the first is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        help=f"What standard output shows.  [default: {forms[0]}]",
    )


class Printer:
    """Writes results in every format that was asked for.

    summary: whether a CI system that names a file for summaries gets one there, in Markdown.
    """

    def __init__(
        self,
        form: str | None,
        outputs: tuple[Output, ...],
        color: str,
        environment: Mapping[str, str] = os.environ,
        *,
        summary: bool = False,
    ) -> None:
        self.color = use_color(color, environment)
        self._summary = environment.get(SUMMARY_VARIABLE) if summary else None
        self._in_ci = any(environment.get(name) for name in _CI_VARIABLES)
        self._outputs = list(outputs)
        if form is not None or all(output.path is not None for output in outputs):
            self._outputs.insert(0, Output(form or "text", None))
        taken: set[str | None] = set()
        for _, path in self._outputs:
            place = os.path.normpath(path.absolute()) if path is not None else None
            if place in taken:
                name = f"`{path}`" if path is not None else "standard output"
                raise click.UsageError(f"only one format can go to {name}")
            taken.add(place)

    def show(self, result: Result) -> None:
        """Write the result to all outputs. Raises RenderError where a file cannot be written."""
        for form, path in self._outputs:
            text = format_result(form, result, Style(color=self.color and path is None))
            if path is not None:
                writer.write_file(path, text)
            elif form in COMMANDS:
                sys.stdout.write(text)
            else:
                self.write(text)
        if self._summary:
            append_summary(Path(self._summary), result)

    def write(self, text: str) -> None:
        """Write a text to standard output; under CI so that its log obeys nothing in it.

        Not for the formats whose lines the CI system is to obey: they see to it themselves.
        """
        sys.stdout.write(ci_safe(text) if self._in_ci else text)

    def warn(self, finding: Finding) -> None:
        """Write a warning on a line of its own, among lines that tell what was done."""
        place = visible(redact(str(finding.place)))
        self.write(f"warning[{finding.code}]: {place}: {finding.message}\n")

    def run(self, work: Callable[[], int]) -> int:
        """What `work` returns; where it meets input that cannot be judged, the findings' exit."""
        try:
            try:
                return _readable(work)
            except BfgPolicyError as error:
                if cannot_write(error):
                    raise
                self.show(Findings(in_order(error.findings)))
                return exit_code(error)
        except RenderError as error:
            # The outputs themselves are what fails: tell it where no output is in the way.
            sys.stderr.write(format_result("text", Findings(error.findings)))
            return exit_code(error)


def stray(path: Path) -> Finding:
    """The warning for a file beside those that are rendered, and that nothing renders."""
    return Finding(
        "BFG606",
        "nothing renders it",
        Place(path.as_posix()),
        severity="warning",
        hint="delete it, or keep it elsewhere",
    )


def _readable(work: Callable[[], int]) -> int:
    """What `work` returns. A path that the system keeps from us is a finding as any other."""
    try:
        return work()
    except OSError as error:
        if error.filename is None:  # a standard stream, which has no name: the output fails
            raise
        raise SourceError(unreadable(error, Path.cwd())) from None


def exit_code(error: BfgPolicyError) -> int:
    """The exit code that an error of the product stands for."""
    if isinstance(error, NothingToJudge):
        return exits.NOTHING
    return exits.CANNOT_WRITE if cannot_write(error) else exits.CANNOT_JUDGE


def cannot_write(error: BfgPolicyError) -> bool:
    """Whether it is the output that fails, and nothing is wrong with the input."""
    return all(finding.code == "BFG605" for finding in error.findings)


def use_color(choice: str, environment: Mapping[str, str]) -> bool:
    """Whether standard output is coloured: asked for, or a terminal that nobody forbids it to."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and environment.get("TERM") != "dumb"
