"""What the command line may not hold: a credential, which any user of the machine could read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.secrets import sightings

if TYPE_CHECKING:
    from collections.abc import Sequence

# How to reach a database may hold a password; the command that takes it never shows it. What is to
# be recorded or evaluated is judged by the engine itself, which tells it as a finding.
_JUDGED_LATER = ("--dsn", "--note", "--reason")
_EVALUATES = "eval"


def credential_in(arguments: Sequence[str]) -> str | None:
    """What one of the arguments looks like, such as "a GitHub token"; None where none does.

    So it is in no message about an option, a path or a name, however the message is made.
    """
    if list(arguments[:1]) == [_EVALUATES]:
        return None
    before = ""
    for argument in arguments:
        option = argument.partition("=")[0]
        if option not in _JUDGED_LATER and before not in _JUDGED_LATER:
            seen = sightings(argument.encode("utf-8", "replace").decode())
            if seen:
                return seen[0].kind
        before = argument
    return None
