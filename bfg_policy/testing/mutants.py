"""A pack made weaker, one thing at a time, without reading a file again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from bfg_policy import graph
from bfg_policy.errors import Place
from bfg_policy.instants import format_duration
from bfg_policy.pack import board_of, is_whole, whole
from bfg_policy.pack.terms import PACK_FILE
from bfg_policy.testing.weakening import weaker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bfg_policy.pack import Board, Gate, Pack, Rule, Rung

_CENTURY = timedelta(days=36_525)


class Mutant(NamedTuple):
    """A weaker pack. id: what was weakened, in words, the same as long as the policy says the same.

    gate, board: what the change is about; None for the pack as a whole. place: in the policy.
    kind: what of it is another.
    """

    id: str
    gate: str | None
    board: str | None
    place: Place
    pack: Pack
    kind: Literal["rule", "owner", "other"] = "other"


class Mutants(NamedTuple):
    """All mutants of a pack, and how many more could be made that no judgement can tell apart."""

    listed: tuple[Mutant, ...]
    equivalent: int


def mutants_of(pack: Pack) -> Mutants:
    """The pack with each of its rules, needs, demands, owners and decisions weakened in turn.

    What a gate, a decision or the pack itself waits for is left alone where another one of them
    implies it: what waits for the one waits for the other, whether it says so or not.
    """
    listed: list[Mutant] = []
    for gate in pack.gates.values():
        listed.extend(_of_gate(pack, gate))
    for board in pack.boards.values():
        listed.extend(_of_board(pack, board))
    listed.extend(_of_waivers(pack))
    required = tuple(whole(board) for board in pack.require)
    listed.extend(_not_required(pack, board_of(node)) for node in _telling(pack, required))
    rungs = (rung for board in pack.boards.values() for rung in board.ladder)
    waits = [
        *(gate.needs for gate in pack.gates.values()),
        *(rung.until for rung in rungs),
        required,
    ]
    implied = sum(len(nodes) - len(_telling(pack, nodes)) for nodes in waits)
    return Mutants(tuple(listed), implied)


def _telling(pack: Pack, nodes: tuple[str, ...]) -> tuple[str, ...]:
    """Of the nodes that something waits for, those that no other one of them implies."""
    if len(nodes) < 2:
        return nodes
    reached = {node: graph.reachable(pack.needs, node) for node in nodes}
    return tuple(
        node
        for node in nodes
        if not any(node in reached[other] for other in nodes if other != node)
    )


def _of_gate(pack: Pack, gate: Gate) -> Iterator[Mutant]:
    if gate.rule is not None:
        yield from _of_rule(pack, gate, gate.rule)
    for need in _telling(pack, gate.needs):
        needs = tuple(other for other in gate.needs if other != need)
        yield _mutant(pack, gate, f"needs no `{need}`", needs=needs)
    yield from _of_evidence(pack, gate)
    yield from _of_acceptance(pack, gate)
    other = next((role for role in pack.roles if role != gate.owner), None)
    if other is not None:
        yield _mutant(pack, gate, f"owned by {other}", owner=other)._replace(kind="owner")


def _of_rule(pack: Pack, gate: Gate, rule: Rule) -> Iterator[Mutant]:
    for what, expression, start, end in weaker(rule.expression):
        changed = gate._replace(rule=rule.with_expression(expression))
        yield Mutant(
            f"{gate.id}: {what}",
            gate.id,
            gate.board,
            rule.place(start, end),
            pack._replace(gates={**pack.gates, gate.id: changed}),
            kind="rule",
        )


def _of_evidence(pack: Pack, gate: Gate) -> Iterator[Mutant]:
    demand = gate.evidence
    if demand is None:
        return
    if gate.needs or gate.accept:
        yield _mutant(pack, gate, "asks for no evidence", evidence=None, rule=None)
    for longer in (2 * demand.fresh_for, _CENTURY):
        if longer > demand.fresh_for:
            what = f"evidence is fresh for {format_duration(longer)}"
            yield _mutant(pack, gate, what, evidence=demand._replace(fresh_for=longer))
    if demand.live:
        what = "evidence of a target that is not live will do"
        yield _mutant(pack, gate, what, evidence=demand._replace(live=False))


def _of_acceptance(pack: Pack, gate: Gate) -> Iterator[Mutant]:
    if gate.accept:
        yield _mutant(pack, gate, "asks for no acceptance", accept=False, accept_actor=None)
    if gate.accept_actor is not None:
        what = f"anybody of the role {gate.owner} may accept"
        yield _mutant(pack, gate, what, accept_actor=None)


def _of_board(pack: Pack, board: Board) -> Iterator[Mutant]:
    other = next((role for role in pack.roles if role != board.owner), None)
    if other is not None:
        mutant = _with_board(pack, board._replace(owner=other), f"owned by {other}")
        yield mutant._replace(kind="owner")
    for index, rung in enumerate(board.ladder):
        for what, rungs in _weaker_rungs(pack, board.ladder, index):
            ladder = (*board.ladder[:index], *rungs)
            yield _with_board(pack, board._replace(ladder=ladder), f"{_rung_name(rung)} {what}")
        for word in rung.also:
            kept = {other: value for other, value in rung.also.items() if other != word}
            ladder = (*board.ladder[:index], rung._replace(also=kept), *board.ladder[index + 1 :])
            what = f"{_rung_name(rung)} goes without `{word}`"
            yield _with_board(pack, board._replace(ladder=ladder), what)


def _weaker_rungs(
    pack: Pack, ladder: tuple[Rung, ...], index: int
) -> Iterator[tuple[str, tuple[Rung, ...]]]:
    """What an entry of a ladder may become, with those after it."""
    rung, *after = ladder[index:]
    if not after:
        return
    yield "is never said", tuple(after)
    if len(rung.until) > 1:
        for node in _telling(pack, rung.until):
            kept = tuple(other for other in rung.until if other != node)
            yield f"does not wait for `{node}`", (rung._replace(until=kept), *after)
    following = after[0]
    if rung.code is not None and following.code is not None:
        swapped = (rung._replace(code=following.code), following._replace(code=rung.code))
        yield f"is swapped with {following.code}", (*swapped, *after[1:])


def _rung_name(rung: Rung) -> str:
    return f"the code {rung.code}" if rung.code is not None else f"the decision of `{rung.like}`"


def _of_waivers(pack: Pack) -> Iterator[Mutant]:
    place = _pack_file(pack)
    for role in pack.roles:
        if role not in pack.approvers:
            weaker_pack = pack._replace(approvers=pack.approvers | {role})
            yield Mutant(f"waivers: {role} may approve them", None, None, place, weaker_pack)
    for node in sorted(pack.never_waived):
        gate = None if is_whole(node) else node
        weaker_pack = pack._replace(never_waived=pack.never_waived - {node})
        yield Mutant(f"waivers: `{node}` may be waived", gate, board_of(node), place, weaker_pack)


def _not_required(pack: Pack, board: str) -> Mutant:
    others = tuple(other for other in pack.require if other != board)
    what = f"require: `{board}` is not required"
    return Mutant(what, None, board, _pack_file(pack), pack._replace(require=others))


def _pack_file(pack: Pack) -> Place:
    """The file that says who may waive what: it lies beside the policies."""
    first = next(iter(pack.boards.values())).place.path or ""
    folder, slash, _ = first.rpartition("/")
    return Place(f"{folder}{slash}{PACK_FILE}")


def _with_board(pack: Pack, board: Board, what: str) -> Mutant:
    boards = {**pack.boards, board.id: board}
    return Mutant(f"{board.id}: {what}", None, board.id, board.place, pack._replace(boards=boards))


def _mutant(pack: Pack, gate: Gate, what: str, **changes: object) -> Mutant:
    """The pack with one gate changed. Dropping a need keeps the order in which gates are judged."""
    changed = gate._replace(**changes)  # type: ignore[arg-type]
    gates = {**pack.gates, gate.id: changed}
    needs: Mapping[str, tuple[str, ...]] = pack.needs
    if changed.needs != gate.needs:
        needs = {**needs, gate.id: changed.needs}
    weaker_pack = pack._replace(gates=gates, needs=needs)
    return Mutant(f"{gate.id}: {what}", gate.id, gate.board, gate.place, weaker_pack)
