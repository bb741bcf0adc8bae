"""Contracts that accept what they refused: tried on the documents at hand, changed in one place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from bfg_policy.comparison.completing import MOST_FIELDS, completed
from bfg_policy.comparison.plain import GONE, value_at
from bfg_policy.comparison.types import Weakness
from bfg_policy.comparison.variations import Flip, flipped
from bfg_policy.pack.rules import contract_type
from bfg_policy.pack.terms import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.comparison.plain import Steps
    from bfg_policy.comparison.sides import Side

_MOST_TRIALS = 20_000
_MOST_CHARACTERS = 200_000_000
_MOST_ELEMENTS = 3
_MOST_TOLD = 10
_UNKNOWN = "x_unknown_field"
_ROOT = "it"
_LONG = 5_000


def loosened(base: Side, head: Side) -> Iterator[Weakness]:
    """A weakness for each contract of the base's pack that accepts more than it did.

    A field that is new in a contract is no weakness: nothing that was checked is unchecked by it.
    """
    for old, new, samples in _contracts(base, head):
        if new is None:
            what = "the facts have no contract any more"
            yield Weakness("contract", old, what, base.of_pack("facts"))
        elif base.contracts.closure(old) != head.contracts.closure(new):
            yield from _of_one(base, head, old, new, samples)


def _contracts(base: Side, head: Side) -> Iterator[tuple[str, str | None, list[object]]]:
    """The contracts that the base's pack holds scenarios against, HEAD's, and documents at hand."""
    if base.pack.facts is not None:
        scenarios = [*base.scenarios, *head.scenarios]
        samples: list[object] = [facts_of(each.document, base.contracts) for each in scenarios]
        yield base.pack.facts, head.pack.facts, samples
    demands = [gate.evidence for gate in base.pack.gates.values() if gate.evidence is not None]
    for contract in dict.fromkeys(demand.contract for demand in demands):
        if contract in head.contracts.names:
            records = (each.records.get(contract) for each in (*base.scenarios, *head.scenarios))
            yield contract, contract, [each.data for each in records if each is not None]


def _of_one(
    base: Side, head: Side, old: str, new: str, samples: list[object]
) -> Iterator[Weakness]:
    told: set[str] = set()

    def is_allowed(document: object) -> bool:
        return base.contracts.accepts(old, document) and head.contracts.accepts(new, document)

    found = contract_type(base.contracts, old)
    fields = min(MOST_FIELDS, _MOST_CHARACTERS // max(1, sum(len(repr(each)) for each in samples)))
    samples = [
        completed(each, found, is_allowed, fields) if is_allowed(each) else each for each in samples
    ]
    # Each trial looks at a whole document: the larger they are, the fewer there can be.
    size = max((len(repr(sample)) for sample in samples), default=1)
    most = min(_MOST_TRIALS, _MOST_CHARACTERS // size)
    for sample, steps, changed in islice(_variations(samples), most):
        if not head.contracts.accepts(new, changed) or base.contracts.accepts(old, changed):
            continue
        where = _text(steps)
        if where not in told and len(told) < _MOST_TOLD and base.contracts.accepts(old, sample):
            told.add(where)
            value = value_at({_ROOT: changed}, steps)
            is_new = steps[-1] == _UNKNOWN
            what = f"`{where}` may be {_words(value)}" if not is_new else _more(steps)
            place = head.contracts.place(new)
            yield Weakness("contract", new, what, place, "a document that it refused before")


def _more(steps: Steps) -> str:
    above = _text(steps[:-1])
    return f"`{above}` may hold any field" if above else "it may hold any field"


def _variations(samples: list[object]) -> Iterator[tuple[object, Steps, object]]:
    """Each sample, changed in one place: where, and what it is then."""
    for sample in samples:
        whole = {_ROOT: sample}
        for steps, value in _everything(whole, ()):
            more = [Flip((*steps, _UNKNOWN), value=1)] if isinstance(value, Mapping) else []
            others = _others(value) if len(steps) > 1 else []
            for flip in (*(Flip(steps, other) for other in others), *more):
                yield sample, flip.path, flipped(whole, (flip,))[_ROOT]


def _everything(value: object, steps: Steps) -> Iterator[tuple[Steps, object]]:
    if steps:
        yield steps, value
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from _everything(child, (*steps, key))
    elif isinstance(value, list):
        for index, child in enumerate(value[:_MOST_ELEMENTS]):
            yield from _everything(child, (*steps, index))


def _others(value: object) -> list[object]:
    """What could stand for a value, and a contract mostly refuses."""
    others: list[object] = [GONE, None, True, "", " ", "other", "\n", "x" * _LONG, [], -1, 0]
    if not isinstance(value, Mapping):
        others.append({})  # of a mapping, its keys are left out one by one
    if isinstance(value, bool):
        others += [not value, "true"]
    elif isinstance(value, int | float):
        others += [value + 1, value - 1, 1.5, 10**9]
    elif isinstance(value, str):
        others += [value.upper(), f"{value} ", f"{value}x", 1]
    elif isinstance(value, list) and value:
        others += [[*value, value[0]], [value[0]]]
    return others


def _text(steps: Steps) -> str:
    """A path without the position in a list: what goes for one element goes for all."""
    text = ""
    for step in steps[1:]:
        text += "[]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _words(value: object) -> str:
    if value is GONE:
        return "left out"
    if isinstance(value, str) and len(value) >= _LONG:
        return f"a text of {_LONG:,} letters"
    if isinstance(value, dict):
        return "a mapping"
    return f"`{json.dumps(value)}`" if not isinstance(value, list) else "another list"
