"""Decisions that a board comes to sooner than it did, with the same gates ready."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from bfg_policy import graph
from bfg_policy.comparison.types import Weakness
from bfg_policy.evaluation.boards import codes_of, decisions
from bfg_policy.pack import board_of, is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bfg_policy.comparison.sides import Side
    from bfg_policy.pack import Pack

    Words = tuple[str, Mapping[str, str]]

# States that ladders are tried in: one for each gate that alone is not ready, and as many others.
_MOST_STATES = 2_000


def sooner(base: Side, head: Side) -> Iterator[Weakness]:
    """A weakness for each board whose ladder gives what the base's gives only later.

    Both are climbed with the same gates ready, so that nothing but the ladders is compared.
    """
    changed = [
        board
        for board in base.pack.decisions
        if board in head.pack.boards
        and base.pack.boards[board].ladder != head.pack.boards[board].ladder
    ]
    if not changed:
        return
    told: set[str] = set()
    for state, is_ready in _states(base.pack, head.pack, changed):
        if len(told) == len(changed):
            return
        old, new = decisions(base.pack, is_ready), decisions(head.pack, is_ready)
        for board in changed:
            what = _gain(base.pack, board, old[board], new.get(board))
            if what is not None and board not in told:
                told.add(board)
                place = (head if board in new else base).of_board(board, "decision")
                yield Weakness("decision", board, what, place, state)


def _states(
    base: Pack, head: Pack, changed: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, bool]]]:
    """What ladders are tried in, in words and as what is ready.

    Each gate in turn not ready, with all that waits for it in the base; all else is ready. Then
    each of the changed ladders from its foot: nothing ready but what lets its first entries by.
    What the base does not have is ready: it can only make a ladder stricter.
    """
    waits: dict[str, list[str]] = {}
    for node, needs in base.needs.items():
        for need in needs:
            waits.setdefault(need, []).append(node)
    above = {node: tuple(waits.get(node, ())) for node in base.needs}
    nodes = {**dict.fromkeys(head.needs, True), **dict.fromkeys(base.needs, True)}
    for gate in islice(base.gates, _MOST_STATES):
        unready = graph.reachable(above, gate)
        words = f"`{gate}` and what waits for it not ready, all else ready"
        yield words, {**nodes, **dict.fromkeys(unready, False)}
    for words, ready in islice(_climbs(base, changed), _MOST_STATES):
        yield words, {**nodes, **_as_nodes(base, ready)}


def _climbs(base: Pack, changed: Sequence[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Ladders from their feet, in words and as what is ready."""
    for board in changed:
        words, ready = "nothing ready", frozenset[str]()
        for rung in base.boards[board].ladder:
            yield words, ready
            ready = ready.union(*(graph.reachable(base.needs, node) for node in rung.until))
            words = f"nothing ready but what `{board}` waits for up to {rung.code or rung.like}"


def _as_nodes(pack: Pack, ready: frozenset[str]) -> dict[str, bool]:
    """Whether each gate, and each board by its gates, is ready."""
    return {
        node: ready.issuperset(pack.boards[board_of(node)].gates if is_whole(node) else (node,))
        for node in pack.needs
    }


def _gain(base: Pack, board: str, old: Words, new: Words | None) -> str | None:
    """What a board says that it said only further up its ladder; None where it says no more."""
    if new is None:
        return f"it decides nothing any more, and said {old[0]}"
    if old == new:
        return None
    later = _later(base, board, old)
    if new[0] != old[0] and new[0] in later:
        return f"it says {new[0]} where it said {old[0]}"
    words_later = {pair for words in later.values() for pair in words.items()}
    for key, word in new[1].items():
        if old[1].get(key) != word and (key, word) in words_later:
            return f"it says {key}: {word}"
    return None


def _later(pack: Pack, board: str, said: Words) -> Mapping[str, Mapping[str, str]]:
    """The codes that a board's ladder gives after a given one, each with its words."""
    codes = list(_codes(pack, board))
    position = codes.index(said) if said in codes else -1
    return {code: words for code, words in codes[position + 1 :] if code != said[0]}


def _codes(pack: Pack, board: str) -> Iterator[Words]:
    """All that a ladder can say, in its order; where it takes another over, all that one says."""
    for rung in pack.boards[board].ladder:
        if rung.code is not None:
            yield rung.code, rung.also
        elif rung.like is not None:
            yield from ((code, rung.also) for code in codes_of(pack, rung.like))
