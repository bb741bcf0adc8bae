"""Why an act is refused, or would be without effect: what a judgement says of it beforehand.

An act is tried on the scenario as if it stood there, and what the evaluation says of it is the
answer. So nothing is written that would be refused the moment it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.errors import NOWHERE, Finding
from bfg_policy.evaluation.proof import prove
from bfg_policy.evaluation.waivers import in_force, read_waivers
from bfg_policy.instants import format_instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bfg_policy.errors import Place
    from bfg_policy.evaluation.proof import Proofs
    from bfg_policy.pack import Pack
    from bfg_policy.readiness import Readiness
    from bfg_policy.scenario import Scenario


def refused_acceptances(pack: Pack, tried: Scenario, count: int) -> tuple[Finding, ...]:
    """What speaks against the last `count` acceptances or withdrawals of a scenario.

    tried: the scenario with the acts at the end of its list.
    """
    proofs = prove(pack, tried)
    signed = proofs.signatures.all
    return tuple(
        finding
        for index in range(len(signed) - count, len(signed))
        if (finding := _refusal(proofs, index, tried)) is not None
    )


def _refusal(proofs: Proofs, index: int, tried: Scenario) -> Finding | None:
    signed = proofs.signatures.all
    each = signed[index]
    if each.fault is not None:
        return told_of_nothing_written(each.fault)
    act = each.acceptance
    nobody = proofs.by_gate[act.gate].actor
    if nobody is not None and not act.withdrawn:
        return Finding(
            "BFG510",
            f"nobody may accept `{act.gate}` yet: {nobody.because}",
            note="nothing was written",
            hint=f"bfg-policy explain {act.gate}",
        )
    for other in signed:
        there = other.acceptance
        if other is not each and there.gate == act.gate and there.at >= act.at:
            return _too_late(there.withdrawn, act.gate, there.at, tried.place((*there.path, "at")))
    if act.withdrawn and each.takes_back is None:
        return Finding(
            "BFG544",
            f"no acceptance of `{act.gate}` stands that could be withdrawn",
            note="nothing was written",
            hint=f"bfg-policy explain {act.gate}",
        )
    return None


def _too_late(withdrawn: bool, gate: str, at: datetime, place: Place) -> Finding:  # noqa: FBT001
    done = "withdrawn" if withdrawn else "accepted"
    return Finding(
        "BFG542",
        f"`{gate}` is {done} at {format_instant(at)} already, and the latest record counts",
        place,
        note="so a new one would not count; nothing was written",
        hint="give a later instant with `--at`, or correct the one that is there",
    )


def refused_waiver(pack: Pack, scenario: Scenario, tried: Scenario, at: datetime) -> Finding | None:
    """What speaks against the last waiver of `tried`; scenario: the same without it."""
    new = tried.waivers[-1]
    granted = read_waivers(pack, tried)[new.gate][-1]
    if granted.fault is not None:
        return told_of_nothing_written(granted.fault)
    own = prove(pack, scenario).by_gate[new.gate].at(at)
    if own.state == "holds":
        why = "a waiver stands in for proof that does not hold, and never for needs"
        return _nothing_to_waive(new.gate, "its proof holds", why)
    if own.state == "invalid":
        why = "a waiver never stands in for proof that is invalid"
        return _nothing_to_waive(new.gate, own.because, why)
    standing = in_force(read_waivers(pack, scenario), new.gate, at)
    if standing is not None and standing.expires >= new.expires:
        until = format_instant(standing.expires)
        return _nothing_to_waive(new.gate, f"it is waived until {until}", "the longest one counts")
    return None


def _nothing_to_waive(gate: str, why: str, note: str) -> Finding:
    return Finding(
        "BFG545",
        f"there is nothing to waive of `{gate}`: {why}",
        note=f"{note}; nothing was written",
        hint=f"bfg-policy explain {gate}",
    )


def early(pack: Pack, readiness: Readiness, gates: Sequence[str]) -> Iterator[Finding]:
    """A warning for each gate that needs what is not ready yet.

    readiness: as it will be, so that what is accepted together is not told of.
    """
    for gate in gates:
        if readiness.gates[gate].status == "blocked":
            yield Finding(
                "BFG543",
                f"`{gate}` {readiness.gates[gate].because}",
                pack.gates[gate].place,
                severity="warning",
                note="what is recorded now is kept, and leaves the gate blocked until then",
                hint=f"bfg-policy explain {gate}",
            )


def told_of_nothing_written(fault: Finding) -> Finding:
    """A fault of something that only was to be written: it stands nowhere yet."""
    return fault._replace(place=NOWHERE, note="nothing was written", related=())
