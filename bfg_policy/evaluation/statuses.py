"""The five statuses: what every gate is at an instant, in the order of precedence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.evaluation import waivers
from bfg_policy.pack import is_whole, node_words
from bfg_policy.readiness import READY, Reading, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bfg_policy.evaluation.proof import Part, Proofs
    from bfg_policy.pack import Gate, Pack
    from bfg_policy.scenario import Waiver

_MOST_NEEDS_NAMED = 4


class Judgement(NamedTuple):
    """What a gate is at an instant, before anything is derived from it."""

    status: Status
    reason: Reason
    because: str
    waiver: Waiver | None
    readings: tuple[Reading, ...] = ()


class Statuses(NamedTuple):
    """What every gate is; and of every node of the graph, whether it is ready."""

    judged: Mapping[str, Judgement]
    is_ready: Mapping[str, bool]

    def needs_ready(self, gate: Gate) -> bool:
        """Whether everything that a gate needs is ready."""
        return all(self.is_ready[need] for need in gate.needs)


def find_statuses(pack: Pack, proofs: Proofs, granted: waivers.Waivers, at: datetime) -> Statuses:
    """Every gate's status, each gate after what it needs."""
    judged: dict[str, Judgement] = {}
    is_ready: dict[str, bool] = {}
    for node in pack.order:
        needs_ready = all(is_ready[need] for need in pack.needs[node])
        if is_whole(node):
            is_ready[node] = needs_ready
            continue
        proof = proofs.by_gate[node]
        waiver = waivers.in_force(granted, node, at)
        judgement = status_of(proof.gate, proof.at(at), needs_ready=needs_ready, waiver=waiver)
        if judgement.status == "blocked":
            missing = [need for need in pack.needs[node] if not is_ready[need]]
            judgement = judgement._replace(because=_waits_for(missing))
        judged[node] = judgement
        is_ready[node] = judgement.status in READY
    return Statuses(judged, is_ready)


def status_of(gate: Gate, own: Part, *, needs_ready: bool, waiver: Waiver | None) -> Judgement:
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
    named = ", ".join(map(node_words, missing[:_MOST_NEEDS_NAMED]))
    more = len(missing) - _MOST_NEEDS_NAMED
    return f"waits for {named}" + (f" and {more} more" if more > 0 else "")
