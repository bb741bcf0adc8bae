"""The places of a changed scenario: what a test put there is in the test, the rest in the base."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from bfg_policy.scenario.merged import Merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bfg_policy.errors import Place
    from bfg_policy.source import Ambiguous
    from bfg_policy.testing.types import Path, Spot


class Base:
    """A scenario that tests depart from, each in its own way."""

    def __init__(self, merged: Merged) -> None:
        self.merged = merged

    @cached_property
    def homes(self) -> dict[int, Path]:
        """The path of every mapping and list, by its id."""
        found: dict[int, Path] = {}
        waiting: list[tuple[Path, object]] = [((), self.merged.data)]
        while waiting:
            path, value = waiting.pop()
            if isinstance(value, dict):
                found[id(value)] = path
                waiting.extend(((*path, key), item) for key, item in value.items())
            elif isinstance(value, list):
                found[id(value)] = path
                waiting.extend(((*path, index), item) for index, item in enumerate(value))
        return found


class Varied(Merged):
    """A document that departs from a base.

    origins: of each value that was put there, where a test writes it, and where the test names
    the path that it is put at.
    """

    def __init__(
        self, base: Base, data: Mapping[str, object], origins: Mapping[Path, tuple[Spot, Spot]]
    ) -> None:
        self.data = data
        self._base = base
        self._put = origins

    def place(self, path: Sequence[str | int] = (), *, key: bool = False) -> Place:
        """Where the value at `path`, or its key, stands."""
        whole = tuple(path)
        for length in range(len(whole), 0, -1):
            found = self._put.get(whole[:length])
            if found is not None:
                value, name = found
                if key and length == len(whole):
                    return name.place
                return value.document.place((*value.path, *whole[length:]), key=key)
        return self._base.merged.place(self._home(whole), key=key)

    def ambiguous(self, path: Sequence[str | int] = ()) -> tuple[Ambiguous, ...]:
        """The scalars at `path` or below it, put there by a test, that YAML 1.1 reads differently.

        Those of the base were told when it was read.
        """
        here = tuple(path)
        found = [
            each._replace(path=(*root, *each.path[len(value.path) :]))
            for root, (value, _) in self._put.items()
            for each in value.document.ambiguous(value.path)
        ]
        return tuple(each for each in found if each.path[: len(here)] == here)

    def _home(self, path: Path) -> Path:
        """The path in the base of what stands at a path here: items of a list may have moved."""
        here: object = self.data
        home: Path = ()
        for step in path:
            home = (*home, step)
            try:
                here = here[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                here = None
            home = self._base.homes.get(id(here), home)
        return home
