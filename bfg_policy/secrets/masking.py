"""Texts that may be shown: what looks like a credential in them is not there any more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bfg_policy.secrets.scanning import Sighting

REDACTED = "[redacted]"

_MASK = "*"
_NO_LINE_END = re.compile(r"[^\r\n]")
_SHORTEST = 4  # shorter secrets stand by chance in other words
_MOST = 100


def mask(text: str, seen: Iterable[Sighting]) -> str:
    """The text with each secret behind as many `*`, also where it stands a second time.

    Lines stay lines, and every offset stays where it was.
    """
    hidden = _joined(seen)
    shown = _replaced(text, hidden, _stars)
    secrets = dict.fromkeys(text[start:end] for start, end in hidden)
    for secret in [each for each in secrets if len(each) >= _SHORTEST][:_MOST]:
        shown = shown.replace(secret, _stars(secret))
    return shown


def cut(text: str, seen: Iterable[Sighting]) -> str:
    """The text with `[redacted]` for each secret."""
    return _replaced(text, _joined(seen), lambda _: REDACTED)


def _stars(secret: str) -> str:
    return _NO_LINE_END.sub(_MASK, secret)


def _joined(seen: Iterable[Sighting]) -> list[tuple[int, int]]:
    """All the hidden spans, in order; those that touch are one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(span for each in seen for span in each.hidden):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _replaced(text: str, spans: list[tuple[int, int]], by: Callable[[str], str]) -> str:
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], by(text[start:end])]
        at = end
    return "".join([*pieces, text[at:]])
