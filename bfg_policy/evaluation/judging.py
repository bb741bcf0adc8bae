"""Pack x Scenario x instant -> Readiness."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy import graph
from bfg_policy.errors import Finding, in_order
from bfg_policy.evaluation import acceptances, evidence, waivers
from bfg_policy.evaluation.proof import Part, Proof, Proofs, prove
from bfg_policy.instants import whole_seconds_up
from bfg_policy.pack import Board, Gate, Pack, board_of, is_whole
from bfg_policy.readiness import (
    ACTIONABLE,
    READY,
    Approval,
    BoardResult,
    Change,
    GateResult,
    OwnerResult,
    Readiness,
    Reading,
    Reason,
    Score,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from bfg_policy.scenario import Scenario, Waiver

_MOST_NEEDS_NAMED = 4


class Judgement(NamedTuple):
    """What a gate is at an instant, before anything is derived from it."""

    status: Status
    reason: Reason
    because: str
    waiver: Waiver | None
    readings: tuple[Reading, ...] = ()


def judge(pack: Pack, scenario: Scenario, at: datetime) -> Readiness:
    """The readiness of a scenario by a pack at an instant.

    at: UTC in whole seconds. Pure: the same result for the same three, always.
    """
    proofs = prove(pack, scenario)
    granted = waivers.read_waivers(pack, scenario)
    judged, is_ready = _judge_all(pack, proofs, granted, at)
    gates = _gate_results(pack, proofs, judged, is_ready)
    decisions = _decisions(pack, is_ready)
    boards = {
        board.id: _board_result(board, gates, decisions.get(board.id))
        for board in pack.boards.values()
    }
    return Readiness(
        scenario=scenario.id,
        target=scenario.target,
        at=at,
        pack=pack.id,
        verdict=decisions[pack.verdict][0] if pack.verdict else None,
        gates=gates,
        boards=boards,
        scores={name: _score(pack, board, gates, boards) for name, board in pack.scores.items()},
        owners=_owners(pack, scenario, gates),
        observations=evidence.observations(pack, proofs.held, at),
        next_action=_next_action(gates, is_ready),
        next_change=_next_change(proofs, granted, judged, is_ready, at),
        findings=_findings(pack, scenario, proofs, granted, at),
    )


def _judge_all(
    pack: Pack, proofs: Proofs, granted: waivers.Waivers, at: datetime
) -> tuple[dict[str, Judgement], dict[str, bool]]:
    """Every gate's status, in dependency order; and of every node whether it is ready."""
    judged: dict[str, Judgement] = {}
    is_ready: dict[str, bool] = {}
    for node in pack.order:
        needs_ready = all(is_ready[need] for need in pack.needs[node])
        if is_whole(node):
            is_ready[node] = needs_ready
            continue
        proof = proofs.by_gate[node]
        waiver = waivers.in_force(granted, node, at)
        judgement = _status(proof.gate, proof.at(at), needs_ready=needs_ready, waiver=waiver)
        if judgement.status == "blocked":
            missing = [need for need in pack.needs[node] if not is_ready[need]]
            judgement = judgement._replace(because=_waits_for(missing))
        judged[node] = judgement
        is_ready[node] = judgement.status in READY
    return judged, is_ready


def _status(gate: Gate, own: Part, *, needs_ready: bool, waiver: Waiver | None) -> Judgement:
    """The order of precedence of the five statuses (the console's page, "four states")."""
    if own.state == "invalid":
        return Judgement("invalid", own.reason, own.because, None)
    if not needs_ready:
        return Judgement("blocked", "needs", "", None)
    if own.state == "holds":
        if gate.has_proof:
            return Judgement("ready", own.reason, own.because, None)
        return Judgement("ready", "needs-ready", "everything that it needs is ready", None)
    if waiver is not None:
        return Judgement("waived", "waived", f"{own.because}; waived: {waiver.reason}", waiver)
    return Judgement("next", own.reason, own.because, None, own.readings)


def _waits_for(missing: list[str]) -> str:
    named = ", ".join(
        f"board `{board_of(node)}`" if is_whole(node) else f"`{node}`"
        for node in missing[:_MOST_NEEDS_NAMED]
    )
    more = len(missing) - _MOST_NEEDS_NAMED
    return f"waits for {named}" + (f" and {more} more" if more > 0 else "")


def _gate_results(
    pack: Pack, proofs: Proofs, judged: Mapping[str, Judgement], is_ready: Mapping[str, bool]
) -> dict[str, GateResult]:
    def waits(node: str) -> bool:
        return not is_whole(node) and not is_ready[node]

    def acts(node: str) -> bool:
        return not is_whole(node) and judged[node].status in ACTIONABLE

    unblocks = graph.count_dependents(pack.needs, pack.order, waits)
    causes = graph.collect_causes(
        pack.needs, pack.order, is_cause=acts, is_open=lambda node: not is_ready[node]
    )
    position = {gate_id: index for index, gate_id in enumerate(pack.gates)}
    ordered: dict[int, tuple[str, ...]] = {}  # gates with the same causes share one list

    def root_causes(gate_id: str) -> tuple[str, ...]:
        if judged[gate_id].status != "blocked":
            return ()
        found = causes[gate_id]
        if id(found) not in ordered:
            ordered[id(found)] = graph.in_given_order(found, position)
        return ordered[id(found)]

    return {
        gate.id: _gate_result(
            proofs.by_gate[gate.id], judged[gate.id], root_causes(gate.id), unblocks[gate.id]
        )
        for gate in pack.gates.values()
    }


def _gate_result(
    proof: Proof, judgement: Judgement, root_causes: tuple[str, ...], unblocks: int
) -> GateResult:
    gate = proof.gate
    return GateResult(
        id=gate.id,
        board=gate.board,
        key=gate.key,
        title=gate.title,
        owner=gate.owner,
        status=judgement.status,
        reason=judgement.reason,
        because=judgement.because,
        readings=judgement.readings,
        needs=gate.needs,
        root_causes=root_causes,
        unblocks=unblocks,
        remedy=gate.remedy,
        labels=gate.labels,
        acceptance=_acceptance(proof),
        waiver=_waiver(judgement.waiver),
        source=gate.place,
    )


def _acceptance(proof: Proof) -> Approval | None:
    signed = proof.signed
    if signed is None or signed.fault is not None:
        return None
    given = signed.acceptance
    return Approval(given.by, given.at, given.expires, given.note)


def _waiver(waiver: Waiver | None) -> Approval | None:
    if waiver is None:
        return None
    return Approval(waiver.approved_by, None, waiver.expires, waiver.reason)


def _decisions(
    pack: Pack, is_ready: Mapping[str, bool]
) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Of every board with a ladder: its code, and the words that go with it."""
    decided: dict[str, tuple[str, Mapping[str, str]]] = {}
    for board in pack.decisions:
        rung = next(
            rung
            for rung in pack.boards[board].ladder
            if not rung.until or not all(is_ready[node] for node in rung.until)
        )
        code = rung.code if rung.code is not None else decided[rung.like or board][0]
        decided[board] = (code, rung.also)
    return decided


def _board_result(
    board: Board,
    gates: Mapping[str, GateResult],
    decided: tuple[str, Mapping[str, str]] | None,
) -> BoardResult:
    return BoardResult(
        id=board.id,
        contract=board.contract,
        title=board.title,
        owner=board.owner,
        gates=board.gates,
        ready=sum(gates[gate].is_ready for gate in board.gates),
        total=len(board.gates),
        decision=decided[0] if decided else None,
        also=decided[1] if decided else {},
    )


def _score(
    pack: Pack, board: str, gates: Mapping[str, GateResult], boards: Mapping[str, BoardResult]
) -> Score:
    """Ready gates of the board, and those that need a board with at least one ready gate."""
    listed = pack.boards[board].gates
    started = sum(
        any(boards[board_of(node)].ready for node in pack.gates[gate].needs if is_whole(node))
        for gate in listed
    )
    return Score(sum(gates[gate].is_ready for gate in listed), started, len(listed))


def _owners(
    pack: Pack, scenario: Scenario, gates: Mapping[str, GateResult]
) -> dict[str, OwnerResult]:
    by_status: dict[tuple[str, Status], list[GateResult]] = {}
    for gate in gates.values():
        by_status.setdefault((gate.owner, gate.status), []).append(gate)
    actors: dict[str, list[str]] = {}
    for actor in scenario.actors.values():
        actors.setdefault(actor.role, []).append(actor.id)

    def listed(role: str, status: Status) -> tuple[str, ...]:
        found = by_status.get((role, status), [])
        return tuple(gate.id for gate in sorted(found, key=lambda gate: -gate.unblocks))

    return {
        role: OwnerResult(
            role,
            tuple(actors.get(role, ())),
            listed(role, "next"),
            listed(role, "invalid"),
            listed(role, "blocked"),
        )
        for role in pack.roles
    }


def _next_action(gates: Mapping[str, GateResult], is_ready: Mapping[str, bool]) -> str | None:
    """Of the gates that somebody can act on, the one that most others wait for."""
    able = [
        gate
        for gate in gates.values()
        if gate.status in ACTIONABLE and all(is_ready[need] for need in gate.needs)
    ]
    return max(able, key=lambda gate: gate.unblocks).id if able else None


def _next_change(
    proofs: Proofs,
    granted: waivers.Waivers,
    judged: Mapping[str, Judgement],
    is_ready: Mapping[str, bool],
    at: datetime,
) -> Change | None:
    """The first instant after `at` at which time alone changes a status.

    Before the first change all statuses stand as they are, so each gate can be looked at by
    itself, with its needs as they are now: the earliest change of any gate is the answer.
    """
    first: Change | None = None
    for gate_id, proof in proofs.by_gate.items():
        needs_ready = all(is_ready[need] for need in proof.gate.needs)
        for instant, why in sorted(_events(proof, granted.get(gate_id, ()))):
            if instant <= at:
                continue
            if first is not None and instant >= first.at:
                break
            waiver = waivers.in_force(granted, gate_id, instant)
            then = _status(proof.gate, proof.at(instant), needs_ready=needs_ready, waiver=waiver)
            if then.status != judged[gate_id].status:
                first = Change(instant, gate_id, why)
                break
    return first


def _events(proof: Proof, granted: Iterable[waivers.Granted]) -> Iterator[tuple[datetime, str]]:
    yield from proof.events()
    for each in granted:
        yield whole_seconds_up(each.waiver.expires), "waiver-expired"


def _findings(
    pack: Pack, scenario: Scenario, proofs: Proofs, granted: waivers.Waivers, at: datetime
) -> tuple[Finding, ...]:
    return in_order(
        [
            *proofs.findings,
            *evidence.findings(pack, scenario, proofs.held, at),
            *acceptances.findings(scenario, proofs.signatures, at),
            *waivers.findings(scenario, granted, at),
        ]
    )
