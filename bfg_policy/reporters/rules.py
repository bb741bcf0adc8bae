"""What notices are told under: the finding's code, or one of three things that a gate can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.catalogue import CATALOGUE, Entry
from bfg_policy.reporters.cases import INVALID_GATE, REQUIRED_GATE, WAIVED_GATE

if TYPE_CHECKING:
    from collections.abc import Mapping

_GATES: Mapping[str, Entry] = {
    entry.code: entry
    for entry in (
        Entry(
            INVALID_GATE,
            "a gate that is invalid",
            "It cannot be judged, or what is claimed for it must not be believed.",
            "Put right what its message names.",
        ),
        Entry(
            REQUIRED_GATE,
            "a required gate that is not ready",
            "Its board was required to be ready, by the pack or by the command line.",
            "See to it where it is `next`; where it is `blocked`, to the root cause that it names.",
        ),
        Entry(
            WAIVED_GATE,
            "a gate that is waived",
            "An approved and dated exception stands in for its proof, so it counts as ready.",
            "Bring the proof before the waiver ends.",
            "note",
        ),
    )
}


def rule_of(name: str) -> Entry:
    """What is known of a notice's rule: its title, meaning, remedy and usual severity."""
    return _GATES[name] if name in _GATES else CATALOGUE[name]
