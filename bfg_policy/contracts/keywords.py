"""The keywords of JSON Schema 2020-12 that contracts may use, and where schemas stand in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]
Path: TypeAlias = tuple[str | int, ...]

SUFFIX = ".schema.json"

# Keywords whose value is a schema, a list of schemas, or schemas by name.
ONE = frozenset(
    (
        "additionalProperties",
        "contains",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    )
)
SEVERAL = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
NAMED = frozenset(("$defs", "dependentSchemas", "patternProperties", "properties"))
_PLAIN = frozenset(
    (
        "$ref",
        "const",
        "dependentRequired",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "maxContains",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minContains",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "pattern",
        "required",
        "type",
        "uniqueItems",
    )
)
_ABOUT = frozenset(
    (
        "$comment",
        "$id",
        "$schema",
        "default",
        "deprecated",
        "description",
        "examples",
        "readOnly",
        "title",
        "writeOnly",
    )
)
KNOWN = ONE | SEVERAL | NAMED | _PLAIN | _ABOUT

# Formats are checked by functions of our own, the same ones in both validators.
FORMATS = frozenset(("date", "date-time"))


def below(schema: Schema) -> Iterator[tuple[Path, Any]]:
    """The subschemas that stand directly in a schema, with their paths in it."""
    for keyword, value in schema.items():
        if keyword in ONE:
            yield (keyword,), value
        elif keyword in SEVERAL and isinstance(value, list):
            for index, item in enumerate(value):
                yield (keyword, index), item
        elif keyword in NAMED and isinstance(value, dict):
            for name, item in value.items():
                yield (keyword, name), item


def every(schema: Schema) -> Iterator[tuple[Path, Schema]]:
    """A schema and all the schemas in it, at any depth, with their paths."""
    waiting: list[tuple[Path, Any]] = [((), schema)]
    while waiting:
        path, found = waiting.pop()
        if isinstance(found, dict):
            yield path, found
            waiting.extend((path + inner, item) for inner, item in below(found))


def pointer(root: Any, fragment: str) -> Any:
    """What a JSON pointer (RFC 6901, without `#`) names in a schema; raises KeyError."""
    found = root
    for part in fragment.split("/")[1:]:
        step = part.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (LookupError, TypeError, ValueError):
            raise KeyError(fragment) from None
    if fragment and not fragment.startswith("/"):
        raise KeyError(fragment)
    return found
