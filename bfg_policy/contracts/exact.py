"""jsonschema's validator with keywords of our own: linear-time patterns, one error a mistake.

The message of an error is not for people: where a key is to blame, it is that key. Imported only
when something is wrong, for it is slow to import.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from bfg_policy.contracts.formats import CHECKS, matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORMAT_CHECKER = FormatChecker(formats=())
for _name, _check in CHECKS.items():
    FORMAT_CHECKER.checks(_name)(_check)

_IN_PLACE_ONE = ("if", "then", "else")
_IN_PLACE_SEVERAL = ("allOf", "anyOf", "oneOf")


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not matches(pattern, instance):
        yield ValidationError("")


def _required(_: Any, required: list[str], instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for name in required:
            if name not in instance:
                yield ValidationError(name)


def _dependent_required(
    _: Any, required: Mapping[str, list[str]], instance: Any, __: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for present, names in required.items():
            for name in names if present in instance else ():
                if name not in instance:
                    yield ValidationError(name)


def _property_names(validator: Any, names: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for key in instance:
            errors = list(validator.descend(key, names))
            if errors:
                yield ValidationError(key, context=errors)


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], instance: Any, _: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for pattern, schema in patterns.items():
            for key in instance:
                if matches(pattern, key):
                    yield from _field(validator, schema, instance, key)


def _properties(
    validator: Any, properties: Mapping[str, Any], instance: Any, _: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for key, schema in properties.items():
            if key in instance:
                yield from _field(validator, schema, instance, key)


def _additional_properties(
    validator: Any, schema_of_others: Any, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        own = _own_names(schema, instance)
        for key in instance:
            if key not in own:
                yield from _field(validator, schema_of_others, instance, key)


def _unevaluated_properties(
    validator: Any, schema_of_others: Any, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        evaluated = _evaluated(validator, schema, instance)
        for key in instance:
            if key not in evaluated:
                yield from _field(validator, schema_of_others, instance, key)


def _field(validator: Any, schema: Any, instance: Any, key: str) -> Iterator[ValidationError]:
    """The errors of a field; one that may not be there at all is one error, by its key."""
    if schema is False:
        yield ValidationError(key)
    else:
        yield from validator.descend(instance[key], schema, path=key)


def _own_names(schema: Mapping[str, Any], instance: Mapping[str, Any]) -> set[str]:
    """The keys of the instance that `properties` and `patternProperties` speak of."""
    names: set[str] = instance.keys() & schema.get("properties", {}).keys()
    for pattern in schema.get("patternProperties", ()):
        names |= {key for key in instance if matches(pattern, key)}
    return names


def _evaluated(validator: Any, schema: Any, instance: Mapping[str, Any]) -> set[str]:
    """The keys that some subschema has looked at (JSON Schema 2020-12 core, 11.3)."""
    if not isinstance(schema, dict):
        return set()
    if "additionalProperties" in schema:
        return set(instance)
    names = _own_names(schema, instance)
    if "$ref" in schema:
        resolved = validator._resolver.lookup(schema["$ref"])  # noqa: SLF001  (as jsonschema does)
        inner = validator.evolve(schema=resolved.contents, _resolver=resolved.resolver)
        names |= _evaluated(inner, resolved.contents, instance) | _rest(resolved.contents, instance)
    for found in _in_place(validator, schema, instance):
        names |= _evaluated(validator, found, instance) | _rest(found, instance)
    return names


def _rest(schema: Any, instance: Mapping[str, Any]) -> set[str]:
    """All keys, where a subschema has taken what was left for itself."""
    return (
        set(instance) if isinstance(schema, dict) and "unevaluatedProperties" in schema else set()
    )


def _in_place(validator: Any, schema: Mapping[str, Any], instance: Any) -> Iterator[Any]:
    """The subschemas that apply to the instance itself, and accept it."""
    candidates = [found for key in _IN_PLACE_SEVERAL for found in schema.get(key, ())]
    candidates += [
        found for key, found in schema.get("dependentSchemas", {}).items() if key in instance
    ]
    if "if" in schema:
        holds = validator.evolve(schema=schema["if"]).is_valid(instance)
        branch = schema.get("then" if holds else "else")
        candidates += [schema["if"]] if holds else []
        candidates += [] if branch is None else [branch]
    for found in candidates:
        if validator.evolve(schema=found).is_valid(instance):
            yield found


def _items(
    validator: Any, items: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """The errors of a list's items. Equal items have equal errors: each value is tried once."""
    if not isinstance(instance, list):
        return
    if items is False:
        yield from Draft202012Validator.VALIDATORS["items"](validator, items, instance, schema)
        return
    sound: set[str] = set()
    for index in range(len(schema.get("prefixItems", ())), len(instance)):
        item = instance[index]
        known = _canonical(item) if isinstance(item, str | int | float | None) else None
        if known is not None and known in sound:
            continue
        errors = list(validator.descend(item, items, path=index))
        if errors:
            yield from errors
        elif known is not None:
            sound.add(known)


def _unique_items(
    _: Any,
    unique: bool,  # noqa: FBT001 - jsonschema's signature
    instance: Any,
    __: Any,
) -> Iterator[ValidationError]:
    """An error at each item that stood before; its message is the first one's index."""
    if unique and isinstance(instance, list):
        seen: dict[str, int] = {}
        for index, item in enumerate(instance):
            first = seen.setdefault(_canonical(item), index)
            if first != index:
                yield ValidationError(str(first), path=[index])


def _canonical(value: Any) -> str:
    """The same text for what JSON Schema holds to be equal: 1 and 1.0, but not 1 and true."""
    if isinstance(value, dict):
        inner = ",".join(f"{json.dumps(key)}:{_canonical(value[key])}" for key in sorted(value))
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_canonical, value))}]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value)


Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "additionalProperties": _additional_properties,
        "dependentRequired": _dependent_required,
        "items": _items,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "properties": _properties,
        "propertyNames": _property_names,
        "required": _required,
        "unevaluatedProperties": _unevaluated_properties,
        "uniqueItems": _unique_items,
    },
)
