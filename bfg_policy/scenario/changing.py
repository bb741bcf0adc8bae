"""A scenario's document with other data in it, for questions of the kind "what if"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.scenario.merged import Merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bfg_policy.errors import Place
    from bfg_policy.source import Ambiguous


def changed(merged: Merged, data: Mapping[str, object]) -> Merged:
    """The same document as if it held `data`: whole, as plain data.

    No file is changed. What stands at a path that no file holds is told at the nearest part above
    it that one does.
    """
    return _Changed(merged, data)


class _Changed(Merged):
    """A document of other data; places are those of the whole that it departs from."""

    def __init__(self, whole: Merged, data: Mapping[str, object]) -> None:
        self.data = data
        self._whole = whole

    def place(self, path: Sequence[str | int] = (), *, key: bool = False) -> Place:
        """Where the value at `path` stands, or the nearest part above it that a file holds."""
        return self._whole.place(path, key=key)

    def ambiguous(self, path: Sequence[str | int] = ()) -> tuple[Ambiguous, ...]:  # noqa: ARG002
        """None: plain data was never written, so nobody can read it in two ways."""
        return ()
