"""The last code of a ladder is that of a board that is ready: no entry before it may give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy import graph
from bfg_policy.errors import Finding
from bfg_policy.pack.shape import likes
from bfg_policy.pack.types import whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bfg_policy.model import DecisionModel
    from bfg_policy.pack.references import Names
    from bfg_policy.pack.shape import Nodes
    from bfg_policy.pack.written import WrittenPack, WrittenPolicy


def check_last_codes(pack: WrittenPack, names: Names, needs: Nodes) -> Iterator[Finding]:
    """A finding for each entry that can give its own ladder's last code.

    pack: its ladders have nothing wrong by themselves, `needs` run in no circle.
    """
    ladders = {policy.model.policy: policy for policy in pack.policies if policy.model.decision}
    last: dict[str, str] = {}  # what a board says when its ladder is climbed to the end
    before: dict[str, frozenset[str]] = {}  # what it can say else
    for board in graph.dependency_order(likes(ladders)):
        policy = ladders[board]
        *entries, end = policy.model.decision
        last[board] = end.code if end.code is not None else last[end.like or board]
        codes: set[str] = set()
        for index, entry in enumerate(entries):
            given = _given(entry, names, needs, last, before)
            if last[board] in given:
                yield _finding(policy, index, entry, last[board])
            codes |= given
        before[board] = frozenset(codes) | (before[end.like] if end.like else frozenset())


def _given(
    entry: DecisionModel,
    names: Names,
    needs: Nodes,
    last: Mapping[str, str],
    before: Mapping[str, frozenset[str]],
) -> frozenset[str]:
    """The codes that an entry can give while what it waits for is not ready."""
    if entry.like is None:
        return frozenset({entry.code} if entry.code is not None else ())
    within = graph.reachable(needs, whole(entry.like))
    if all(names.until(written) in within for written in entry.until):
        return before[entry.like]  # what is not ready keeps that board from its end, too
    return before[entry.like] | {last[entry.like]}


def _finding(policy: WrittenPolicy, index: int, entry: DecisionModel, code: str) -> Finding:
    board = policy.model.policy
    if entry.like is None:
        hint = "give this entry a code of its own"
    else:
        hint = f"wait for `{entry.like}` alone here, or write a `code` of its own"
    return Finding(
        "BFG305",
        f"this entry can give `{code}`, which is the code of the last one",
        policy.place("decision", index, "code" if entry.like is None else "like"),
        note=f"`{board}` would say {code} while it is not ready",
        hint=hint,
    )
