"""Mistakes planted into the pack's own rules: each is found when the pack is loaded."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from bfg_policy import cel
from bfg_policy.pack.rules import contract_type, optional_variables, scenario_variables
from bfg_policy.pipeline import open_pack
from tests.cel.planted import Mistake, plant
from tests.shared import ROOT

LOADED = open_pack(ROOT / "policies", None, ROOT)


class Planted(NamedTuple):
    """A mistake in one gate's rule, and the types that it is checked against."""

    gate: str
    mistake: Mistake
    types: dict[str, cel.Type]


def all_planted() -> list[Planted]:
    variables = scenario_variables(LOADED.pack, LOADED.contracts)
    found = []
    for gate in LOADED.pack.gates.values():
        if gate.rule is not None:
            types = dict(variables)
            if gate.evidence is not None:
                types["evidence"] = contract_type(LOADED.contracts, gate.evidence.contract)
            found += [Planted(gate.id, each, types) for each in plant(gate.rule.text, types)]
    return found


PLANTED = all_planted()


def problems(planted: Planted) -> list[cel.CelProblem]:
    """What is found when the rule is loaded, but for fields that may be absent under `||`."""
    try:
        expression = cel.parse(planted.mistake.text)
    except cel.CelSyntaxError as error:
        return [error.problem]
    optional = optional_variables(LOADED.pack, LOADED.contracts)
    found = cel.check(expression, planted.types, cel.BOOL, optional=optional)
    return [problem for problem in found if problem.kind != "optional"]


def test_there_are_more_than_two_hundred_of_many_kinds() -> None:
    assert len(PLANTED) >= 200
    assert len({each.mistake.what for each in PLANTED}) >= 8


@pytest.mark.parametrize("planted", PLANTED, ids=lambda each: f"{each.gate} {each.mistake.what}")
def test_each_is_one_problem_at_its_token(planted: Planted) -> None:
    mistake = planted.mistake
    (problem,) = problems(planted)
    assert problem.severity == mistake.severity
    token = mistake.text[problem.start : problem.end]
    assert (problem.start, token) == (mistake.start, mistake.token)
