"""Characters that libyaml takes for line ends, and others to stand in for them meanwhile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bfg_policy.source.faults import Faults
    from bfg_policy.source.text import Text

# libyaml ends lines at these too, as YAML 1.1 did, and would fold them into spaces.
_NO_LINE_ENDS = ("\x85", "\u2028", "\u2029")
_PRIVATE_USE = (range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))
_ESCAPES = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})")


def stand_ins_for(source: Text, faults: Faults) -> dict[str, str]:
    """For each character that libyaml takes for a line end, one that the text cannot produce."""
    needed = [sign for sign in _NO_LINE_ENDS if sign in source.text]
    if not needed:
        return {}
    escaped = (int("".join(digits), 16) for digits in _ESCAPES.findall(source.text))
    used = {ord(sign) for sign in set(source.text)}.union(escaped)
    free = (chr(code) for codes in _PRIVATE_USE for code in codes if code not in used)
    found = dict(zip(needed, free, strict=False))
    if len(found) < len(needed):
        at = source.text.index(needed[-1])
        faults.add("BFG114", at, at + 1, "the text holds every private-use character there is")
        faults.raise_if_any()
    return found
