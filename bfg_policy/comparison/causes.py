"""A part of a change -> its causes: what of it really moved a gate, in words, and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.comparison import facts
from bfg_policy.comparison.mixing import gate_terms, pack_terms, with_pack_term, with_term
from bfg_policy.comparison.types import Cause
from bfg_policy.comparison.wording import policy_words
from bfg_policy.evaluation.boards import is_ready
from bfg_policy.instants import format_instant, plus
from bfg_policy.pack import board_of, is_whole, node_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from bfg_policy.comparison.mixing import Mixtures
    from bfg_policy.comparison.types import CauseKind
    from bfg_policy.errors import Place
    from bfg_policy.readiness import Status
    from bfg_policy.scenario import Acceptance


def tell(
    mixtures: Mixtures, part: CauseKind, parts: Sequence[CauseKind], status: Status
) -> tuple[Cause, ...]:
    """The causes that one of the sufficient parts of a move consists of.

    parts: all of them, which stay HEAD's while the part is looked at; status: what they lead to.
    """
    return tuple(_TELLERS[part](mixtures, parts, status))


def _policy(mixtures: Mixtures, parts: Sequence[CauseKind], status: Status) -> Iterator[Cause]:
    """The fields of the gate, and of the pack, that cannot be put back without moving the gate."""
    situation = mixtures.situation(parts)
    base, head, gate = mixtures.base, mixtures.head, mixtures.gate
    old, new = base.pack.gates[gate], head.pack.gates[gate]
    for field, value in gate_terms(old).items():
        if value == gate_terms(new)[field]:
            continue
        tried = situation._replace(gate=with_term(situation.gate, field, old))
        if tried.status == status:
            situation = tried
            continue
        is_gone = field in ("rule", "evidence", "needs") and not getattr(new, field)
        place = base.of_gate(gate, field) if is_gone else head.of_gate(gate, field)
        yield Cause("policy", policy_words(field, old, new), place)
    for field, allowed in pack_terms(base.pack).items():
        if allowed == pack_terms(head.pack)[field]:
            continue
        tried = situation._replace(pack=with_pack_term(situation.pack, field, base.pack))
        if tried.status == status:
            situation = tried
            continue
        words = f"`waivers.{field}` of the pack changed"
        yield Cause("policy", words, head.of_pack("waivers", field))


def _fact(mixtures: Mixtures, parts: Sequence[CauseKind], status: Status) -> Iterator[Cause]:
    base, head = mixtures.base, mixtures.head
    situation = mixtures.situation(parts)

    def leads_there(changes: Sequence[facts.Change]) -> bool:
        document = facts.applied(base.scenario.document, changes)
        about = facts.scenario_of(base.scenario, head.scenario, document, changes)
        claims = situation.scenario
        mixed = about._replace(
            records=claims.records, acceptances=claims.acceptances, waivers=claims.waivers
        )
        return situation._replace(scenario=mixed).status == status

    changes = facts.changes(base.scenario.document, head.scenario.document)
    for change in facts.narrowed(changes, leads_there, mixtures.trials):
        side = base if change.is_gone else head
        yield Cause("fact", change.words, side.of_scenario(change.path))


def _evidence(mixtures: Mixtures, _parts: Sequence[CauseKind], _status: Status) -> Iterator[Cause]:
    base, head, gate = mixtures.base, mixtures.head, mixtures.gate
    asked = (side.pack.gates[gate].evidence for side in (base, head))
    for contract in dict.fromkeys(each.contract for each in asked if each is not None):
        old, new = base.scenario.records.get(contract), head.scenario.records.get(contract)
        if new is not None and (old is None or old.data != new.data):
            anew = " anew" if old is not None else ""
            when = format_instant(new.observed_at)
            place = head.of_scenario(new.path)
            yield Cause("evidence", f"evidence `{new.name}` recorded{anew}, {when}", place)
        elif old is not None and new is None:
            place = base.of_scenario(old.path)
            yield Cause("evidence", f"evidence `{old.name}` is gone", place)


def _acceptance(
    mixtures: Mixtures, _parts: Sequence[CauseKind], _status: Status
) -> Iterator[Cause]:
    base, head, gate = mixtures.base, mixtures.head, mixtures.gate
    old = _latest(base.scenario.acceptances, gate)
    new = _latest(head.scenario.acceptances, gate)
    if new is not None and (old is None or new._replace(path=()) != old._replace(path=())):
        verb = "withdrawn" if new.withdrawn else "accepted"
        words = f"{verb} by `{new.by}`, {format_instant(new.at)}"
        yield Cause("acceptance", words, head.of_scenario(new.path))
    elif old is not None:
        words = f"what `{old.by}` accepted at {format_instant(old.at)} is gone"
        yield Cause("acceptance", words, base.of_scenario(old.path))


def _latest(acceptances: Sequence[Acceptance], gate: str) -> Acceptance | None:
    mine = [each for each in acceptances if each.gate == gate]
    return max(mine, key=lambda each: (each.at, each.withdrawn)) if mine else None


def _waiver(mixtures: Mixtures, _parts: Sequence[CauseKind], _status: Status) -> Iterator[Cause]:
    base, head, gate = mixtures.base, mixtures.head, mixtures.gate
    before = {each._replace(path=()): each for each in base.scenario.waivers if each.gate == gate}
    after = {each._replace(path=()): each for each in head.scenario.waivers if each.gate == gate}
    for key, waiver in after.items():
        if key not in before:
            until = format_instant(waiver.expires)
            words = f"waived by `{waiver.approved_by}` until {until}"
            yield Cause("waiver", words, head.of_scenario(waiver.path))
    for key, waiver in before.items():
        if key not in after:
            words = f"the waiver by `{waiver.approved_by}` is gone"
            yield Cause("waiver", words, base.of_scenario(waiver.path))


def _time(mixtures: Mixtures, _parts: Sequence[CauseKind], _status: Status) -> Iterator[Cause]:
    first, last = sorted((mixtures.base.at, mixtures.head.at))
    told = False
    for instant, words, place in _instants(mixtures):
        if first < instant <= last:
            told = True
            yield Cause("time", f"{words} {format_instant(instant)}", place)
    if not told:
        span = f"{format_instant(mixtures.base.at)} → {format_instant(mixtures.head.at)}"
        yield Cause("time", f"judged at another instant: {span}")


def _instants(mixtures: Mixtures) -> Iterator[tuple[datetime, str, Place]]:
    """The instants at which something about the gate begins or ends, by HEAD's files."""
    head, gate = mixtures.head, mixtures.head.pack.gates[mixtures.gate]
    record = head.scenario.records.get(gate.evidence.contract) if gate.evidence else None
    if record is not None and gate.evidence is not None:
        place = head.of_scenario((*record.path, "observed_at"))
        yield record.observed_at, f"evidence `{record.name}` was observed at", place
        until = plus(record.observed_at, gate.evidence.fresh_for)
        yield until, f"evidence `{record.name}` was fresh until", place
    latest = _latest(head.scenario.acceptances, gate.id)
    if latest is not None:
        yield latest.at, "accepted at", head.of_scenario((*latest.path, "at"))
        if latest.expires is not None:
            place = head.of_scenario((*latest.path, "expires"))
            yield latest.expires, "its acceptance expired at", place
    for waiver in head.scenario.waivers:
        if waiver.gate == gate.id:
            place = head.of_scenario((*waiver.path, "expires"))
            yield waiver.expires, "its waiver expired at", place


def _need(mixtures: Mixtures, parts: Sequence[CauseKind], _status: Status) -> Iterator[Cause]:
    base, head = mixtures.base, mixtures.head
    pack = head.pack if "policy" in parts else base.pack
    for node in pack.gates[mixtures.gate].needs:
        before, after = is_ready(base.readiness, node), is_ready(head.readiness, node)
        if before == after:
            continue
        side = base if after is None else head
        place = side.of_board(board_of(node), "policy") if is_whole(node) else side.of_gate(node)
        words = "is ready" if after else "was removed" if after is None else "is not ready any more"
        yield Cause("need", f"{node_words(node)} {words}", place)


_TELLERS: Mapping[CauseKind, Callable[..., Iterator[Cause]]] = {
    "policy": _policy,
    "fact": _fact,
    "evidence": _evidence,
    "acceptance": _acceptance,
    "waiver": _waiver,
    "time": _time,
    "need": _need,
}
