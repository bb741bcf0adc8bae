"""What a removed gate or board is called now, where one that is new asks for the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.comparison.trying import is_same

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bfg_policy.pack import Gate, Pack


def gate_now(base: Pack, head: Pack, gate: str) -> str | None:
    """The id of the one new gate that asks for the same proof of the same owner.

    None where there is no such gate, or several. Needs count for nothing: what they are called
    changes with a move to another board.
    """
    old = base.gates[gate]
    if not old.has_proof:
        return None
    new = (each for each in head.gates.values() if each.id not in base.gates)
    return _only(each.id for each in new if _asks_for_the_same(old, each))


def board_now(base: Pack, head: Pack, board: str) -> str | None:
    """The id of the one new board whose gates ask, one by one, for what a board's gates asked."""
    old = [base.gates[gate] for gate in base.boards[board].gates]
    return _only(
        each.id
        for each in head.boards.values()
        if each.id not in base.boards
        and len(each.gates) == len(old)
        and all(
            _asks_for_the_same(was, head.gates[now])
            for was, now in zip(old, each.gates, strict=True)
        )
    )


def _asks_for_the_same(old: Gate, new: Gate) -> bool:
    actors = [None if each.accept_actor is None else each.accept_actor.text for each in (old, new)]
    if old.rule is None or new.rule is None:
        has_same_rule = old.rule is new.rule
    else:
        has_same_rule = is_same(old.rule, new.rule)
    return (
        has_same_rule
        and old.evidence == new.evidence
        and (old.owner, old.accept) == (new.owner, new.accept)
        and actors[0] == actors[1]
    )


def _only(found: Iterable[str]) -> str | None:
    listed = list(found)
    return listed[0] if len(listed) == 1 else None
