"""A document with the fields that it lacks: what a contract allows beyond what is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from bfg_policy.cel.types import ListType, ObjectType, members
from bfg_policy.comparison.plain import value_at
from bfg_policy.comparison.variations import Flip, flipped, some_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bfg_policy.cel import Type
    from bfg_policy.comparison.plain import Steps

_ROOT = "it"
MOST_FIELDS = 300
_MOST_ELEMENTS = 3


def completed(
    sample: object,
    found: Type,
    is_allowed: Callable[[object], bool],
    most: int = MOST_FIELDS,
) -> object:
    """The document with every field of its type that it lacks, as far as it is allowed so.

    A field that is allowed only with another one, or with a value that its type does not tell,
    stays away. most: fields that are tried, each with a look at the whole document.
    """
    whole: dict[str, object] = {_ROOT: sample}
    for steps, value in islice(_lacking(whole, found), most):
        tried = flipped(whole, (Flip(steps, value),))
        if is_allowed(tried[_ROOT]):
            whole.update(tried)
    return whole[_ROOT]


def _lacking(whole: Mapping[str, object], found: Type) -> Iterator[tuple[Steps, object]]:
    """Each field that is not there, and a value of its type; what was put there is gone into."""
    waiting: list[tuple[Steps, Type]] = [((_ROOT,), found)]
    while waiting:
        steps, here = waiting.pop(0)
        value = value_at(whole, steps)
        for member in members(here):
            if isinstance(member, ObjectType) and isinstance(value, Mapping):
                for name in sorted(member.fields):
                    below = (*steps, name)
                    if name not in value:
                        yield below, some_value(member.fields[name], ())
                    waiting.append((below, member.fields[name]))
            elif isinstance(member, ListType) and isinstance(value, list):
                elements = range(min(len(value), _MOST_ELEMENTS))
                waiting.extend(((*steps, index), member.element) for index in elements)
