"""Text for the log of a CI system, which obeys certain lines: nothing in it is a command."""

from __future__ import annotations

import re

# What GitHub's and Azure's runners look for: `::name::`, `##[name]`, `##vso[...]`.
_COMMAND = re.compile(r":(?=:)|#(?=#(?:\[|vso))", re.IGNORECASE)


def ci_safe(text: str) -> str:
    r"""`text` with `::`, `##[` and `##vso` broken by a backslash: `:\:`, `#\#[`.

    For text whose control characters are escaped already, which also keeps GitLab's section
    marks out. A `%` needs nothing: it is read in commands alone.
    """
    return _COMMAND.sub(lambda found: found[0] + "\\", text)
