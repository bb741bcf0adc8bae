"""Packets that are rendered differently: which, and in which lines."""

from __future__ import annotations

import difflib
from itertools import islice
from typing import TYPE_CHECKING

from bfg_policy.comparison.types import PacketChange
from bfg_policy.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.pack import Pack

# Lines of one packet's difference; whoever wants them all compares the rendered files.
_MOST_LINES = 60
# Beyond so many lines looking for what is alike takes too long: the packet is told as changed.
_MOST_COMPARED = 5_000


def packet_changes(
    base: Pack, before: Mapping[str, str], head: Pack, after: Mapping[str, str]
) -> tuple[PacketChange, ...]:
    """What changes between what two packs render, by path.

    before, after: texts by path. What is no board's packet is left out: the report and the indexes
    quote every status and digest, so they change with everything.
    """
    return tuple(
        PacketChange(
            path,
            board,
            "added" if path not in before else "removed" if path not in after else "changed",
            _difference(before[path], after[path]) if path in before and path in after else (),
        )
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
        and (board := _board(head, path) or _board(base, path)) is not None
    )


def _board(pack: Pack, path: str) -> str | None:
    """Whose packet stands at a path: the file itself, or a file of its folder."""
    for board in pack.boards.values():
        own = board.packet.path if board.packet is not None else None
        if own is not None and (path == own or path.startswith(f"{own}/")):
            return board.id
    return None


def _difference(before: str, after: str) -> tuple[str, ...]:
    old, new = redact(before).splitlines(), redact(after).splitlines()
    if len(old) + len(new) > _MOST_COMPARED:
        return ()
    lines = difflib.unified_diff(old, new, lineterm="", n=1)
    listed = list(islice(lines, 2, _MOST_LINES + 3))  # without the two lines that name files
    return (*listed[:_MOST_LINES], "…") if len(listed) > _MOST_LINES else tuple(listed)
