"""How changes of a gate's policy are told: short, and with what is written on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.evaluation.reasons import one_line
from bfg_policy.instants import format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bfg_policy.pack import EvidenceDemand, Gate

_MOST_NAMED = 4


def policy_words(field: str, old: Gate, new: Gate) -> str:
    """What changed in one field of a gate: `rule`, `evidence`, `accept`, `owner` or `needs`."""
    if field == "rule":
        return _rule(old, new)
    if field == "evidence":
        return evidence_words(old.evidence, new.evidence)
    if field == "accept":
        return f"accepted by {who_accepts(new)}, not by {who_accepts(old)}"
    if field == "owner":
        return f"owned by `{new.owner}`, not by `{old.owner}`"
    return _needs(old, new)


def _rule(old: Gate, new: Gate) -> str:
    if new.rule is None:
        return "it has no rule any more"
    return "it has a rule now" if old.rule is None else "its rule changed"


def evidence_words(old: EvidenceDemand | None, new: EvidenceDemand | None) -> str:
    """What changed in the evidence that a gate asks for."""
    if new is None or old is None:
        demand = new or old
        assert demand is not None
        verb = "asks for evidence" if new is not None else "asks no more for evidence"
        return f"it {verb} `{demand.contract}`"
    if old.contract != new.contract:
        return f"it asks for evidence `{new.contract}`, not `{old.contract}`"
    if old.fresh_for != new.fresh_for:
        return age_words(old, new)
    return f"its evidence {'must' if new.live else 'need not'} be of a live target"


def age_words(old: EvidenceDemand, new: EvidenceDemand) -> str:
    """How old a gate's evidence may be, and might before."""
    age, before = format_duration(new.fresh_for), format_duration(old.fresh_for)
    return f"its evidence may be {age} old, not {before}"


def who_accepts(gate: Gate) -> str:
    """Who has to accept a gate."""
    if gate.accept_actor is not None:
        return f"`{one_line(gate.accept_actor.text)}`"
    return f"role `{gate.owner}`" if gate.accept else "nobody"


def _needs(old: Gate, new: Gate) -> str:
    added = [need for need in new.needs if need not in old.needs]
    gone = [need for need in old.needs if need not in new.needs]
    told = [f"it needs {named(added)} now"] if added else []
    told += [f"it needs {named(gone)} no more"] if gone else []
    return "; ".join(told)


def named(ids: Sequence[str]) -> str:
    """Some ids, and how many more there are."""
    listed = ", ".join(f"`{each}`" for each in ids[:_MOST_NAMED])
    more = len(ids) - _MOST_NAMED
    return listed + (f" and {more} more" if more > 0 else "")
