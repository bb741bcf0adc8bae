"""What of a scenario's facts changed, and which of the changes something follows from."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.comparison.plain import GONE, Steps, put
from bfg_policy.evaluation.reasons import shown_value
from bfg_policy.scenario.merged import path_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bfg_policy.scenario import Actor, Scenario

# Judgings that looking for one move's facts may take, and for those of all moves; then what is
# left is told as it stands.
_MOST_TRIALS = 400
MOST_TRIALS_OF_ALL = 40_000
# More parts than these are told as the one that holds them.
_MOST_PARTS = 64
_DEEPEST = 12
# An actor is one person: it is one side's or the other's, and never a mixture.
_ACTORS = "actors"
_MOST_TOLD = 3


class Change(NamedTuple):
    """One place of the document with its values on both sides; GONE where there is none."""

    path: Steps
    before: object
    after: object

    @property
    def is_gone(self) -> bool:
        """Whether nothing is there any more."""
        return self.after is GONE

    @property
    def words(self) -> str:
        """The change in one line, without what could be a secret."""
        where = path_text(self.path)
        if self.before is GONE:
            return f"`{where}` recorded: {_value(self.after)}"
        if self.after is GONE:
            return f"`{where}` is gone: {_value(self.before)}"
        return f"`{where}`: {_value(self.before)} → {_value(self.after)}"


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Change, ...]:
    """The top-level keys whose values differ, in HEAD's order, then those that are gone."""
    return tuple(_below((), before, after))


def applied(document: Mapping[str, object], made: Sequence[Change]) -> dict[str, object]:
    """A document with some changes made to it; what they do not touch is shared with it."""
    whole: dict[str, object] = dict(document)
    for change in made:
        put(whole, change.path, change.after)
    return whole


def scenario_of(
    base: Scenario, head: Scenario, document: Mapping[str, object], made: Sequence[Change]
) -> Scenario:
    """The base's scenario with another document, and what the engine reads from it."""
    from_head = {change.path[0] for change in made}

    def side(key: str) -> Scenario:
        return head if key in from_head else base

    return base._replace(
        document=document,
        tenant=side("tenant").tenant,
        target=side("target").target,
        actors=_actors(base, head, document),
        payload_sha256=side("snapshot").payload_sha256,
    )


def _actors(base: Scenario, head: Scenario, document: Mapping[str, object]) -> Mapping[str, Actor]:
    theirs, listed = head.document.get(_ACTORS), document.get(_ACTORS)
    if listed == theirs:
        return head.actors
    if listed == base.document.get(_ACTORS):
        return base.actors
    assert isinstance(listed, list)
    assert isinstance(theirs, list)
    pairs = zip(listed, theirs, strict=True)  # of other lengths, the list is one change
    return {
        each["id"]: (head if each == other else base).actors[each["id"]] for each, other in pairs
    }


def narrowed(
    made: Sequence[Change], leads_there: Callable[[Sequence[Change]], bool], left: Iterator[int]
) -> tuple[Change, ...]:
    """Of some changes those that something follows from: none can be left out, all are deep.

    leads_there: whether it follows from these changes; it does from all of them. left: counts
    the trials of all moves; where it ends, what is left is told as it stands.
    """
    trials = _Trials(leads_there, left)
    kept = _without_idle(list(made), trials)
    for _ in range(_DEEPEST):
        deeper = [part for change in kept for part in (_parts(change) or (change,))]
        if len(deeper) == len(kept) and deeper == kept:
            break
        kept = _without_idle(deeper, trials)
    return tuple(leaf for change in kept for leaf in _told(change))


class _Trials:
    """Counts what is tried; beyond the limit nothing can be left out any more."""

    def __init__(
        self, leads_there: Callable[[Sequence[Change]], bool], left: Iterator[int]
    ) -> None:
        self._leads_there = leads_there
        self._left = islice(left, _MOST_TRIALS)

    def __call__(self, made: Sequence[Change]) -> bool:
        return next(self._left, None) is not None and self._leads_there(made)


def _without_idle(made: list[Change], trials: Callable[[Sequence[Change]], bool]) -> list[Change]:
    """The changes without those that make no difference: halves first, then one by one."""
    size = len(made) // 2
    while size >= 1:
        start = 0
        while start < len(made):
            rest = made[:start] + made[start + size :]
            if rest and trials(rest):
                made = rest
            else:
                start += size
        size //= 2
    return made


def _parts(change: Change) -> tuple[Change, ...]:
    """The changes below one that are as good as it together; none where it has no parts."""
    if change.path[0] == _ACTORS and len(change.path) > 1:
        return ()
    parts = tuple(islice(_below(change.path, change.before, change.after), _MOST_PARTS + 1))
    return parts if len(parts) <= _MOST_PARTS else ()


def _told(change: Change) -> tuple[Change, ...]:
    """What is told of a change: the deepest parts of it, as long as they are few."""
    leaves = [change]
    for _ in range(_DEEPEST):
        deeper = [
            part
            for each in leaves
            for part in (tuple(_below(each.path, each.before, each.after)) or (each,))
        ]
        if len(deeper) > _MOST_TOLD or deeper == leaves:
            break
        leaves = deeper
    return tuple(leaves)


def _below(path: Steps, before: object, after: object) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*after, *before)):
            old, new = before.get(key, GONE), after.get(key, GONE)
            if old != new:
                yield Change((*path, key), old, new)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                yield Change((*path, index), old, new)


def _value(value: object) -> str:
    return shown_value(value) or "nothing"
