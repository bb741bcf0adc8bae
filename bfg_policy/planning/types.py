"""A plan: what has to be done, by whom, in which order, and until when it holds."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from bfg_policy.readiness import Change, Reading

Kind = Literal["mend", "fact", "evidence", "accept"]
KINDS: tuple[Kind, ...] = ("mend", "fact", "evidence", "accept")


class Recording(NamedTuple):
    """The record that an action makes: of which contract, whether of a live target, how young.

    fresh_for: the least that any of its gates asks for.
    """

    contract: str
    live: bool
    fresh_for: timedelta


class Job(NamedTuple):
    """One thing that one role does, before anything is known of its turn.

    kinds: what is done, in the order of KINDS. gates: those whose proof it completes, or helps to
    complete, in the order of needs. actors: ids of those who may; empty: nobody in the scenario.
    because: what does not hold now. touches: keys of the scenario's document that it changes.
    """

    owner: str
    actors: tuple[str, ...]
    kinds: tuple[Kind, ...]
    gates: tuple[str, ...]
    because: tuple[str, ...]
    readings: tuple[Reading, ...] = ()
    recording: Recording | None = None
    touches: frozenset[str] = frozenset()


class Action(NamedTuple):
    """A job in its turn.

    number: from 1. unblocks: how many gates that are not ready wait for its gates. makes_ready:
    gates that are ready once it is done; makes_next: gates that somebody can act on then and
    could not before. proof_until: the first instant at which proof that was there before, or
    that an earlier action gave, ends; None where none does.
    """

    number: int
    job: Job
    unblocks: int
    makes_ready: tuple[str, ...]
    makes_next: tuple[str, ...]
    proof_until: Change | None


class Waived(NamedTuple):
    """A gate on the way that only a waiver makes ready. expires: when it is in the way again."""

    gate: str
    approved_by: str
    expires: datetime


class Plan(NamedTuple):
    """The way to a goal.

    goal: a board's or a gate's id; None for the whole pack. gates: how many the goal needs,
    itself included; ready: how many of them are. proof_until: as of an action, for the whole
    plan: it must be finished before. waived: in the pack's order.
    """

    goal: str | None
    gates: int
    ready: int
    actions: tuple[Action, ...]
    waived: tuple[Waived, ...]
    proof_until: Change | None

    @property
    def hand_overs(self) -> int:
        """How often the plan goes from one owner to another."""
        owners = [action.job.owner for action in self.actions]
        return sum(before != after for before, after in pairwise(owners))
