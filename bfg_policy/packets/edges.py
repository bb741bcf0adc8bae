"""Which board waits for which, with as few lines as say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy import graph
from bfg_policy.pack import board_of, is_whole

if TYPE_CHECKING:
    from bfg_policy.pack import Pack

# More boards than these make no picture that anybody reads.
MOST_BOARDS = 100


def board_edges(pack: Pack) -> tuple[tuple[str, str], ...]:
    """Pairs of boards, the first waiting for a gate of the second, in the pack's order.

    A pair that follows from others is left out, unless boards wait for one another in circles
    (their gates never do): then nothing follows, and all pairs are there. Beyond MOST_BOARDS
    there are none.
    """
    if len(pack.boards) > MOST_BOARDS:
        return ()
    waits = _waits(pack)
    try:
        order = graph.dependency_order(waits)
    except ValueError:
        return tuple((board, need) for board, needs in waits.items() for need in needs)
    reach: dict[str, frozenset[str]] = {}
    kept: dict[str, list[str]] = {}
    for board in order:
        needs = waits[board]
        beyond = frozenset[str]().union(*(reach[need] for need in needs))
        kept[board] = [need for need in needs if need not in beyond]
        reach[board] = beyond.union(needs)
    return tuple((board, need) for board in waits for need in kept[board])


def _waits(pack: Pack) -> dict[str, tuple[str, ...]]:
    waits: dict[str, dict[str, None]] = {board: {} for board in pack.boards}
    for node, needs in pack.needs.items():
        if not is_whole(node):
            waits[board_of(node)].update(dict.fromkeys(map(board_of, needs)))
    return {board: tuple(need for need in needs if need != board) for board, needs in waits.items()}
