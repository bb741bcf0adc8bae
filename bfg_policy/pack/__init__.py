"""Policies -> Pack: linked, checked, compiled, immutable.

The types are here; `pack.loading` makes a pack out of a folder, and is imported only for that.
"""

from bfg_policy.pack.types import (
    Board,
    EvidenceDemand,
    Gate,
    Pack,
    Packet,
    PacketSet,
    Rule,
    Rung,
    board_of,
    is_whole,
    node_words,
    whole,
)

__all__ = [
    "Board",
    "EvidenceDemand",
    "Gate",
    "Pack",
    "Packet",
    "PacketSet",
    "Rule",
    "Rung",
    "board_of",
    "is_whole",
    "node_words",
    "whole",
]
