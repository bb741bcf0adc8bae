"""Which acceptance or withdrawal of a gate counts. The one place where acceptances are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.errors import Finding
from bfg_policy.instants import format_instant
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from bfg_policy.errors import Place
    from bfg_policy.pack import Gate, Pack
    from bfg_policy.scenario import Acceptance, Scenario

# Looking for what somebody meant takes time: it is done for so many items of a list.
MOST_SUGGESTED = 100


class Signed(NamedTuple):
    """One acceptance, and why its actor may not give it; fault is None where nothing is wrong.

    takes_back: of a withdrawal, the acceptance that stood until then; None where none did.
    """

    acceptance: Acceptance
    fault: Finding | None
    takes_back: Acceptance | None = None

    def is_believed(self, at: datetime) -> bool:
        """Whether its actor may accept or withdraw, and it is not from the future."""
        return self.fault is None and self.acceptance.at <= at

    def is_expired(self, at: datetime) -> bool:
        """Whether it no longer counts: it is valid while at < expires."""
        return self.acceptance.expires is not None and at >= self.acceptance.expires


class Signatures(NamedTuple):
    """All acceptances and withdrawals in the order written, and of each gate the latest, which
    counts.
    """

    all: tuple[Signed, ...]
    latest: Mapping[str, Signed]


def read_acceptances(
    pack: Pack, scenario: Scenario, actors: Mapping[str, str | None]
) -> Signatures:
    """Every acceptance, with what is wrong with it whatever the time.

    actors: for each gate that asks for one very actor, the id; None where it cannot be told.
    The list only grows: of several for a gate the latest counts. Of those at the same instant a
    withdrawal does, whatever file it stands in, and else the last written.
    """
    given = scenario.acceptances
    signed: dict[int, Signed] = {}
    latest: dict[str, Signed] = {}
    for index in sorted(range(len(given)), key=lambda each: _when(given[each])):
        acceptance, suggest = given[index], index < MOST_SUGGESTED
        before = latest.get(acceptance.gate)
        standing = before.acceptance if before and not before.acceptance.withdrawn else None
        if acceptance.withdrawn:
            fault = _withdrawal_fault(pack, scenario, acceptance, standing, suggest=suggest)
            each = Signed(acceptance, fault, standing)
        else:
            each = Signed(acceptance, _fault(pack, scenario, acceptance, actors, suggest=suggest))
        signed[index] = latest[acceptance.gate] = each
    return Signatures(tuple(signed[index] for index in range(len(given))), latest)


def _when(acceptance: Acceptance) -> tuple[datetime, bool]:
    return acceptance.at, acceptance.withdrawn


def _withdrawal_fault(
    pack: Pack,
    scenario: Scenario,
    withdrawal: Acceptance,
    standing: Acceptance | None,
    *,
    suggest: bool,
) -> Finding | None:
    gate = pack.gates.get(withdrawal.gate)
    fault = _gate_fault(pack, scenario, withdrawal, suggest=suggest)
    if fault is not None or gate is None:
        return fault
    actor = scenario.actors.get(withdrawal.by)
    if actor is not None and actor.role == gate.owner:
        return None
    if standing is not None and standing.by == withdrawal.by:
        return None
    giver = f"`{standing.by}`, who gave it, or " if standing is not None else ""
    return Finding(
        "BFG541",
        f"`{withdrawal.by}` may not withdraw the acceptance of `{gate.id}`: that takes"
        f" {giver}an actor of the role `{gate.owner}`",
        scenario.place((*withdrawal.path, "by")),
        note="a withdrawal by somebody else makes the gate invalid",
        hint="let the right actor withdraw or accept; the latest of a gate counts",
        suggestion=closest(withdrawal.by, _holders(scenario, gate.owner)) if suggest else None,
    )


def _holders(scenario: Scenario, role: str) -> list[str]:
    return [actor.id for actor in scenario.actors.values() if actor.role == role]


def _fault(
    pack: Pack,
    scenario: Scenario,
    acceptance: Acceptance,
    actors: Mapping[str, str | None],
    *,
    suggest: bool,
) -> Finding | None:
    gate = pack.gates.get(acceptance.gate)
    fault = _gate_fault(pack, scenario, acceptance, suggest=suggest)
    if fault is not None or gate is None:
        return fault
    who = who_may(gate, actors)
    if who is None or may_accept(scenario, gate, acceptance.by, actors):
        return None
    return Finding(
        "BFG510",
        f"`{acceptance.by}` may not accept `{gate.id}`: that takes {who}",
        scenario.place((*acceptance.path, "by")),
        note="an acceptance by somebody else makes the gate invalid",
        hint="let the right actor accept; the latest acceptance of a gate counts",
        suggestion=_meant(scenario, gate, acceptance.by, actors) if suggest else None,
    )


def _gate_fault(
    pack: Pack, scenario: Scenario, acceptance: Acceptance, *, suggest: bool
) -> Finding | None:
    """What is wrong with the gate that an acceptance or a withdrawal names."""
    gate = pack.gates.get(acceptance.gate)
    if gate is not None and gate.accept:
        return None
    place = scenario.place((*acceptance.path, "gate"))
    if gate is None:
        kind = "withdrawal" if acceptance.withdrawn else "acceptance"
        gates = pack.gates if suggest else ()
        return unknown_gate("BFG512", kind, acceptance.gate, gates, place)
    return Finding(
        "BFG513",
        f"gate `{gate.id}` asks for no acceptance",
        place,
        note="a sign-off that nothing asked for is never believed, so the gate is invalid",
        hint="accept the gate that was meant, or let the policy ask with `accept: true`",
    )


def _meant(scenario: Scenario, gate: Gate, by: str, actors: Mapping[str, str | None]) -> str | None:
    """The actor who may, where somebody wrote a name for an id, or nearly an id."""
    if by in scenario.actors:
        return None
    may = [
        actor for actor in scenario.actors.values() if may_accept(scenario, gate, actor.id, actors)
    ]
    named = [actor.id for actor in may if actor.name == by]
    return named[0] if len(named) == 1 else closest(by, [actor.id for actor in may])


def unknown_gate(
    code: str, kind: str, written: str, gates: Collection[str], place: Place
) -> Finding:
    """The finding for an acceptance, a withdrawal or a waiver of a gate that no policy has.

    gates: those that could be meant. place: of the gate's id.
    """
    return Finding(
        code,
        f"{kind} of `{written}`, and no policy has such a gate",
        place,
        note="it counts for nothing",
        hint="name a gate as `board/gate`",
        suggestion=closest(written, gates),
    )


def who_may(gate: Gate, actors: Mapping[str, str | None]) -> str | None:
    """Who may accept a gate, in words; None where it cannot be told."""
    if gate.accept_actor is None:
        return f"an actor of the role `{gate.owner}`"
    actor = actors.get(gate.id)
    return f"`{actor}` (`{gate.accept_actor.text}`)" if actor is not None else None


def may_accept(scenario: Scenario, gate: Gate, by: str, actors: Mapping[str, str | None]) -> bool:
    """Whether an actor may accept a gate. by: the id; actors: as for `read_acceptances`."""
    actor = scenario.actors.get(by)
    if actor is None:
        return False
    if gate.accept_actor is not None:
        return actors.get(gate.id) == by
    return actor.role == gate.owner


def findings(scenario: Scenario, signatures: Signatures, at: datetime) -> Iterator[Finding]:
    """One finding for each acceptance that must not be believed, or whose time is over, and for
    each withdrawal that takes nothing back.
    """
    for each in signatures.all:
        acceptance = each.acceptance
        done = "withdrawn" if acceptance.withdrawn else "accepted"
        if each.fault is not None:
            yield each.fault
        elif acceptance.at > at:
            yield Finding(
                "BFG511",
                f"`{acceptance.gate}` is {done} in the future: after {format_instant(at)},"
                " the instant of this judgement",
                scenario.place((*acceptance.path, "at")),
                note="nobody has signed it yet, so the gate is invalid",
                hint=f"write the instant at which it was really {done}",
            )
        elif acceptance.withdrawn:
            if each.takes_back is None:
                yield _nothing_withdrawn(scenario, acceptance)
        elif signatures.latest[acceptance.gate] is each and each.is_expired(at):
            yield Finding(
                "BFG514",
                f"the acceptance of `{acceptance.gate}` has expired",
                scenario.place((*acceptance.path, "expires")),
                severity="warning",
                note="the gate waits for a new one",
                hint=f"let `{acceptance.by}` look again and accept anew",
            )


def _nothing_withdrawn(scenario: Scenario, withdrawal: Acceptance) -> Finding:
    return Finding(
        "BFG540",
        f"this withdrawal takes nothing back: no acceptance of `{withdrawal.gate}` stood then",
        scenario.place((*withdrawal.path, "at")),
        severity="warning",
        note="of the acceptances and withdrawals of a gate the latest counts",
        hint="look at the instant, and at the gate that was meant",
    )
