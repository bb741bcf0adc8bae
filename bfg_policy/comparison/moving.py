"""Which gates moved, and the smallest changes that each move follows from."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from bfg_policy.comparison import causes
from bfg_policy.comparison.facts import MOST_TRIALS_OF_ALL
from bfg_policy.comparison.mixing import Mixtures
from bfg_policy.comparison.types import Cause, Move

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.comparison.sides import Side
    from bfg_policy.comparison.types import CauseKind
    from bfg_policy.readiness import Status


def find_moves(base: Side, head: Side) -> tuple[Move, ...]:
    """Every gate whose status is another one: HEAD's in the pack's order, then those that went."""
    return tuple(_moves(base, head))


def _moves(base: Side, head: Side) -> Iterator[Move]:
    before, after = base.readiness.gates, head.readiness.gates
    trials = iter(range(MOST_TRIALS_OF_ALL))
    for gate, now in after.items():
        if gate not in before:
            cause = Cause("policy", "the gate is new", head.of_gate(gate))
            yield Move(gate, None, now.status, (cause,))
        elif before[gate].status != now.status:
            found = _causes(Mixtures(base, head, gate, trials), now.status)
            yield Move(gate, before[gate].status, now.status, found)
    for gate, was in before.items():
        if gate not in after:
            cause = Cause("policy", "the gate was removed", base.of_gate(gate))
            yield Move(gate, was.status, None, (cause,))


def _causes(mixtures: Mixtures, status: Status) -> tuple[Cause, ...]:
    parts = sufficient(mixtures, status)
    return tuple(cause for part in parts for cause in causes.tell(mixtures, part, parts, status))


def sufficient(mixtures: Mixtures, status: Status) -> tuple[CauseKind, ...]:
    """The parts that make the base's gate what HEAD's is: as few as do.

    Where several parts do it, each by itself, all of them are told: taking back one of them would
    change nothing.
    """
    parts = mixtures.parts()
    for size in range(1, len(parts) + 1):
        found = [each for each in combinations(parts, size) if mixtures.status(each) == status]
        if found:
            together = {part for each in found for part in each}
            return tuple(part for part in parts if part in together)
    return parts
