"""What is told of each gate: its status, what it holds back, and its root causes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy import graph
from bfg_policy.pack import is_whole
from bfg_policy.readiness import ACTIONABLE, Approval, GateResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.evaluation.proof import Proof, Proofs
    from bfg_policy.evaluation.statuses import Judgement, Statuses
    from bfg_policy.pack import Pack
    from bfg_policy.scenario import Waiver


def gate_results(pack: Pack, proofs: Proofs, statuses: Statuses) -> dict[str, GateResult]:
    """Every gate with what it holds back, and what holds it back in the end."""
    judged, is_ready = statuses.judged, statuses.is_ready

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
    if signed is None or signed.fault is not None or signed.acceptance.withdrawn:
        return None
    given = signed.acceptance
    return Approval(given.by, given.at, given.expires, given.note)


def _waiver(waiver: Waiver | None) -> Approval | None:
    if waiver is None:
        return None
    return Approval(waiver.approved_by, None, waiver.expires, waiver.reason)


def next_action(gates: Mapping[str, GateResult], statuses: Statuses) -> str | None:
    """Of the gates that somebody can act on, the one that most others wait for."""
    able = [
        gate
        for gate in gates.values()
        if gate.status in ACTIONABLE and all(statuses.is_ready[need] for need in gate.needs)
    ]
    return max(able, key=lambda gate: gate.unblocks).id if able else None
