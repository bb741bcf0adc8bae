"""What a policy no longer asks for: one check a kind of weakness, in one explicit table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy import graph
from bfg_policy.comparison.ladders import sooner
from bfg_policy.comparison.renaming import Renamed
from bfg_policy.comparison.rules import RuleTrials
from bfg_policy.comparison.schemas import loosened
from bfg_policy.comparison.types import Weakness
from bfg_policy.comparison.wording import age_words, evidence_words, named, who_accepts
from bfg_policy.evaluation.waivers import read_waivers
from bfg_policy.instants import format_instant
from bfg_policy.pack import board_of, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bfg_policy.comparison.sides import Side
    from bfg_policy.pack import Gate, Pack
    from bfg_policy.scenario import Scenario, Waiver


def find_weaknesses(base: Side, head: Side) -> tuple[Weakness, ...]:
    """Every way in which HEAD's policies, contracts and exceptions ask for less than the base's.

    Gate by gate in the base's order, then what goes for the pack and the scenario.
    """
    return tuple(each for check in _CHECKS for each in check(base, head))


def _gates(base: Side, head: Side) -> Iterator[Weakness]:
    trials, renamed = RuleTrials(base, head), Renamed(base.pack, head.pack)
    for board in base.pack.boards.values():
        if board.id not in head.pack.boards:
            what = f"the board was removed, with {named(board.gates)}"
            what += _now(renamed.board_now(board.id))
            yield Weakness("gate", board.id, what, base.of_board(board.id, "policy"))
            continue
        yield from _owners(base, head, board.gates)
        for gate in board.gates:
            if gate not in head.pack.gates:
                what = f"the gate was removed{_now(renamed.gate_now(gate))}"
                yield Weakness("gate", gate, what, base.of_gate(gate))
                continue
            old, new = base.pack.gates[gate], head.pack.gates[gate]
            yield from trials.weaknesses(old, new)
            yield from _evidence(base, head, old, new)
            yield from _acceptance(base, head, old, new)
            yield from _needs(base, head, old, new)


def _now(name: str | None) -> str:
    return f"; `{name}` is new and asks for the same" if name is not None else ""


def _owners(base: Side, head: Side, gates: tuple[str, ...]) -> Iterator[Weakness]:
    """Gates that another role answers for; once for the board where it does for all of them."""
    changed = [
        gate
        for gate in gates
        if gate in head.pack.gates and head.pack.gates[gate].owner != base.pack.gates[gate].owner
    ]
    pairs = {(base.pack.gates[each].owner, head.pack.gates[each].owner) for each in changed}
    if len(changed) > 1 and len(changed) == len(gates) and len(pairs) == 1:
        ((old, new),) = pairs
        board = board_of(gates[0])
        what = f"owned by `{new}`, not by `{old}`"
        yield Weakness("owner", board, what, head.of_board(board, "owner"))
        return
    for gate in changed:
        old, new = base.pack.gates[gate].owner, head.pack.gates[gate].owner
        what = f"owned by `{new}`, not by `{old}`"
        yield Weakness("owner", gate, what, head.of_gate(gate, "owner"))


def _evidence(base: Side, head: Side, old: Gate, new: Gate) -> Iterator[Weakness]:
    if old.evidence is None:
        return
    if new.evidence is None:
        words = evidence_words(old.evidence, None)
        yield Weakness("evidence", new.id, words, base.of_gate(old.id, "evidence"))
        return
    place = head.of_gate(new.id, "evidence")
    if old.evidence.contract != new.evidence.contract:
        yield Weakness("evidence", new.id, evidence_words(old.evidence, new.evidence), place)
    if new.evidence.fresh_for > old.evidence.fresh_for:
        where = head.of_gate(new.id, "evidence", "fresh_for")
        yield Weakness("freshness", new.id, age_words(old.evidence, new.evidence), where)
    if old.evidence.live and not new.evidence.live:
        yield Weakness("live", new.id, "its evidence need not be of a live target", place)


def _acceptance(base: Side, head: Side, old: Gate, new: Gate) -> Iterator[Weakness]:
    if not old.accept:
        return
    if not new.accept:
        place = base.of_gate(old.id, "accept")
        yield Weakness("acceptance", new.id, f"{who_accepts(old)} need not accept it", place)
    elif _actor(old) != _actor(new):
        words = f"accepted by {who_accepts(new)}, not by {who_accepts(old)}"
        yield Weakness("acceptance", new.id, words, head.of_gate(new.id, "accept"))


def _actor(gate: Gate) -> object:
    return " ".join(gate.accept_actor.text.split()) if gate.accept_actor is not None else None


def _needs(base: Side, head: Side, old: Gate, new: Gate) -> Iterator[Weakness]:
    """Needs that are gone, and that no other need stands for."""
    if set(old.needs) <= set(new.needs):
        return
    reached = graph.reachable(head.pack.needs, new.id)
    gone = [
        need
        for need in old.needs
        if need not in reached and not _stands_for(base.pack, head.pack, need, reached)
    ]
    if gone:
        place = head.of_gate(new.id, "needs") if new.needs else base.of_gate(old.id, "needs")
        shown = [board_of(need) if is_whole(need) else need for need in gone]
        yield Weakness("need", new.id, f"it needs {named(shown)} no more", place)


def _stands_for(base: Pack, head: Pack, need: str, reached: frozenset[str]) -> bool:
    """Whether all that is left of a need is needed still: the gates of a board, one by one."""
    wanted = base.boards[board_of(need)].gates if is_whole(need) else (need,)
    left = [gate for gate in wanted if gate in head.gates]
    return all(gate in reached for gate in left)


def _pack(base: Side, head: Side) -> Iterator[Weakness]:
    old, new = base.pack, head.pack
    if old.verdict is not None and old.verdict != new.verdict:
        words = f"the verdict is {_board(new.verdict)}, not {_board(old.verdict)}"
        place = (head if new.verdict is not None else base).of_pack("verdict")
        yield Weakness("verdict", old.verdict, words, place)
    for board in old.require:
        if board not in new.require:
            place = head.of_pack("require") if new.require else base.of_pack("require")
            yield Weakness("require", board, "it need not be ready any more", place)
    for group in old.groups:
        more = [each for each in new.groups.get(group, ()) if each not in old.groups[group]]
        if more:
            place = head.of_pack("snapshot", "groups", group)
            yield Weakness("contract", group, f"it counts the rows of {named(more)}, too", place)
    for role in sorted(new.approvers - old.approvers):
        place = head.of_pack("waivers", "approvers")
        yield Weakness("approvers", role, "the role may approve waivers", place)
    forbidden = _expanded(old, old.never_waived) & set(new.gates)
    allowed = forbidden - _expanded(new, new.never_waived)
    for gate in (each for each in new.gates if each in allowed):
        place = head.of_pack("waivers") if new.never_waived else base.of_pack("waivers", "never")
        yield Weakness("never", gate, "it may be waived", place)


def _board(board: str | None) -> str:
    return f"that of `{board}`" if board is not None else "nobody's"


def _expanded(pack: Pack, nodes: frozenset[str]) -> set[str]:
    return {
        gate
        for node in nodes
        for gate in (pack.boards[board_of(node)].gates if is_whole(node) else (node,))
    }


def _roles(base: Side, head: Side) -> Iterator[Weakness]:
    """Actors that hold another role than they did, and new ones who may approve waivers."""
    for position, actor in enumerate(head.scenario.actors.values()):
        old = base.scenario.actors.get(actor.id)
        place = head.of_scenario(("actors", position, "role"))
        if old is None and actor.role in head.pack.approvers:
            words = f"is new, and as `{actor.role}` may approve waivers"
            yield Weakness("role", actor.id, words, place)
        elif old is not None and old.role != actor.role:
            yield Weakness("role", actor.id, f"holds `{actor.role}`, not `{old.role}`", place)


def _waivers(base: Side, head: Side) -> Iterator[Weakness]:
    """Waivers that count at HEAD's instant and reach beyond those that the base has."""
    for gate, granted in read_waivers(head.pack, head.scenario).items():
        for each in granted:
            waiver = each.waiver
            if each.counts(head.at) and not _was_there(base.scenario, waiver):
                until = format_instant(waiver.expires)
                words = f"waived by `{waiver.approved_by}` until {until}"
                yield Weakness("waiver", gate, words, head.of_scenario(waiver.path))


def _was_there(scenario: Scenario, waiver: Waiver) -> bool:
    return any(
        each.gate == waiver.gate and each.expires >= waiver.expires for each in scenario.waivers
    )


_CHECKS: tuple[Callable[[Side, Side], Iterator[Weakness]], ...] = (
    _gates,
    sooner,
    _pack,
    loosened,
    _roles,
    _waivers,
)
