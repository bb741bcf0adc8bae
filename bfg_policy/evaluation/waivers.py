"""Which waivers count. A waiver stands in for proof that does not hold, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.errors import Finding
from bfg_policy.evaluation.acceptances import MOST_SUGGESTED, unknown_gate
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from datetime import datetime

    from bfg_policy.pack import Pack
    from bfg_policy.scenario import Scenario, Waiver


class Granted(NamedTuple):
    """One waiver, and why it does not count; fault is None where nothing is wrong with it."""

    waiver: Waiver
    fault: Finding | None

    def counts(self, at: datetime) -> bool:
        """Whether it stands at an instant: it is valid while at < expires."""
        return self.fault is None and at < self.waiver.expires


Waivers = Mapping[str, Sequence[Granted]]


def read_waivers(pack: Pack, scenario: Scenario) -> dict[str, list[Granted]]:
    """Every waiver by gate, with what is wrong with it whatever the time."""
    granted: dict[str, list[Granted]] = {}
    for index, waiver in enumerate(scenario.waivers):
        suggest = index < MOST_SUGGESTED
        each = Granted(waiver, _fault(pack, scenario, waiver, suggest=suggest))
        granted.setdefault(waiver.gate, []).append(each)
    return granted


def in_force(waivers: Waivers, gate: str, at: datetime) -> Waiver | None:
    """Of the waivers of a gate that count, the one that lasts longest; None where none does."""
    standing = [each.waiver for each in waivers.get(gate, ()) if each.counts(at)]
    return max(standing, key=lambda waiver: waiver.expires) if standing else None


def _fault(pack: Pack, scenario: Scenario, waiver: Waiver, *, suggest: bool) -> Finding | None:
    gate = pack.gates.get(waiver.gate)
    if gate is None:
        place = scenario.place((*waiver.path, "gate"))
        gates = pack.gates if suggest else ()
        return unknown_gate("BFG524", "waiver", waiver.gate, gates, place)
    if waiver.gate in pack.never_waived or f"{gate.board}/*" in pack.never_waived:
        return Finding(
            "BFG520",
            f"gate `{waiver.gate}` may never be waived",
            scenario.place((*waiver.path, "gate")),
            note="the waiver does not count (`waivers.never` in pack.yaml)",
            hint="bring the proof",
        )
    if not gate.has_proof:
        return Finding(
            "BFG526",
            f"gate `{waiver.gate}` asks for no proof of its own that could be waived",
            scenario.place((*waiver.path, "gate")),
            note="a waiver never stands in for needs",
            hint="waive the gate that it waits for",
        )
    return _approval_fault(pack, scenario, waiver, suggest=suggest)


def _approval_fault(
    pack: Pack, scenario: Scenario, waiver: Waiver, *, suggest: bool
) -> Finding | None:
    if waiver.approved_by == waiver.requested_by:
        return Finding(
            "BFG521",
            f"`{waiver.approved_by}` approved a waiver that the same actor asked for",
            scenario.place((*waiver.path, "approved_by")),
            note="the waiver does not count",
            hint="let another actor of an approving role approve it",
        )
    for field in ("requested_by", "approved_by"):
        actor = getattr(waiver, field)
        if actor not in scenario.actors:
            return Finding(
                "BFG525",
                f"no actor has the id `{actor}`",
                scenario.place((*waiver.path, field)),
                note="the waiver does not count",
                hint="name an actor of the scenario",
                suggestion=closest(actor, scenario.actors) if suggest else None,
            )
    role = scenario.actors[waiver.approved_by].role
    if role in pack.approvers:
        return None
    allowed = ", ".join(f"`{each}`" for each in pack.roles if each in pack.approvers)
    return Finding(
        "BFG522",
        f"`{waiver.approved_by}` may not approve waivers: the role `{role}` does not",
        scenario.place((*waiver.path, "approved_by")),
        note="the waiver does not count",
        hint=f"let an actor of one of these roles approve it: {allowed}"
        if allowed
        else "the pack lets nobody approve waivers (`waivers.approvers` in pack.yaml)",
    )


def findings(scenario: Scenario, waivers: Waivers, at: datetime) -> Iterator[Finding]:
    """One finding for each waiver that does not count."""
    for each in (granted for listed in waivers.values() for granted in listed):
        if each.fault is not None:
            yield each.fault
        elif not each.counts(at):
            yield Finding(
                "BFG523",
                f"the waiver of `{each.waiver.gate}` has expired",
                scenario.place((*each.waiver.path, "expires")),
                severity="warning",
                note="it does not count any more",
                hint="bring the proof, or ask for a new waiver",
            )
