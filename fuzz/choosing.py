"""Choices that come out of bytes, so that a fuzzer which changes bytes changes choices."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

_T = TypeVar("_T")


class Choices(Random):
    """Chooses as the bytes say; where they end, always the first."""

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self._data = data
        self._at = 0

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def random(self) -> float:
        """At least 0, less than 1."""
        return self._byte() / 256

    def choice(self, seq: Sequence[_T]) -> _T:  # type: ignore[override]
        """One of the items."""
        return seq[self._byte() % len(seq)]

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        """One of the numbers of a range."""
        numbers = range(start) if stop is None else range(start, stop, step)
        return numbers[self._byte() % len(numbers)]
