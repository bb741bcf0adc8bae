"""How often one value may be looked at: alternatives of alternatives double with each level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bfg_policy.contracts.keywords import SUFFIX, Path, Schema, every, pointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The contracts that people write need some hundreds; a validator tries a million in a second.
MOST_WAYS = 100_000
# Keywords whose schemas are about the very value that the schema itself is about.
_ONE = ("else", "if", "not", "then")
_SEVERAL = ("allOf", "anyOf", "oneOf")


def too_many_ways(contracts: Mapping[str, Schema]) -> tuple[str, Path] | None:
    """Where a schema makes a validator look at one value more than `MOST_WAYS` times.

    contracts: a contract and all that it refers to, by name. Gives the name of the contract and
    the path in it; None where all is well.
    """
    ways = _Ways(contracts)
    for name, contract in contracts.items():
        for path, schema in every(contract):
            if ways.of(name, schema) > MOST_WAYS:
                return name, path
    return None


class _Ways:
    """Counts, for each schema once, the schemas that are applied to one value of it."""

    def __init__(self, contracts: Mapping[str, Schema]) -> None:
        self._contracts = contracts
        self._known: dict[int, int] = {}

    def of(self, name: str, schema: Schema) -> int:
        """How many they are; of a schema that leads back to itself, those up to there."""
        waiting = [(name, schema, iter(self._applied(name, schema)))]
        self._known.setdefault(id(schema), 1)
        while waiting:
            here, found, rest = waiting[-1]
            below = next(rest, None)
            if below is None:
                waiting.pop()
                parts = self._applied(here, found)
                total = 1 + sum(self._known[id(each)] for _, each in parts)
                self._known[id(found)] = min(total, MOST_WAYS + 1)
            elif id(below[1]) not in self._known:
                self._known[id(below[1])] = 1
                waiting.append((*below, iter(self._applied(*below))))
        return self._known[id(schema)]

    def _applied(self, name: str, schema: Schema) -> list[tuple[str, Schema]]:
        return [each for each in self._direct(name, schema) if isinstance(each[1], dict)]

    def _direct(self, name: str, schema: Schema) -> Iterator[tuple[str, Any]]:
        """The schemas that are applied to the same value, each with its contract's name."""
        for keyword in _ONE:
            yield name, schema.get(keyword)
        for keyword in _SEVERAL:
            found = schema.get(keyword)
            for each in found if isinstance(found, list) else ():
                yield name, each
        named = schema.get("dependentSchemas")
        for each in named.values() if isinstance(named, dict) else ():
            yield name, each
        ref = schema.get("$ref")
        if isinstance(ref, str):
            file, _, fragment = ref.partition("#")
            target = file.removesuffix(SUFFIX) or name
            if target in self._contracts:
                yield target, pointer(self._contracts[target], fragment)
