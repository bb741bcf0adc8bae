"""How often one value may be looked at: alternatives of alternatives double with each level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bfg_policy.contracts.formats import matches
from bfg_policy.contracts.keywords import SUFFIX, Path, Schema, every, pointer
from bfg_policy.source.limits import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The contracts that people write need some dozens; a document holds up to a million values.
MOST_WAYS = 1_000
# A contract of a megabyte can be a puzzle of its own: one that takes more steps is refused, too.
_MOST_STEPS = 2_000_000
_STEPS_A_MATCH = 20
# Keywords whose schemas are about the very value that the schema itself is about.
_ONE = ("else", "if", "not", "then")
_SEVERAL = ("allOf", "anyOf", "oneOf")
# A part of a value is `.name` or `[index`; these two are all others of the kind.
_FIELDS, _ITEMS = ".", "["

Found = tuple[str, Any]


def too_many_ways(contracts: Mapping[str, Schema]) -> tuple[str, Path] | None:
    """Where a schema makes a validator look at one value more than `MOST_WAYS` times.

    contracts: a contract and all that it refers to, by name. The value may be the one that the
    schema is about, or lie in it as deep as documents go. Gives the name of the contract and the
    path in it; None where all is well.
    """
    ways = _Ways(contracts)
    places = [
        (name, path, schema)
        for name, contract in contracts.items()
        for path, schema in every(contract)
    ]
    for name, _, schema in places:
        ways.add(name, schema)
    many = ways.first_too_many()
    return next(((name, path) for name, path, each in places if id(each) == many), None)


class _Ways:
    """Counts for each schema how often it has one value looked at, one level of depth at a time."""

    def __init__(self, contracts: Mapping[str, Schema]) -> None:
        self._contracts = contracts
        # Of each schema by identity: those that are about the same value, and those that are about
        # a part of it, by that part. What a schema applies comes before the schema itself.
        self._same: dict[int, list[int]] = {}
        self._parts: dict[int, list[tuple[str, int]]] = {}
        self._order: list[int] = []
        self._steps = 0

    def add(self, name: str, schema: Schema) -> None:
        """Take in a schema, and all that it applies to the same value."""
        if id(schema) in self._same:
            return
        waiting = [(schema, self._take_in(name, schema))]
        while waiting:
            found, rest = waiting[-1]
            below = next(rest, None)
            if below is None:
                waiting.pop()
                self._order.append(id(found))
            elif id(below[1]) not in self._same:
                waiting.append((below[1], self._take_in(*below)))

    def first_too_many(self) -> int | None:
        """The identity of a schema that has a value looked at too often; None without one."""
        if self._steps > _MOST_STEPS:
            return self._order[-1]
        here = dict.fromkeys(self._order, 0)
        for found in self._order:
            here[found] = 1 + sum(here[each] for each in self._same[found])
            if here[found] > MOST_WAYS:
                return found
        for _ in range(MAX_DEPTH):
            deeper = self._one_deeper(here)
            if isinstance(deeper, int):
                return deeper
            if deeper == here or not any(deeper.values()):
                return None
            here = deeper
        return None

    def _one_deeper(self, here: Mapping[int, int]) -> dict[int, int] | int:
        """How often a value is looked at that lies one level deeper; or where that is too often.

        here: how often one is at the level itself, by schema.
        """
        deeper: dict[int, int] = {}
        by_part: dict[int, dict[str, int]] = {}
        for found in self._order:
            counts = _own(self._parts[found], here)
            for same in self._same[found]:
                counts = _sum(counts, by_part.get(same, {}))
                self._steps += len(counts)
            deeper[found] = max(counts.values(), default=0)
            self._steps += 1 + len(self._parts[found])
            if deeper[found] > MOST_WAYS or self._steps > _MOST_STEPS:
                return found
            by_part[found] = counts
        return deeper

    def _take_in(self, name: str, schema: Schema) -> Iterator[Found]:
        same = [each for each in self._about_the_same(name, schema) if isinstance(each[1], dict)]
        self._same[id(schema)] = [id(each) for _, each in same]
        # Which of its patterns speak of which of its fields is tried out, one by one.
        fields, patterns = schema.get("properties"), schema.get("patternProperties")
        self._steps += _STEPS_A_MATCH * len(_named(fields)) * len(_named(patterns))
        self._parts[id(schema)] = [
            (part, id(each))
            for part, each in (_about_parts(schema) if self._steps <= _MOST_STEPS else ())
            if isinstance(each, dict)
        ]
        return iter(same)

    def _about_the_same(self, name: str, schema: Schema) -> Iterator[Found]:
        """The schemas that are applied to the same value, each with its contract's name."""
        for keyword in _ONE:
            yield name, schema.get(keyword)
        for keyword in _SEVERAL:
            for each in _listed(schema.get(keyword)):
                yield name, each
        for each in _named(schema.get("dependentSchemas")).values():
            yield name, each
        ref = schema.get("$ref")
        if isinstance(ref, str):
            file, _, fragment = ref.partition("#")
            target = file.removesuffix(SUFFIX) or name
            if target in self._contracts:
                yield target, pointer(self._contracts[target], fragment)


def _own(parts: list[tuple[str, int]], here: Mapping[int, int]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part, each in parts:
        counts[part] = counts.get(part, 0) + here[each]
    return counts


def _sum(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    """Both together; a part that one of them does not name is one of its others."""
    if not left or not right:
        return dict(left or right)
    return {
        part: left.get(part, left.get(part[0], 0)) + right.get(part, right.get(part[0], 0))
        for part in {**left, **right}
    }


def _about_parts(schema: Schema) -> Iterator[tuple[str, Any]]:
    """The schemas that are applied to fields and items, by the field or item."""
    named = _named(schema.get("properties"))
    patterns = _named(schema.get("patternProperties"))
    for field, each in named.items():
        yield f"{_FIELDS}{field}", each
        for pattern, other in patterns.items():
            if matches(pattern, field):
                yield f"{_FIELDS}{field}", other
    for each in patterns.values():
        yield _FIELDS, each
    yield _FIELDS, schema.get("additionalProperties")
    yield _FIELDS, schema.get("unevaluatedProperties")
    listed, every_item = _listed(schema.get("prefixItems")), schema.get("contains")
    for index, each in enumerate(listed):
        yield f"{_ITEMS}{index}", each
        yield f"{_ITEMS}{index}", every_item
    for each in (schema.get("items"), schema.get("unevaluatedItems"), every_item):
        yield _ITEMS, each


def _listed(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _named(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}
