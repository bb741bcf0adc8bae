"""Characters that may not stand in a YAML file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bfg_policy.source.faults import Faults
    from bfg_policy.source.text import Text

# YAML 1.2, 5.1, "c-printable", from the other side; and the byte order mark, which no editor shows.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_NAMES = {"\0": "NUL", "\ufeff": "a byte order mark", "\x1b": "escape", "\x7f": "delete"}


def forbidden_characters(source: Text, faults: Faults) -> None:
    """One finding for the first character that may not stand in a YAML file, if there is one."""
    found = _FORBIDDEN.search(source.text)
    if found is None:
        return
    sign = found.group()
    name = _NAMES.get(sign, "a control character")
    rest = len(_FORBIDDEN.findall(source.text, found.end()))
    more = f", and {rest} more like it" if rest else ""
    message = f"the character U+{ord(sign):04X} ({name}) is not allowed in a file{more}"
    hint = "remove it; in double quotes it can be written as an escape"
    faults.add("BFG114", found.start(), found.end(), message, hint=hint)
