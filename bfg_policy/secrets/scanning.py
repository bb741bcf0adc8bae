"""The closer look at a text that may hold credentials: what they are, and where."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import re2

from bfg_policy.secrets import armour, gate
from bfg_policy.secrets.contexts import CONTEXTS
from bfg_policy.secrets.forms import FORMS
from bfg_policy.secrets.views import percents, places, views

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bfg_policy.secrets.forms import Form
    from bfg_policy.secrets.views import Undone

_Span: TypeAlias = tuple[int, int]

# So many of one form are told apart; from the next one on, all the rest of a text is hidden.
_MOST = 1000


class Sighting(NamedTuple):
    """Something that looks like a credential.

    kind: what it looks like, such as "a GitHub token". start, end: what a finding points at, in
    code points of the text: with a password the URL before it, with a key its header and end.
    hidden: the spans in it that nobody may see.
    """

    kind: str
    start: int
    end: int
    hidden: tuple[tuple[int, int], ...]


class _Seen(NamedTuple):
    """One way in which one credential shows. rank: how much is known of it, from 0."""

    rank: int
    kind: str
    whole: _Span
    secret: _Span


def look(text: str) -> tuple[Sighting, ...]:
    """What `bfg_policy.secrets.sightings` gives, without asking the gate first."""
    seen = [each for view, undone in views(text) for each in _placed(text, view, undone)]
    return tuple(_apart(seen))


def _placed(text: str, view: str, undone: Undone) -> list[_Seen]:
    """What is seen in a view of a text, with its places in the text itself."""
    seen = [*_bounded(_keys(view), view), *_forms(view), *_contexts(view)]
    if not (seen and undone):
        return seen
    # In a decoded URL an escaped sign may end a password too early: hide all of the URL.
    exact = percents() not in undone
    spans = places(text, undone, [span for each in seen for span in (each.whole, each.secret)])
    both = zip(spans[::2], spans[1::2], strict=True)
    return [
        each._replace(whole=whole, secret=secret if exact else whole)
        for each, (whole, secret) in zip(seen, both, strict=True)
    ]


def _keys(text: str) -> Iterator[_Seen]:
    if any(literal in text for literal in armour.LITERALS):
        for start, header, end in armour.private_keys(text):
            yield _Seen(0, armour.KIND, (start, end), (header if header < end else start, end))


def _forms(text: str) -> Iterator[_Seen]:
    if gate.may_hold_forms(text):
        for form in FORMS:
            if any(literal in text for literal in form.literals):
                yield from _bounded(_matches(form, 1, form.pattern, text), text)


def _contexts(text: str) -> Iterator[_Seen]:
    if gate.may_hold_contexts(text):
        lowered = text.lower()
        for form in CONTEXTS:
            if any(literal in lowered for literal in form.literals):
                yield from _bounded(_matches(form, 2, f"(?i){form.pattern}", text), text)


def _matches(form: Form, rank: int, pattern: str, text: str) -> Iterator[_Seen]:
    compiled = _compiled(pattern)
    for found in compiled.finditer(text):
        spans = [span for span in map(found.span, range(1, compiled.groups + 1)) if span[0] >= 0]
        if spans and form.is_one(text[slice(*spans[-1])]):
            yield _Seen(rank, form.kind, spans[0], spans[-1])


def _bounded(seen: Iterator[_Seen], text: str) -> Iterator[_Seen]:
    yield from islice(seen, _MOST)
    for each in islice(seen, 1):
        rest = (each.whole[0], len(text))
        yield each._replace(whole=rest, secret=rest)


def _apart(seen: Sequence[_Seen]) -> Iterator[Sighting]:
    """What overlaps is one credential, of the kind of which most is known."""
    group: list[_Seen] = []
    end = 0
    for each in sorted(seen, key=lambda each: each.whole):
        if group and each.whole[0] >= end:
            yield _one(group, end)
            group = []
        group.append(each)
        end = max(end, each.whole[1])
    if group:
        yield _one(group, end)


def _one(group: Sequence[_Seen], end: int) -> Sighting:
    return Sighting(
        min(group, key=lambda each: each.rank).kind,
        group[0].whole[0],
        end,
        tuple(sorted({each.secret for each in group})),
    )


@cache
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)
