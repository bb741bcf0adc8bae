"""How far a way to a goal is, job by job: which gates are ready, and which jobs have their turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.pack import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bfg_policy.planning.types import Job


class Road:
    """What never changes on the way: the jobs, what waits for what, and which jobs come first.

    needs: the graph below the goal, in the order of needs. must: of each job, those that have to
    be done before it; better: those that are better done before it, where that is possible.
    """

    def __init__(
        self,
        needs: Mapping[str, Sequence[str]],
        jobs: Sequence[Job],
        must: Mapping[int, frozenset[int]],
        better: Mapping[int, frozenset[int]],
    ) -> None:
        self.needs = needs
        self.jobs = jobs
        self.must = must
        self.better = better
        self.dependents: dict[str, list[str]] = {node: [] for node in needs}
        for node, below in needs.items():
            for need in below:
                self.dependents[need].append(node)
        self.of_gate: dict[str, list[int]] = {}
        for index, job in enumerate(jobs):
            for gate in job.gates:
                self.of_gate.setdefault(gate, []).append(index)
        self.waiting: dict[int, list[int]] = {}
        for earlier in (must, better):
            for index, first in earlier.items():
                for each in first:
                    self.waiting.setdefault(each, []).append(index)


class Progress:
    """Where somebody is on the way.

    done: the jobs that are. open: the gates that somebody can act on, ready: those that are.
    """

    def __init__(self, road: Road) -> None:
        self.road = road
        self.done: frozenset[int] = frozenset()
        self.open: dict[str, None] = {}
        self.ready: set[str] = set()
        self._left = {gate: len(jobs) for gate, jobs in road.of_gate.items()}
        self._unmet = {node: len(below) for node, below in road.needs.items()}
        for node in road.needs:
            if not self._unmet[node] and node not in self.ready:
                self._reach([node])

    def __copy__(self) -> Progress:
        """The same place, to go on from in another way."""
        made = Progress.__new__(Progress)
        state = {"open": dict(self.open), "ready": set(self.ready)}
        state |= {"_left": dict(self._left), "_unmet": dict(self._unmet)}
        vars(made).update(vars(self), **state)
        return made

    @property
    def is_there(self) -> bool:
        """Whether every job is done."""
        return len(self.done) == len(self.road.jobs)

    def possible(self) -> list[int]:
        """The jobs that have their turn, in their order; where there are none but those that are
        better done later, these.
        """
        found = sorted({index for gate in self.open for index in self.road.of_gate[gate]})
        able = [index for index in found if self._is_able(index)]
        return [index for index in able if not self._waits(index, self.road.better)] or able

    def freed(self, done: int, opened: Iterable[str]) -> list[int]:
        """The jobs that have their turn since `done` was done and these gates are open."""
        found = {index for gate in opened for index in self.road.of_gate[gate]}
        found.update(self.road.waiting.get(done, ()))
        return [
            index
            for index in sorted(found)
            if self._is_able(index) and not self._waits(index, self.road.better)
        ]

    def _is_able(self, index: int) -> bool:
        if index in self.done or self._waits(index, self.road.must):
            return False
        return any(gate in self.open for gate in self.road.jobs[index].gates)

    def _waits(self, index: int, earlier: Mapping[int, frozenset[int]]) -> bool:
        return not earlier.get(index, self.done) <= self.done

    def do(self, index: int) -> tuple[list[str], list[str]]:
        """Do a job; gives the gates that are ready by it, and those that are open by it."""
        self.done |= {index}
        complete = []
        for gate in self.road.jobs[index].gates:
            self._left[gate] -= 1
            if not self._left[gate] and gate in self.open:
                del self.open[gate]
                complete.append(gate)
        return self._reach(complete)

    def _reach(self, nodes: list[str]) -> tuple[list[str], list[str]]:
        """Go on from nodes whose needs are all ready."""
        ready: list[str] = []
        opened: list[str] = []
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if self._left.get(node):
                self.open[node] = None
                opened.append(node)
                continue
            self.ready.add(node)
            ready.append(node)
            for above in self.road.dependents[node]:
                self._unmet[above] -= 1
                if not self._unmet[above]:
                    waiting.append(above)
        return _gates(ready), _gates(opened)


def _gates(nodes: Iterable[str]) -> list[str]:
    return [node for node in nodes if not is_whole(node)]
