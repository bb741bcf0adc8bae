"""What a rendering costs, counted while it runs: every look at a value is charged by its size.

A look is a loop turn, a call, or what a filter or a comparison does with a value. A list of twice
the same list of twice the same list, and so on, is small in memory and has no end for whoever
compares, hashes or writes it; so what is charged is all that is in a value, as often as it is in
there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any

from bfg_policy.rendering.limits import Limits, OverLimit
from bfg_policy.rendering.quoting import Quoted, Refused
from bfg_policy.rendering.undefined import refuse_unknown

# So many characters are compared or copied in the time of one loop turn.
_CHARACTERS = 16
# All texts that are made on the way, as a multiple of what may be written.
_MADE = 2


class Meter:
    """Counts one rendering at a time. All that counts raises OverLimit."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._steps = self._made = 0

    def begin(self) -> None:
        """Nothing is used up yet."""
        self._steps = self._made = 0

    def step(self, count: int = 1) -> None:
        """So many loop turns, or what takes as long."""
        self._steps += count
        if self._steps > self._limits.steps:
            raise OverLimit(f"it takes more than {self._limits.steps} steps")

    def weigh(self, value: object, characters: int = _CHARACTERS) -> None:
        """All that is in a value. characters: how many are looked at in one loop turn."""
        waiting, count, most = [value], 0, self._limits.steps - self._steps
        while waiting and count <= most:
            each = waiting.pop()
            count += 1
            if isinstance(each, str):
                count += len(each) // characters
            elif isinstance(each, list | tuple):
                waiting += each
            elif isinstance(each, dict | Mapping):
                waiting += [*each, *each.values()]
        self.step(count)

    def weighed(self, value: object) -> object:
        """A value that something will be compared with."""
        self.weigh(value)
        return value

    def counted(self, value: Any, turn: int = 1) -> object:
        """What a loop goes through. turn: what one turn costs."""
        if not isinstance(value, str | Mapping):
            value = list(value)
        self.step(1 + turn * len(value))
        return value

    def sought(self, where: Any) -> object:
        """Where something is looked for: in a list each item may be compared with it."""
        where = self.counted(where)
        if isinstance(where, list | tuple):
            self.weigh(where)
        return where

    def is_in(self, value: object, where: Any) -> bool:
        """The test `in`."""
        self.weigh(value)
        return value in self.sought(where)  # type: ignore[operator]

    def text_of(self, pieces: Iterable[str]) -> Quoted:
        """The pieces as one text."""
        listed: list[str] = []
        room = self._limits.written
        for piece in pieces:
            room -= len(piece)
            if room < 0:
                raise OverLimit(f"it writes more than {self._limits.written} characters")
            listed.append(piece)
        self._made += self._limits.written - room
        if self._made > _MADE * self._limits.written:
            most = _MADE * self._limits.written
            raise OverLimit(f"its texts have more than {most} characters in all")
        return Quoted("".join(listed))

    def stepping(self, function: Callable[..., object]) -> Callable[..., object]:
        """A filter of Jinja's, which goes through a value once."""
        glancing = self.glancing(function)

        @wraps(function)
        def counted(*args: Any, **kwargs: Any) -> object:
            self.step(_size_of_call(args, kwargs))
            return glancing(*args, **kwargs)

        return counted

    def glancing(self, function: Callable[..., object]) -> Callable[..., object]:
        """A filter of Jinja's that takes no longer for a large value; what it gives is counted."""

        # Jinja marks the filters that it passes a context first; `wraps` keeps the mark.
        @wraps(function)
        def counted(*args: Any, **kwargs: Any) -> object:
            self.step()
            refuse_unknown(args)
            found = function(*args, **kwargs)
            return self._each(found) if isinstance(found, Iterator) else found

        return counted

    def comparing(self, function: Callable[..., Any]) -> Callable[..., object]:
        """A filter of Jinja's that holds every item against others."""

        @wraps(function)
        def counted(environment: object, value: Any, *args: Any, **kwargs: Any) -> object:
            refuse_unknown((value, *args))
            items = list(value)
            self.weigh(items)
            self.step(_size_of_call(args, kwargs))
            return function(environment, items, *args, **kwargs)

        return counted

    def reading(self, function: Callable[..., object]) -> Callable[..., object]:
        """One of our filters, which may read all that it is given.

        Refused, where it raises that, tells what was refused.
        """

        @wraps(function)
        def counted(*args: Any, **kwargs: Any) -> object:
            refuse_unknown(args)
            for value in (*args, *kwargs.values()):
                self.weigh(value, characters=1)
            try:
                return function(*args, **kwargs)
            except Refused as refused:
                refused.value = args[0]
                raise

        return counted

    def testing(self, function: Any) -> Callable[..., bool]:
        """A test of Jinja's, which may compare a value."""

        @wraps(function)
        def counted(value: object, *args: Any) -> bool:
            self.weigh(value)
            return bool(function(value, *args))

        return counted

    def _each(self, items: Iterator[object]) -> Iterator[object]:
        for item in items:
            self.step()
            yield item


def _size_of_call(args: Iterable[object], kwargs: Mapping[str, object]) -> int:
    """All that a filter is given: a name of an attribute, too, is taken apart at each call."""
    return sum(
        len(value)
        for value in (*args, *kwargs.values())
        if isinstance(value, str | list | tuple | dict)
    )
