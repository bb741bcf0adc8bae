"""A scenario's document with suppositions in it: what is supposed stands in no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.errors import NOWHERE
from bfg_policy.scenario.merged import Merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bfg_policy.errors import Place
    from bfg_policy.source import Ambiguous

_MISSING = object()


class SupposedDocument(Merged):
    """A document of other data, which shares with the whole what did not change.

    What is the whole's own stands where it stood; everything else stands nowhere, so that no
    line of a file is blamed for what nobody wrote.
    """

    def __init__(self, whole: Merged, data: Mapping[str, object]) -> None:
        self.data = data
        self._whole = whole

    def place(self, path: Sequence[str | int] = (), *, key: bool = False) -> Place:
        """Where the value at `path` stands; nowhere, where it is another one than in the files."""
        here = _value(self.data, path)
        if here is _MISSING or here is not _value(self._whole.data, path):
            return NOWHERE
        return self._whole.place(path, key=key)

    def ambiguous(self, path: Sequence[str | int] = ()) -> tuple[Ambiguous, ...]:  # noqa: ARG002
        """None: the whole was judged already, and plain data cannot be read in two ways."""
        return ()


def _value(data: object, path: Sequence[str | int]) -> object:
    for step in path:
        try:
            data = data[step]  # type: ignore[index]
        except (LookupError, TypeError):
            return _MISSING
    return data
