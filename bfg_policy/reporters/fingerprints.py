"""Names for notices that stay the same while lines move: CI systems tell new ones from known ones.

They are made of what is wrong and of the text that it stands in, never of a line's number.
"""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bfg_policy.errors import Place
    from bfg_policy.reporters.cases import Notice

_NEAR = 60  # characters: a line may be a whole document
_DIGITS = 32


def fingerprints(notices: Iterable[Notice]) -> list[str]:
    """A fingerprint for each notice, in order: 32 hexadecimal digits, no two alike.

    Of several that are wrong in the same way with the same text, the first one in its file has
    the first fingerprint, and so on.
    """
    seen: Counter[str] = Counter()
    found = []
    for notice in notices:
        text = json.dumps(_identity(notice))
        found.append(sha256(f"{seen[text]}{text}".encode()).hexdigest()[:_DIGITS])
        seen[text] += 1
    return found


def _identity(notice: Notice) -> list[str | None]:
    """What makes a notice the same as one of an earlier run."""
    if notice.gate is not None:
        return [notice.rule, notice.scenario, notice.gate.id]
    place = notice.place
    if place.excerpt is None or place.column is None:
        return [notice.rule, place.path, notice.message]
    return [notice.rule, place.path, *_text(place)]


def _text(place: Place) -> tuple[str, str]:
    """The token, and what stands around it on its line, whatever the blanks."""
    line, start = place.excerpt or "", (place.column or 1) - 1
    end = start + place.length
    around = line[max(start - _NEAR, 0) : end + _NEAR]
    return line[start:end], " ".join(around.split())
