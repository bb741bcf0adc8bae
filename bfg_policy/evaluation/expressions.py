"""One expression on one scenario, as a rule would see it: for those who write rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy import cel
from bfg_policy.errors import Finding, Place, Related, RuleError
from bfg_policy.evaluation.evidence import from_future, hold, passed_sections
from bfg_policy.evaluation.reasons import place_of, readings
from bfg_policy.evaluation.showing import is_showable, type_of_value, without_secrets
from bfg_policy.pack.rules import (
    contract_type,
    optional_variables,
    problem_finding,
    scenario_variables,
)
from bfg_policy.pack.types import Rule
from bfg_policy.source.credentials import checked_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bfg_policy.contracts import Contracts
    from bfg_policy.pack.terms import Terms
    from bfg_policy.readiness import Reading
    from bfg_policy.scenario import Record, Scenario
    from bfg_policy.source.text import Text

EVIDENCE = "evidence"
SHOWN_AS = "<expression>"


class View(NamedTuple):
    """What a rule sees.

    types, optional: the names and their types, and which of them may be unbound. bound: their
    values. record: the evidence among them; None where there is none to believe, and then
    why_empty says why, where evidence was asked for. findings: warnings about that record.
    """

    types: Mapping[str, cel.Type]
    optional: frozenset[str]
    bound: Mapping[str, object]
    scenario: Scenario
    record: Record | None
    why_empty: str | None
    findings: tuple[Finding, ...]


class Evaluation(NamedTuple):
    """What an expression gave.

    expression: its text. type: None where it has no value, and then `findings` tells why.
    readings: of one that is false, what made it so. findings: warnings, too.
    """

    expression: str
    value: object
    type: cel.Type | None
    readings: tuple[Reading, ...]
    findings: tuple[Finding, ...]


class _Argument:
    """An expression that stands in no file."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def place_in(self, path: Sequence[str | int], start: int, end: int) -> Place:  # noqa: ARG002
        return self._text.place(start, end)


def view_of(
    scenario: Scenario,
    terms: Terms,
    contracts: Contracts,
    contract: str | None,
    at: datetime,
) -> View:
    """What a rule sees of a scenario.

    contract: that of the record to bind as `evidence`, one of `contracts.names`; None for none.
    at: the instant at which a record from the future is not believed yet.
    """
    seen = dict(scenario_variables(terms, contracts))
    optional = optional_variables(terms, contracts)
    bound = scenario.variables
    if contract is None:
        return View(seen, optional, bound, scenario, None, None, ())
    seen[EVIDENCE] = contract_type(contracts, contract)
    bound[EVIDENCE] = {}
    held = hold(scenario).get(contract)
    if held is None:
        why = f"no evidence of `{contract}` is recorded"
        return View(seen, optional, bound, scenario, None, why, ())
    if not held.is_believed(at):
        wrong = held.fault or from_future(scenario, held.record, at)
        warning = wrong._replace(severity="warning", note="so there is nothing in `evidence`")
        why = f"evidence `{held.record.name}` is not believed"
        return View(seen, optional, bound, scenario, None, why, (warning,))
    bound[EVIDENCE] = passed_sections(held.record)
    return View(seen, optional, bound, scenario, held.record, None, ())


def evaluate(view: View, written: bytes) -> Evaluation:
    """The value of an expression, checked against the contracts first.

    Raises SourceError where it is not UTF-8 or holds a credential, RuleError where it cannot be
    compiled.
    """
    rule, warnings = _compile(view, written)
    findings = (*view.findings, *warnings)
    try:
        value = rule.program.evaluate(view.bound)
    except cel.CelEvaluationError as error:
        return _without_value(rule, (_failure(view, rule, error), *findings))
    if not is_showable(value):
        return _without_value(rule, (_too_large(rule), *findings))
    found = readings(rule, view.bound, view.scenario, view.record) if value is False else ()
    shown = without_secrets(value)
    return Evaluation(rule.text, shown, type_of_value(value), found, findings)


def type_of(view: View, written: bytes) -> cel.Type:
    """The type of an expression, by the contracts alone. Raises as `evaluate`."""
    rule, _ = _compile(view, written)
    return cel.type_of(rule.expression, view.types, optional=view.optional)


def _without_value(rule: Rule, findings: tuple[Finding, ...]) -> Evaluation:
    return Evaluation(rule.text, None, None, (), findings)


def _compile(view: View, written: bytes) -> tuple[Rule, tuple[Finding, ...]]:
    text = checked_text(written, SHOWN_AS)
    try:
        expression = cel.parse(text.text)
    except cel.CelSyntaxError as error:
        raise RuleError(_problem(view, text, error.problem)) from None
    problems = cel.check(expression, view.types, cel.DYN, optional=view.optional)
    findings = tuple(_problem(view, text, problem) for problem in problems)
    if any(finding.is_error for finding in findings):
        raise RuleError(findings)
    return Rule(text.text, expression, _Argument(text), ()), findings


def _problem(view: View, text: Text, problem: cel.CelProblem) -> Finding:
    finding = problem_finding(problem, text.place(problem.start, problem.end))
    is_name = problem.kind == "name" and text.text[problem.start : problem.end] == EVIDENCE
    if is_name and EVIDENCE not in view.types:
        hint = "name the contract of the record that it should be: `--evidence CONTRACT`"
        return finding._replace(hint=hint, suggestion=None)
    return finding


def _failure(view: View, rule: Rule, error: cel.CelEvaluationError) -> Finding:
    place = rule.place(error.start, error.end)
    if error.kind == "limit":
        return Finding("BFG407", error.message, place, note="so a gate with it would be `invalid`")
    related = _read_there(view, error)
    if error.kind != "missing":
        return Finding(
            "BFG410",
            f"it cannot be evaluated: {error.message}",
            place,
            note="so a gate with this rule would be `invalid`",
            hint="correct the expression, or the value that it reads",
            related=related,
        )
    is_evidence = error.keys is not None and error.keys[0] == EVIDENCE
    why = view.why_empty if is_evidence else None
    return Finding(
        "BFG411",
        f"`{error.path}` is not there" if error.path else error.message,
        place,
        note=f"{why + ', ' if why else ''}so the proof of a gate with this rule would not hold",
        hint="record it; or ask first, as in `has(a.b)`",
        related=related,
    )


def _read_there(view: View, error: cel.CelEvaluationError) -> tuple[Related, ...]:
    """Where in the scenario's files the expression read."""
    place = place_of(error.keys, view.scenario, view.record)
    if place is None or place.excerpt is None:
        return ()
    said = "it would stand here" if error.kind == "missing" else "it read this"
    return (Related(place, said),)


def _too_large(rule: Rule) -> Finding:
    return Finding(
        "BFG407",
        "its value is too large to be shown",
        rule.place(),
        note="a gate's rule gives true or false, and shows nothing",
        hint="look at a part of it, or at its `size()`",
    )
