"""Which parts of a contract speak of a place in a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from bfg_policy.contracts.formats import matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bfg_policy.contracts.keywords import Path, Schema

_IN_PLACE = ("allOf", "anyOf", "oneOf")
_CONDITIONAL = ("then", "else")


class Resolving(Protocol):
    """What of the registry is needed to follow references."""

    def schema(self, name: str) -> dict[str, Any]:
        """The schema of a contract."""

    def resolve(self, name: str, ref: str) -> dict[str, Any]:
        """What a reference in a contract points to."""


def schemas_at(contracts: Resolving, name: str, path: Path) -> list[Schema]:
    """Every schema of a contract that can apply to the value at a path, nearest ones first."""
    found = list(_spread(contracts, name, contracts.schema(name)))
    for step in path:
        found = [
            schema
            for outer in found
            for inner in _step(outer, step)
            for schema in _spread(contracts, name, inner)
        ]
    return found


def allowed_fields(schemas: Sequence[Schema]) -> list[str]:
    """The names of the fields that some of the schemas know."""
    return list(dict.fromkeys(name for schema in schemas for name in schema.get("properties", ())))


def takes_boolean(schemas: Sequence[Schema]) -> bool:
    """Whether one of the schemas says in so many words that a boolean may stand there."""
    return any(
        "boolean" in _types(schema)
        or isinstance(schema.get("const"), bool)
        or any(isinstance(value, bool) for value in schema.get("enum", ()))
        for schema in schemas
    )


def description(schemas: Sequence[Schema]) -> str | None:
    """What the nearest schema that describes itself says."""
    return next((schema["description"] for schema in schemas if "description" in schema), None)


def key_description(contracts: Resolving, name: str, schemas: Sequence[Schema]) -> str | None:
    """What the schemas say of the keys of a mapping."""
    names = [schema["propertyNames"] for schema in schemas if "propertyNames" in schema]
    return description([found for schema in names for found in _spread(contracts, name, schema)])


def _types(schema: Schema) -> Sequence[str]:
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else types


def _spread(contracts: Resolving, name: str, schema: Any) -> Iterator[Schema]:
    """The schema and all that apply to the same value with it."""
    waiting, seen = [schema], set()
    while waiting:
        here = waiting.pop(0)
        if not isinstance(here, dict):
            continue
        yield here
        ref = here.get("$ref")
        if isinstance(ref, str) and ref not in seen:
            # One contract's own `#/…` and another's cannot be mixed up: resolve() names the file.
            seen.add(ref)
            waiting.append(contracts.resolve(name, ref))
        waiting += [found for keyword in _IN_PLACE for found in here.get(keyword, ())]
        waiting += [here[keyword] for keyword in _CONDITIONAL if keyword in here]
        waiting += here.get("dependentSchemas", {}).values()


def _step(schema: Schema, step: str | int) -> Iterator[Any]:
    if isinstance(step, int):
        first = schema.get("prefixItems", ())
        if step < len(first):
            yield first[step]
        elif "items" in schema:
            yield schema["items"]
        return
    known = schema.get("properties", {})
    named = [
        found for text, found in schema.get("patternProperties", {}).items() if matches(text, step)
    ]
    if step in known:
        yield known[step]
    yield from named
    if step not in known and not named:
        yield from (
            schema[keyword]
            for keyword in ("additionalProperties", "unevaluatedProperties")
            if keyword in schema
        )
