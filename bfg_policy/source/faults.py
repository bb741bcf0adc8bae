"""The findings of one file while it is being read: in order, and no more than people can use."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from bfg_policy.errors import Finding, Place, Related, SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bfg_policy.source.text import Text

MAX_FINDINGS = 100


def _printable(message: str) -> str:
    """The message with what cannot be seen as an escape: it may quote any character of the file."""
    if message.isprintable():
        return message
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in message)


class Stop(Exception):
    """Reading the rest of this file would find nothing but consequences."""


class Faults:
    """Gathers the findings of one file; `raise_if_any` ends its reading."""

    def __init__(self, source: Text) -> None:
        self._source = source
        self._found: list[tuple[int, Finding]] = []
        self._more = 0

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(
        self,
        code: str,
        start: int,
        end: int,
        message: str,
        *,
        note: str | None = None,
        hint: str | None = None,
        related: Sequence[tuple[int, int, str]] = (),
    ) -> None:
        """One finding about text[start:end]; related: (start, end, what stands there)."""
        if len(self._found) >= MAX_FINDINGS:
            self._more += 1
            return
        place = self._source.place
        elsewhere = tuple(Related(place(s, e), text) for s, e, text in related)
        said = _printable(message)
        finding = Finding(code, said, place(start, end), note=note, hint=hint, related=elsewhere)
        self._found.append((start, finding))

    def forget_from(self, start: int) -> None:
        """Drops the findings at or after an offset: what comes after it was misread."""
        self._found = [found for found in self._found if found[0] < start]
        self._more = 0

    def raise_if_any(self) -> None:
        """Raises SourceError with the first findings, and says how many more there are."""
        if self._found:
            self._raise()

    def _raise(self) -> NoReturn:
        shown = [finding for _, finding in sorted(self._found, key=lambda found: found[0])]
        if self._more:
            message = f"{self._more} more findings in this file are not shown"
            shown.append(Finding(shown[-1].code, message, Place(self._source.path), "note"))
        raise SourceError(shown)
