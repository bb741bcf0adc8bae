"""One of the two that are compared, with all that telling about it needs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from bfg_policy.errors import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bfg_policy.comparison.types import Standing
    from bfg_policy.contracts import Contracts
    from bfg_policy.errors import Place
    from bfg_policy.pack.written import WrittenPack, WrittenPolicy
    from bfg_policy.scenario import Scenario


class Side:
    """A judgement, with what was read for it.

    written: the pack as it stands in its files, for places. others: more scenarios that are at
    hand, to try rules on.
    """

    def __init__(
        self,
        standing: Standing,
        written: WrittenPack,
        contracts: Contracts,
        others: Sequence[Scenario] = (),
    ) -> None:
        self.standing = standing
        self.pack = standing.pack
        self.scenario = standing.scenario
        self.readiness = standing.readiness
        self.at = standing.readiness.at
        self.written = written
        self.contracts = contracts
        self.others = tuple(others)

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All scenarios that are at hand, the one that is judged first."""
        return (self.scenario, *self.others)

    def of_gate(self, gate: str, *path: str) -> Place:
        """Where a field of a gate stands in its policy; the gate itself where it has no such."""
        board, _, key = gate.partition("/")
        policy = self._policies.get(board)
        if policy is None or key not in policy.model.gates:
            return NOWHERE
        return policy.place("gates", key, *path, key=not path)

    def of_board(self, board: str, *path: str | int) -> Place:
        """Where a field of a board stands in its policy."""
        policy = self._policies.get(board)
        return NOWHERE if policy is None else policy.place(*path)

    def of_pack(self, *path: str | int) -> Place:
        """Where a value of `pack.yaml` stands."""
        return self.written.place(*path)

    def of_scenario(self, path: Sequence[str | int]) -> Place:
        """Where a value of the scenario stands."""
        return self.scenario.place(path)

    @cached_property
    def _policies(self) -> dict[str, WrittenPolicy]:
        return {policy.model.policy: policy for policy in self.written.policies}
