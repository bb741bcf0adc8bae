"""From a scenario to a goal: the shortest plan, its order, and until when its proof holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy import graph
from bfg_policy.evaluation.proof import prove
from bfg_policy.evaluation.waivers import in_force, read_waivers
from bfg_policy.instants import ONE_SECOND, plus, whole_seconds_up
from bfg_policy.pack import is_whole, whole
from bfg_policy.planning.demands import find_demands, jobs
from bfg_policy.planning.ordering import ordered
from bfg_policy.planning.progress import Progress, Road
from bfg_policy.planning.rules import roots
from bfg_policy.planning.types import Action, Plan, Waived
from bfg_policy.readiness import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from bfg_policy.evaluation.proof import Proofs
    from bfg_policy.pack import Pack
    from bfg_policy.planning.types import Job
    from bfg_policy.readiness import Readiness
    from bfg_policy.scenario import Scenario

# What a record may be about, whatever its gates' rules read: it is made after these are settled.
_RECORDED_ABOUT = frozenset({"snapshot", "target"})
_EXPIRED = {"evidence-expired": "evidence", "acceptance-expired": "accept"}


def make_plan(
    pack: Pack, scenario: Scenario, readiness: Readiness, goal: str | None, at: datetime
) -> Plan:
    """The shortest way from a scenario to a goal.

    readiness: the scenario judged at `at`. goal: a board's or a gate's id; None for all boards.
    """
    needs = _needs_below(pack, goal)
    gates = [node for node in needs if not is_whole(node)]
    proofs = prove(pack, scenario)
    waived = tuple(_waived(pack, scenario, proofs, gates, at))
    wanted = find_demands(scenario, proofs, gates, waived=[each.gate for each in waived], at=at)
    listed = jobs(wanted)
    unblocks = [max(readiness.gates[gate].unblocks for gate in job.gates) for job in listed]
    road = Road(needs, listed, _must(listed), _better(pack, listed))
    lasting = list(_lasting(proofs, waived, gates, listed, at))
    position = {gate: index for index, gate in enumerate(pack.gates)}
    order = ordered(road, unblocks)
    actions = tuple(_actions(road, order, unblocks, position, lasting, at))
    return Plan(
        goal=goal,
        gates=len(gates),
        ready=sum(readiness.gates[gate].is_ready for gate in gates),
        actions=actions,
        waived=waived,
        proof_until=_first([*lasting, *_given(listed, at)]),
    )


def _needs_below(pack: Pack, goal: str | None) -> dict[str, tuple[str, ...]]:
    """The graph of what a goal needs, the goal among it, in the order of needs."""
    starts = (
        [goal if goal in pack.gates else whole(goal)] if goal else list(map(whole, pack.boards))
    )
    below: set[str] = set()
    for start in starts:
        below |= graph.reachable(pack.needs, start)
    return {node: pack.needs[node] for node in pack.order if node in below}


def _waived(
    pack: Pack, scenario: Scenario, proofs: Proofs, gates: Iterable[str], at: datetime
) -> Iterator[Waived]:
    """The gates whose proof does not hold, and that a waiver stands in for."""
    granted = read_waivers(pack, scenario)
    for gate in gates:
        waiver = in_force(granted, gate, at)
        if waiver is not None and proofs.by_gate[gate].at(at).state == "open":
            yield Waived(gate, waiver.approved_by, waiver.expires)


def _must(listed: Sequence[Job]) -> dict[int, frozenset[int]]:
    """Whoever accepts a gate looks at its facts and its record first."""
    of_gate: dict[str, list[int]] = {}
    for index, job in enumerate(listed):
        if job.kinds != ("accept",):
            for gate in job.gates:
                of_gate.setdefault(gate, []).append(index)
    return {
        index: frozenset(of_gate[job.gates[0]])
        for index, job in enumerate(listed)
        if job.kinds == ("accept",) and job.gates[0] in of_gate
    }


def _better(pack: Pack, listed: Sequence[Job]) -> dict[int, frozenset[int]]:
    """A record is made after the facts that it depends on are settled, where that is possible."""
    found = {}
    for index, job in enumerate(listed):
        if job.recording is None:
            continue
        read = set(_RECORDED_ABOUT)
        for gate in job.gates:
            rule = pack.gates[gate].rule
            read |= roots(rule) if rule is not None else set()
        found[index] = frozenset(other for other, each in enumerate(listed) if each.touches & read)
    return found


def _lasting(
    proofs: Proofs,
    waived: Sequence[Waived],
    gates: Iterable[str],
    listed: Iterable[Job],
    at: datetime,
) -> Iterator[Change]:
    """When the proof ends that is there now and that the plan relies on."""
    for each in waived:
        yield Change(whole_seconds_up(each.expires), each.gate, "waiver-expired")
    passed_over = {each.gate for each in waived}
    given_anew = {(kind, gate) for job in listed for kind in job.kinds for gate in job.gates}
    for gate in gates:
        for instant, why in () if gate in passed_over else proofs.by_gate[gate].events():
            kind = _EXPIRED.get(why)
            if kind is not None and instant > at and (kind, gate) not in given_anew:
                yield Change(instant, gate, why)


def _given(done: Iterable[Job], at: datetime) -> Iterator[Change]:
    """When the records end that are made at `at`, which is as early as they can be made."""
    for job in done:
        if job.recording is not None:
            last = plus(at, job.recording.fresh_for)
            yield Change(plus(last, ONE_SECOND), job.gates[0], "evidence-expired")


def _first(changes: Iterable[Change]) -> Change | None:
    return min(changes, key=lambda change: change.at, default=None)


def _actions(
    road: Road,
    order: Sequence[int],
    unblocks: Sequence[int],
    position: Mapping[str, int],
    lasting: Sequence[Change],
    at: datetime,
) -> Iterator[Action]:
    """The jobs in their turn. position: of each gate in the pack."""
    progress, until = Progress(road), _first(lasting)
    for number, index in enumerate(order, start=1):
        job = road.jobs[index]
        ready, opened = (sorted(each, key=position.__getitem__) for each in progress.do(index))
        yield Action(number, job, unblocks[index], tuple(ready), tuple(opened), until)
        until = _first([*([until] if until else ()), *_given([job], at)])
