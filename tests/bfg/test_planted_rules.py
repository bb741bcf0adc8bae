"""Mistakes planted into the pack's own rules: each is found when the pack is loaded."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import pytest

from bfg_policy import cel
from bfg_policy.contracts import load_contracts
from bfg_policy.model import PackModel, PolicyModel
from bfg_policy.pack.rules import optional_variables, scenario_variables
from bfg_policy.pack.written import WrittenPack, WrittenPolicy
from bfg_policy.resources import packaged
from bfg_policy.source import parse_document
from tests.cel.planted import Mistake, plant
from tests.shared import ROOT

CONTRACTS = load_contracts(packaged("contracts"), [packaged("contracts")])


class Planted(NamedTuple):
    """A mistake in one gate's rule, and the types that it is checked against."""

    gate: str
    mistake: Mistake
    types: dict[str, cel.Type]


@cache
def pack() -> WrittenPack:
    def written(name: str) -> WrittenPolicy:
        path = ROOT / "policies" / f"{name}.yaml"
        document = parse_document(path.read_bytes(), str(path.relative_to(ROOT)))
        return WrittenPolicy(document, PolicyModel.model_validate(document.data))

    path = ROOT / "policies" / "pack.yaml"
    document = parse_document(path.read_bytes(), "policies/pack.yaml")
    model = PackModel.model_validate(document.data)
    return WrittenPack(document, model, tuple(written(name) for name in model.boards))


def evidence_type(contract: str) -> cel.Type:
    return cel.from_schema(CONTRACTS.schema(contract), lambda ref: CONTRACTS.resolve(contract, ref))


def all_planted() -> list[Planted]:
    variables = scenario_variables(pack(), CONTRACTS)
    found = []
    for policy in pack().policies:
        for gate_id, _, gate in policy.gates():
            if gate.rule is not None:
                types = dict(variables)
                if gate.evidence is not None:
                    types["evidence"] = evidence_type(gate.evidence.contract)
                found += [Planted(gate_id, each, types) for each in plant(gate.rule, types)]
    return found


PLANTED = all_planted()


def problems(planted: Planted) -> list[cel.CelProblem]:
    """What is found when the rule is loaded, but for fields that may be absent under `||`."""
    try:
        expression = cel.parse(planted.mistake.text)
    except cel.CelSyntaxError as error:
        return [error.problem]
    optional = optional_variables(pack(), CONTRACTS)
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
