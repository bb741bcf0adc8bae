"""What one rendering may cost, so that no template of a stranger takes forever or all memory."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """steps: loop turns, calls and filters, each with the size of what it looks at or runs.

    written: characters of the whole output and of any text made on the way, and half of those of
    all texts together; source: characters of one template; parts: its names, texts, signs
    and blocks, each of which takes time to compile.
    """

    steps: int = 2_000_000
    written: int = 16_000_000
    source: int = 262_144
    parts: int = 50_000

    @classmethod
    def of_gates(cls, count: int) -> Limits:
        """The limits for a pack of so many gates: a report of each may take some lines."""
        least = cls()
        return least._replace(
            steps=least.steps + 1_000 * count, written=least.written + 2_000 * count
        )


class OverLimit(Exception):
    """A template that costs more than it may; the text says more than what."""
