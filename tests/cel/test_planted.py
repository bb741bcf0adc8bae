"""Mistakes planted into rules of the kinds that packs hold: each is found when it is loaded."""

from __future__ import annotations

import pytest

from bfg_policy.cel import CelProblem, CelSyntaxError, check, parse
from tests.cel.planted import Mistake, plant
from tests.cel.test_check import VARIABLES

RULES = [
    "scenario.target != '' && providers.exists(p, p.id == scenario.target)",
    "providers.exists_one(p, p.id == 'maps') && providers.all(p, p.contract_ready)",
    "rows.operations > 0 && rows.audit >= 1",
    "scenario.mode == 'active' && contract == scenario.target",
    "target.matches('^[0-9a-f]{64}$')",
    "claims.all(role, claim, claim != '') && size(claims) > 0",
    "providers.all(p, p.state == 'up' && p.contract_ready)",
    "['a', 'b'].all(name, name in claims && claims[name].startsWith('bfg:'))",
    "has(scenario.note) && scenario.note != '' && scenario.rows.operations == 4",
    "scenario.providers.filter(p, p.contract_ready).map(p, p.id).exists(i, i == 'auth')",
]

MISTAKES = [mistake for rule in RULES for mistake in plant(rule, VARIABLES)]


def found_in(mistake: Mistake) -> tuple[CelProblem, ...]:
    try:
        return check(parse(mistake.text), VARIABLES)
    except CelSyntaxError as error:
        return (error.problem,)


def test_the_rules_themselves_are_right() -> None:
    assert [check(parse(rule), VARIABLES) for rule in RULES] == [()] * len(RULES)


def test_there_are_enough_of_them() -> None:
    assert len(MISTAKES) >= 100


@pytest.mark.parametrize(
    "mistake", MISTAKES, ids=lambda mistake: f"{mistake.what}: {mistake.text[:70]}"
)
def test_a_planted_mistake_is_found_at_its_token(mistake: Mistake) -> None:
    problems = found_in(mistake)
    if mistake.severity == "warning":
        # Under `||`, fields that may be absent are a matter of their own.
        problems = tuple(problem for problem in problems if problem.kind != "optional")
    (problem,) = problems
    assert problem.severity == mistake.severity
    assert (problem.start, mistake.text[problem.start : problem.end]) == (
        mistake.start,
        mistake.token,
    )
