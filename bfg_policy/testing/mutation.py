"""Weakened packs tried by the tests: one of them must fail for each, or somebody says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy import cel, graph
from bfg_policy.errors import BfgPolicyError, Finding
from bfg_policy.evaluation.evidence import Held, hold
from bfg_policy.evaluation.proof import bindings
from bfg_policy.suggestions import closest
from bfg_policy.testing.comparing import passes
from bfg_policy.testing.running import built, judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bfg_policy.contracts import Contracts
    from bfg_policy.pack import Gate, Pack
    from bfg_policy.scenario import Scenario
    from bfg_policy.testing.mutants import Mutant
    from bfg_policy.testing.types import Case, Explained

SURVIVED = "BFG534"
STALE = "BFG535"


class Mutation(NamedTuple):
    """What came of weakening a pack.

    total: how many weaker packs were tried; equivalent: how many more no judgement could tell
    apart. survivors: those that no test noticed and nobody explains; explained: the others.
    stale: explanations of what does not survive.
    """

    total: int
    equivalent: int
    survivors: tuple[Mutant, ...]
    explained: tuple[tuple[Mutant, str], ...]
    stale: tuple[Finding, ...]

    @property
    def noticed(self) -> int:
        """How many made a test fail."""
        return self.total - len(self.survivors) - len(self.explained)


class _Ready(NamedTuple):
    """A case with its scenario, and what its rules can see."""

    case: Case
    scenario: Scenario
    held: Mapping[str, Held]
    variables: Mapping[str, object]

    def value(self, gate: Gate) -> object:
        """Whether a gate's rule is true here; the kind of the error where it has no value."""
        assert gate.rule is not None
        held = self.held.get(gate.evidence.contract) if gate.evidence else None
        try:
            return gate.rule.program.evaluate(bindings(gate, self.variables, held)) is True
        except cel.CelEvaluationError as error:
            return error.kind


class Trial:
    """Tries mutants on cases, all of which the unchanged pack passes."""

    def __init__(self, cases: Sequence[Case], pack: Pack, contracts: Contracts) -> None:
        self._pack = pack
        self._cases = list(_ready(cases, pack, contracts))
        self._dependents = _dependents(pack)
        self._values: dict[str, list[object]] = {}

    def survives(self, mutant: Mutant) -> bool:
        """Whether every case passes with the weaker pack as with the real one."""
        telling = sorted(self._telling(mutant), key=lambda ready: self._distance(ready, mutant))
        return all(
            passes(
                ready.case.expected,
                judged(mutant.pack, ready.scenario, ready.case.at),
                mutant.pack,
            )
            for ready in telling
        )

    def _telling(self, mutant: Mutant) -> list[_Ready]:
        """The cases that could notice: where only a rule is another, those where its value is."""
        if mutant.kind != "rule" or mutant.gate is None:
            return self._cases
        gate = self._pack.gates[mutant.gate]
        if gate.id not in self._values:
            self._values[gate.id] = [ready.value(gate) for ready in self._cases]
        changed = mutant.pack.gates[gate.id]
        before = zip(self._cases, self._values[gate.id], strict=True)
        return [ready for ready, value in before if ready.value(changed) != value]

    def _distance(self, ready: _Ready, mutant: Mutant) -> int:
        """How far from the change a case looks: the near ones are tried first."""
        expected = ready.case.expected
        if mutant.kind == "owner":
            return 0 if (mutant.gate or mutant.board) in expected.owners else 4
        if mutant.gate is None:
            decided = {*expected.decisions, *(board for board, _ in expected.also)}
            return 0 if mutant.board in decided else 1
        if mutant.gate in expected.gates:
            return 0 if len(expected.gates) < len(self._pack.gates) else 1
        return 2 if self._dependents[mutant.gate] & expected.gates.keys() else 3


def _ready(cases: Sequence[Case], pack: Pack, contracts: Contracts) -> Iterator[_Ready]:
    """The cases with their scenarios. One that cannot be judged says nothing about policies."""
    for case in cases:
        scenario = built(case, pack, contracts)
        if not isinstance(scenario, BfgPolicyError):
            yield _Ready(case, scenario, hold(scenario), scenario.variables)


def _dependents(pack: Pack) -> Mapping[str, frozenset[str]]:
    """For each gate, the gates that need it, directly or not."""
    found: dict[str, set[str]] = {gate: set() for gate in pack.gates}
    for gate in pack.gates:
        for node in graph.reachable(pack.needs, gate):
            if node in found and node != gate:
                found[node].add(gate)
    return {gate: frozenset(others) for gate, others in found.items()}


def resolved(
    listed: Sequence[Mutant],
    surviving: Sequence[bool],
    equivalent: int,
    explained: Sequence[Explained],
) -> Mutation:
    """Survivors with and without an explanation, and the explanations of what does not survive.

    surviving: for each of the mutants.
    """
    survivors = {
        mutant.id: mutant for mutant, survives in zip(listed, surviving, strict=True) if survives
    }
    words = {each.mutant: each.because for each in explained}
    ids = [mutant.id for mutant in listed]
    return Mutation(
        total=len(listed),
        equivalent=equivalent,
        survivors=tuple(each for name, each in survivors.items() if name not in words),
        explained=tuple((each, words[name]) for name, each in survivors.items() if name in words),
        stale=tuple(_stale(each, ids) for each in explained if each.mutant not in survivors),
    )


def _stale(explained: Explained, ids: Sequence[str]) -> Finding:
    is_known = explained.mutant in ids
    suggestion = None if is_known else closest(explained.mutant, ids)
    if is_known:
        message = "this survivor is explained, and a test notices it"
        hint: str | None = "delete the explanation"
    else:
        message = "nothing is weakened that has this name"
        hint = None if suggestion else "`bfg-policy test --mutate` names the survivors"
    return Finding(
        STALE,
        message,
        explained.spot.place,
        note="an explanation that explains nothing would hide the next survivor of that name",
        hint=hint,
        suggestion=suggestion,
    )


def findings(mutation: Mutation) -> Iterator[Finding]:
    """One finding for each survivor that nobody explains, and for each stale explanation."""
    for mutant in mutation.survivors:
        yield Finding(
            SURVIVED,
            f"no test notices this: {mutant.id}",
            mutant.place,
            note="the policy could be weakened like this, and all tests would pass",
            hint="write a test that fails then, or explain it in a suite's `survivors`",
        )
    yield from mutation.stale
