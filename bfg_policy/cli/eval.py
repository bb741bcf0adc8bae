"""`bfg-policy eval`: what an expression gives on a scenario, for those who write rules."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy import pipeline
from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.errors import BfgPolicyError, in_order
from bfg_policy.reporters import Style
from bfg_policy.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bfg_policy.evaluation.expressions import View

_PROMPT = "> "
_LONGEST = 1 << 16  # bytes of a line: no expression is as long
_HELP = """\
EXPR        its value on this scenario
:type EXPR  its type, by the contracts; nothing is evaluated
:vars       the names that an expression can use
:quit       leave; so does the end of the input
"""


@click.command(short_help="Try an expression on a scenario, as a rule would see it.")
@click.argument("expression", metavar="EXPR", required=False)
@inputs.scenario_argument
@click.option(
    "-i", "--interactive", is_flag=True, help="Read expressions line by line, instead of EXPR."
)
@click.option(
    "--evidence",
    metavar="CONTRACT",
    help="Bind the record of this contract as `evidence`, as a gate that asks for it does.",
)
@outputs.form_option("text", "json")
@inputs.at_option
@inputs.policy_options
def eval(  # noqa: A001 - the command's name
    expression: str | None,
    scenario: Path | None,
    *,
    interactive: bool,
    evidence: str | None,
    form: str,
    at: datetime | None,
    policies: inputs.Policies,
) -> int:
    """Evaluate EXPR, a CEL expression, on SCENARIO, as a rule would see it.

    It is checked against the contracts first. Of the pack only pack.yaml is read, so a policy
    that is being written does not have to be right.

    \b
    Exit codes:
      0  it has a value, whatever that is
      1  it has none: it reads what is not there, or cannot be evaluated
      4  it cannot be compiled, or the scenario cannot be judged

    \b
    Examples:
      bfg-policy eval 'service.peak_requests_per_second > 100'
      bfg-policy eval 'has(evidence.load)' scenarios/example --evidence LoadTest.v1
      bfg-policy eval -i
    """  # noqa: D301 - click's sign for lines that stay as they are
    if interactive:
        scenario = _scenario_alone(expression, scenario, form)
    elif expression is None:
        raise click.UsageError("Missing argument 'EXPR'.")
    printer = outputs.Printer(form, (), policies.color)

    def work() -> int:
        view = _view(policies, scenario, evidence, at)
        if interactive:
            return _converse(view, printer)
        assert expression is not None
        return _evaluate(view, expression.encode(errors="surrogateescape"), form, printer)

    return printer.run(work)


def _scenario_alone(expression: str | None, scenario: Path | None, form: str) -> Path | None:
    """The scenario of a conversation: the first argument, for there is no expression."""
    if scenario is not None:
        raise click.UsageError("with -i expressions are read from standard input; name no EXPR")
    if form != "text":
        raise click.UsageError("with -i the format is text")
    if expression == inputs.STDIN:
        raise click.UsageError("with -i the scenario cannot be read from standard input, too")
    return None if expression is None else Path(expression)


def _view(
    policies: inputs.Policies, scenario: Path | None, evidence: str | None, at: datetime | None
) -> View:
    loaded = policies.open_terms()
    if evidence is not None and evidence not in loaded.contracts.names:
        hint = did_you_mean(evidence, loaded.contracts.names)
        raise click.UsageError(f"there is no contract `{evidence}`{hint}")
    source = inputs.scenario_source(scenario, policies.settings.scenario)
    return pipeline.open_view(loaded, source, evidence, at or inputs.now(), Path.cwd())


def _evaluate(view: View, written: bytes, form: str, printer: outputs.Printer) -> int:
    from bfg_policy.evaluation.expressions import evaluate
    from bfg_policy.reporters.evaluating import evaluation_json, evaluation_text

    evaluation = evaluate(view, written)
    if form == "json":
        printer.write(evaluation_json(evaluation))
    else:
        printer.write(evaluation_text(evaluation, Style(color=printer.color)))
    return exits.NOT_READY if evaluation.type is None else exits.OK


def _converse(view: View, printer: outputs.Printer) -> int:
    """Answer line by line until there are no more; a mistake ends nothing."""
    from bfg_policy.reporters.evaluating import findings_text

    style = Style(color=printer.color)
    if view.findings:
        printer.write(findings_text(view.findings, style))
    view = view._replace(findings=())  # they are told once
    for line in _lines():
        if line == b":quit":
            break
        try:
            _answer(view, line, printer)
        except BfgPolicyError as error:
            printer.write(findings_text(in_order(error.findings), style))
        sys.stdout.flush()
    return exits.OK


def _answer(view: View, line: bytes, printer: outputs.Printer) -> None:
    from bfg_policy.evaluation.expressions import type_of
    from bfg_policy.reporters.evaluating import type_lines, variables_text

    style = Style(color=printer.color)
    command, _, rest = line.partition(b" ")
    if command == b":type" and rest.strip():
        printer.write(type_lines(type_of(view, rest), style))
    elif line == b":vars":
        printer.write(variables_text(view.types, view.optional, style))
    elif line.startswith(b":"):
        printer.write(_HELP)
    else:
        _evaluate(view, line, "text", printer)


def _lines() -> Iterator[bytes]:
    """What is asked, without blanks around it; a prompt is shown to a terminal alone."""
    if not sys.stdin.isatty():
        pieces = iter(lambda: sys.stdin.buffer.readline(_LONGEST), b"")
        yield from filter(None, map(bytes.strip, pieces))
        return
    prompt = _PROMPT if sys.stdout.isatty() else ""
    with suppress(ImportError):
        import readline  # noqa: F401 - gives `input` a history and keys to edit with
    while True:
        try:
            line = input(prompt)
        except EOFError:
            sys.stdout.write("\n")
            return
        if line.strip():
            yield line.strip().encode(errors="surrogateescape")
