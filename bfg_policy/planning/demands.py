"""What the gates on the way to a goal lack, and the jobs that give it to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.evaluation.proof import NOT_ACCEPTED, bindings
from bfg_policy.planning.rules import Lack, halves, lack, root_of
from bfg_policy.planning.types import KINDS, Job, Kind, Recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from bfg_policy.evaluation.proof import Part, Proof, Proofs
    from bfg_policy.pack import EvidenceDemand, Gate
    from bfg_policy.scenario import Scenario

_SNAPSHOT = "snapshot"
_NAMES_SNAPSHOT = "snapshot_sha256"
# What no new acceptance puts right: it stands there, and would still be the latest.
_NOT_BY_ACCEPTING = frozenset({"BFG513"})


class Demands(NamedTuple):
    """What one gate lacks. None: nothing of that kind; evidence: why the record has to be made."""

    gate: Gate
    mend: str | None
    fact: Lack | None
    evidence: str | None
    accept: str | None


class Wanted(NamedTuple):
    """Everything that the gates lack, one entry a gate that lacks something, in their order."""

    scenario: Scenario
    proofs: Proofs
    demands: tuple[Demands, ...]


def find_demands(
    scenario: Scenario,
    proofs: Proofs,
    gates: Sequence[str],
    *,
    waived: Iterable[str],
    at: datetime,
) -> Wanted:
    """What each gate lacks at an instant. gates: in the order of needs. waived: left as they are.

    A record that is about the snapshot has to be made anew where the snapshot has to change.
    """
    passed_over = frozenset(waived)
    found = {
        each: _demands(proofs.by_gate[each], scenario, at)
        for each in gates
        if each not in passed_over
    }
    if any(_touches(each.fact, _SNAPSHOT) for each in found.values()):
        for each, demands in found.items():
            found[each] = _about_snapshot(proofs.by_gate[each], demands)
    lacking = (each for each in found.values() if any(part is not None for part in each[1:]))
    return Wanted(scenario, proofs, tuple(lacking))


def _touches(fact: Lack | None, key: str) -> bool:
    return fact is not None and any(root_of(path) == key for path in fact.paths)


def _about_snapshot(proof: Proof, demands: Demands) -> Demands:
    held = proof.held
    if demands.evidence is not None or held is None or _NAMES_SNAPSHOT not in held.record.data:
        return demands
    why = f"evidence `{held.record.name}` is about the snapshot, which changes"
    return demands._replace(evidence=why)


def _demands(proof: Proof, scenario: Scenario, at: datetime) -> Demands:
    gate = proof.gate
    open_parts = [part for part in proof.parts(at) if part.state != "holds"]
    by_kind: dict[Kind, str] = {}
    for part in open_parts:
        by_kind.setdefault(_kind(part, proof, at), part.because)
    fact = _fact(proof, scenario)
    if fact is not None and fact.broken:
        by_kind["mend"], fact = fact.because, None
    evidence = None
    if gate.evidence is not None:
        evidence = by_kind.get("evidence") or _unproved(proof, scenario)
    accept = by_kind.get("accept")
    if accept is None and gate.accept and proof.signed is None:
        accept = NOT_ACCEPTED  # not told of while it cannot be told who may
    return Demands(gate, by_kind.get("mend"), fact, evidence, accept)


def _kind(part: Part, proof: Proof, at: datetime) -> Kind:
    """What puts a part right; what a rule lacks is looked at closer elsewhere (`_fact`)."""
    if part.reason.startswith("evidence-"):
        return "evidence"
    if part.reason == "rule-error":
        return "mend"
    if not part.reason.startswith("acceptance-"):
        return "fact"
    signed = proof.signed
    if part.state == "invalid" and signed is not None:
        in_future = signed.acceptance.at > at
        foreign = signed.fault is not None and signed.fault.code in _NOT_BY_ACCEPTING
        return "mend" if in_future or foreign else "accept"
    return "accept"


def _fact(proof: Proof, scenario: Scenario) -> Lack | None:
    """What the scenario's facts lack for the gate: for its rule, or for who may accept it."""
    gate = proof.gate
    if gate.accept_actor is not None and proof.actor is not None:
        return lack(gate.accept_actor, scenario.variables, scenario)
    if gate.rule is None:
        return None
    rule = gate.rule if gate.evidence is None else halves(gate.rule).of_facts
    return None if rule is None else lack(rule, scenario.variables, scenario)


def _unproved(proof: Proof, scenario: Scenario) -> str | None:
    """What the record lacks where it is believed, and the rule is not true for its sake."""
    gate, held = proof.gate, proof.held
    assert gate.rule is not None
    rule = halves(gate.rule).of_evidence
    if rule is None or held is None:
        return None
    found = lack(rule, bindings(gate, scenario.variables, held), scenario, held.record)
    return None if found is None else found.because


def jobs(wanted: Wanted) -> tuple[Job, ...]:
    """The fewest jobs that give the gates what they lack.

    One record serves all gates that ask for its contract; facts that several gates of one owner
    read are set at once; who sets a gate's own fact and may accept it does both in one.
    """
    made: list[Job] = []
    made.extend(_evidence_jobs(wanted))
    merged: set[str] = set()
    for group in _by_fact(wanted.demands):
        first = group[0]
        both = len(group) == 1 and first.accept is not None
        if both and _signing_role(wanted, first.gate) == first.gate.owner:
            merged.add(first.gate.id)
        else:
            both = False
        made.append(_fact_job(wanted, group, accepting=both))
    for each in wanted.demands:
        if each.mend is not None:
            made.append(_job(wanted, each.gate, "mend", each.mend))
        if each.accept is not None and each.gate.id not in merged:
            made.append(_accept_job(wanted, each.gate, each.accept))
    return tuple(made)


def _evidence_jobs(wanted: Wanted) -> Iterator[Job]:
    by_contract: dict[str, list[tuple[Demands, EvidenceDemand]]] = {}
    for each in wanted.demands:
        if each.evidence is not None and each.gate.evidence is not None:
            listed = by_contract.setdefault(each.gate.evidence.contract, [])
            listed.append((each, each.gate.evidence))
    for contract, listed in by_contract.items():
        asked = [evidence for _, evidence in listed]
        first = listed[0][0].gate
        yield Job(
            owner=first.owner,
            actors=_holders(wanted.scenario, first.owner),
            kinds=("evidence",),
            gates=tuple(demands.gate.id for demands, _ in listed),
            because=tuple(dict.fromkeys(str(demands.evidence) for demands, _ in listed)),
            recording=Recording(
                contract,
                any(each.live for each in asked),
                min(each.fresh_for for each in asked),
            ),
        )


def _by_fact(demands: Sequence[Demands]) -> list[list[Demands]]:
    """The gates that lack facts, those of one owner together that lack the same or overlap."""
    group_of: dict[tuple[str, str], list[Demands]] = {}
    groups: dict[int, list[Demands]] = {}
    for each in demands:
        if each.fact is None:
            continue
        keys = [(each.gate.owner, key) for key in each.fact.paths or (each.fact.because,)]
        joined = [each]
        for group in {id(group_of[key]): group_of[key] for key in keys if key in group_of}.values():
            joined = [*group, *joined]
            del groups[id(group)]
        groups[id(joined)] = joined
        for member in joined:
            assert member.fact is not None
            for key in member.fact.paths or (member.fact.because,):
                group_of[member.gate.owner, key] = joined
    position = {each.gate.id: index for index, each in enumerate(demands)}
    return [sorted(group, key=lambda each: position[each.gate.id]) for group in groups.values()]


def _fact_job(wanted: Wanted, group: Sequence[Demands], *, accepting: bool) -> Job:
    first = group[0]
    facts = [each.fact for each in group if each.fact is not None]
    because = [fact.because for fact in facts]
    if accepting and first.accept is not None:
        because.append(first.accept)
    kinds = ("fact", "accept") if accepting else ("fact",)
    actors = _signers(wanted, first.gate) if accepting else None
    return Job(
        owner=first.gate.owner,
        actors=_holders(wanted.scenario, first.gate.owner) if actors is None else actors,
        kinds=tuple(kind for kind in KINDS if kind in kinds),
        gates=tuple(each.gate.id for each in group),
        because=tuple(dict.fromkeys(because)),
        readings=tuple(dict.fromkeys(each for fact in facts for each in fact.readings)),
        touches=frozenset(root_of(path) for fact in facts for path in fact.paths),
    )


def _job(wanted: Wanted, gate: Gate, kind: Kind, because: str) -> Job:
    actors = _holders(wanted.scenario, gate.owner)
    return Job(gate.owner, actors, (kind,), (gate.id,), (because,))


def _accept_job(wanted: Wanted, gate: Gate, because: str) -> Job:
    job = _job(wanted, gate, "accept", because)
    return job._replace(owner=_signing_role(wanted, gate), actors=_signers(wanted, gate))


def _signing_role(wanted: Wanted, gate: Gate) -> str:
    signers = _signers(wanted, gate)
    return wanted.scenario.actors[signers[0]].role if signers else gate.owner


def _signers(wanted: Wanted, gate: Gate) -> tuple[str, ...]:
    """The actors who may accept a gate; the very one, where it can be told who that is."""
    if gate.accept_actor is None or wanted.proofs.by_gate[gate.id].actor is not None:
        return _holders(wanted.scenario, gate.owner)
    named = gate.accept_actor.program.evaluate(wanted.scenario.variables)
    return (named,) if isinstance(named, str) and named in wanted.scenario.actors else ()


def _holders(scenario: Scenario, role: str) -> tuple[str, ...]:
    return tuple(actor.id for actor in scenario.actors.values() if actor.role == role)
