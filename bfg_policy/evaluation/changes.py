"""The first instant at which time alone changes a status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.evaluation import waivers
from bfg_policy.evaluation.statuses import status_of
from bfg_policy.instants import whole_seconds_up
from bfg_policy.readiness import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from bfg_policy.evaluation.proof import Proof, Proofs
    from bfg_policy.evaluation.statuses import Statuses


def next_change(
    proofs: Proofs, granted: waivers.Waivers, statuses: Statuses, at: datetime
) -> Change | None:
    """The first instant after `at` at which time alone changes a status.

    Before the first change all statuses stand as they are, so each gate can be looked at by
    itself, with its needs as they are now: the earliest change of any gate is the answer.
    """
    first: Change | None = None
    for gate_id, proof in proofs.by_gate.items():
        needs_ready = statuses.needs_ready(proof.gate)
        for instant, why in sorted(_events(proof, granted.get(gate_id, ()))):
            if instant <= at:
                continue
            if first is not None and instant >= first.at:
                break
            waiver = waivers.in_force(granted, gate_id, instant)
            then = status_of(proof.gate, proof.at(instant), needs_ready=needs_ready, waiver=waiver)
            if then.status != statuses.judged[gate_id].status:
                first = Change(instant, gate_id, why)
                break
    return first


def _events(proof: Proof, granted: Iterable[waivers.Granted]) -> Iterator[tuple[datetime, str]]:
    yield from proof.events()
    # While one of them stands, the end of another changes nothing: only the last one's counts.
    ends = [each.waiver.expires for each in granted if each.fault is None]
    if ends:
        yield whole_seconds_up(max(ends)), "waiver-expired"
