"""What a removed gate or board is called now, where one that is new asks for the same."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from bfg_policy.comparison.trying import shape

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from bfg_policy.pack import Gate, Pack


class Renamed:
    """What is new in HEAD's pack, by what it asks for.

    Of a gate that is its proof and its owner. Its needs count for nothing: what they are called
    changes with a move to another board.
    """

    def __init__(self, base: Pack, head: Pack) -> None:
        self._base = base
        self._head = head

    def gate_now(self, gate: str) -> str | None:
        """The id of the one new gate that asks for what a gate of the base asked.

        None where there is no such gate, or several.
        """
        old = self._base.gates[gate]
        return _only(self._gates.get(_asked(old), ())) if old.has_proof else None

    def board_now(self, board: str) -> str | None:
        """The id of the one new board whose gates ask, one by one, for what a board's gates asked.

        None where there is no such board, or several.
        """
        return _only(self._boards.get(_asked_by_all(self._base, board), ()))

    @cached_property
    def _gates(self) -> dict[Hashable, list[str]]:
        found: dict[Hashable, list[str]] = {}
        for gate in self._head.gates.values():
            if gate.id not in self._base.gates:
                found.setdefault(_asked(gate), []).append(gate.id)
        return found

    @cached_property
    def _boards(self) -> dict[Hashable, list[str]]:
        found: dict[Hashable, list[str]] = {}
        for board in self._head.boards:
            if board not in self._base.boards:
                found.setdefault(_asked_by_all(self._head, board), []).append(board)
        return found


def _asked(gate: Gate) -> Hashable:
    rule = shape(gate.rule) if gate.rule is not None else None
    actor = gate.accept_actor.text if gate.accept_actor is not None else None
    return rule, gate.evidence, gate.owner, gate.accept, actor


def _asked_by_all(pack: Pack, board: str) -> Hashable:
    return tuple(_asked(pack.gates[gate]) for gate in pack.boards[board].gates)


def _only(found: Iterable[str]) -> str | None:
    listed = list(found)
    return listed[0] if len(listed) == 1 else None
