"""How moves are laid out for people: the worst first, and boards that moved as one in one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.pack import board_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bfg_policy.comparison.types import Cause, Comparison, Move
    from bfg_policy.readiness import Status

_MOST_CAUSES = 3


class Row(NamedTuple):
    """One row of a table of moves: a gate, or all gates of a board that came to the same.

    gates: those that it stands for. before: what they were, each status once. causes: the first of
    them, each once; more: how many others there are.
    """

    name: str
    gates: tuple[str, ...]
    before: tuple[Status | None, ...]
    after: Status | None
    is_regressed: bool
    causes: tuple[Cause, ...]
    more: int

    @property
    def only_waits(self) -> bool:
        """Whether nothing but what it needs moved it: what moved that is told elsewhere."""
        return bool(self.causes) and all(cause.kind == "need" for cause in self.causes)

    @property
    def is_better(self) -> bool:
        """Whether it is ready now and was not."""
        return self.after in ("ready", "waived") and not self.is_regressed


def rows(comparison: Comparison) -> tuple[Row, ...]:
    """The moves, the worst first: regressions, what is gone or new, then all else in order."""
    made = [row for group in _by_board(comparison.moves) for row in _board_rows(comparison, group)]
    return tuple(sorted(made, key=_rank))


def _rank(row: Row) -> int:
    if row.is_regressed:
        return 1 if row.only_waits else 0
    if row.after is None:
        return 2
    return 3 if row.is_better else 4


def _by_board(moves: Iterable[Move]) -> list[list[Move]]:
    boards: dict[str, list[Move]] = {}
    for move in moves:
        boards.setdefault(board_of(move.gate), []).append(move)
    return list(boards.values())


def _board_rows(comparison: Comparison, moves: list[Move]) -> list[Row]:
    board = board_of(moves[0].gate)
    result = comparison.after.boards.get(board)
    total = result.total if result is not None else len(moves)
    steps = {(move.after, move.is_regressed) for move in moves}
    if len(moves) > 1 and len(moves) == total and len(steps) == 1:
        return [_row(board, moves)]
    return [_row(move.gate, [move]) for move in moves]


def _row(name: str, moves: list[Move]) -> Row:
    first = moves[0]
    inside = f"`{name}/"  # of a whole board, what its own gates wait for is no news
    causes = list(
        dict.fromkeys(
            cause
            for move in moves
            for cause in move.causes
            if not (cause.kind == "need" and cause.what.startswith(inside))
        )
    )
    return Row(
        name=name,
        gates=tuple(move.gate for move in moves),
        before=tuple(dict.fromkeys(move.before for move in moves)),
        after=first.after,
        is_regressed=first.is_regressed,
        causes=tuple(causes[:_MOST_CAUSES]),
        more=max(0, len(causes) - _MOST_CAUSES),
    )
