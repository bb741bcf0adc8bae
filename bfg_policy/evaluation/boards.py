"""What is told of boards, of scores, and of the roles that own them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.pack import board_of, is_whole
from bfg_policy.readiness import BoardResult, GateResult, OwnerResult, Score, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bfg_policy.pack import Board, Pack, Rung
    from bfg_policy.readiness import Readiness
    from bfg_policy.scenario import Scenario


def decisions(pack: Pack, is_ready: Mapping[str, bool]) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Of every board with a ladder: its code, and the words that go with it."""
    decided: dict[str, tuple[str, Mapping[str, str]]] = {}
    for board in pack.decisions:
        ladder = pack.boards[board].ladder
        rung = ladder[deciding(ladder, is_ready)]
        code = rung.code if rung.code is not None else decided[rung.like or board][0]
        decided[board] = (code, rung.also)
    return decided


def deciding(ladder: Sequence[Rung], is_ready: Mapping[str, bool]) -> int:
    """Which entry of a ladder decides: the first one that waits for something not ready."""
    return next(
        index
        for index, rung in enumerate(ladder)
        if not rung.until or not all(is_ready[node] for node in rung.until)
    )


def codes_of(pack: Pack, board: str) -> Iterator[str]:
    """Every code that a board can give, in the order of its ladder.

    A board whose decision is taken over by several entries on the way is gone through once.
    """
    seen = {board}
    waiting = [iter(pack.boards[board].ladder)]
    while waiting:
        rung = next(waiting[-1], None)
        if rung is None:
            waiting.pop()
        elif rung.code is not None:
            yield rung.code
        elif rung.like is not None and rung.like not in seen:
            seen.add(rung.like)
            waiting.append(iter(pack.boards[rung.like].ladder))


def is_ready(readiness: Readiness, node: str) -> bool | None:
    """Whether a node of the graph, a gate or a whole board, is ready; None where there is none."""
    if is_whole(node):
        board = readiness.boards.get(board_of(node))
        return None if board is None else board.is_ready
    gate = readiness.gates.get(node)
    return None if gate is None else gate.is_ready


def board_result(
    board: Board,
    gates: Mapping[str, GateResult],
    decided: tuple[str, Mapping[str, str]] | None,
) -> BoardResult:
    """How far a board is. decided: its code and the words with it; None without a ladder."""
    return BoardResult(
        id=board.id,
        contract=board.contract,
        title=board.title,
        owner=board.owner,
        gates=board.gates,
        ready=sum(gates[gate].is_ready for gate in board.gates),
        total=len(board.gates),
        decision=decided[0] if decided else None,
        also=decided[1] if decided else {},
    )


def score(
    pack: Pack, board: str, gates: Mapping[str, GateResult], boards: Mapping[str, BoardResult]
) -> Score:
    """Ready gates of the board, and those that need a board with at least one ready gate."""
    listed = pack.boards[board].gates
    started = sum(
        any(boards[board_of(node)].ready for node in pack.gates[gate].needs if is_whole(node))
        for gate in listed
    )
    return Score(sum(gates[gate].is_ready for gate in listed), started, len(listed))


def owners(
    pack: Pack, scenario: Scenario, gates: Mapping[str, GateResult]
) -> dict[str, OwnerResult]:
    """By role, in the pack's order: what it can do, what is invalid, what it waits for."""
    by_status: dict[tuple[str, Status], list[GateResult]] = {}
    for gate in gates.values():
        by_status.setdefault((gate.owner, gate.status), []).append(gate)
    actors: dict[str, list[str]] = {}
    for actor in scenario.actors.values():
        actors.setdefault(actor.role, []).append(actor.id)

    def listed(role: str, status: Status) -> tuple[str, ...]:
        found = by_status.get((role, status), [])
        return tuple(gate.id for gate in sorted(found, key=lambda gate: -gate.unblocks))

    return {
        role: OwnerResult(
            role,
            tuple(actors.get(role, ())),
            listed(role, "next"),
            listed(role, "invalid"),
            listed(role, "blocked"),
        )
        for role in pack.roles
    }
