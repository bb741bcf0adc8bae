"""A mistake in a document, and how jsonschema's errors about one value become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from bfg_policy.contracts import words
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bfg_policy.contracts.keywords import Path

Kind = Literal["unknown", "missing", "type", "choice", "value", "key"]

CHOICES = ("const", "enum")


class SchemaError(Protocol):
    """What of a `jsonschema.exceptions.ValidationError` is read here."""

    validator: Any
    validator_value: Any
    instance: Any
    schema: Any
    message: str
    path: Any
    absolute_path: Any
    schema_path: Any
    context: Any


class Mistake(NamedTuple):
    """Something that is wrong at a path.

    unknown: a field, `names[0]`, that may not be there. missing: a field that is not there; any
    of `names` would do. key: a key that may not look like that. type, choice, value: what stands
    at the path; of these the one with the lowest rank speaks for all at its path.
    message: the rest of the sentence that begins with the name of the field. expected: types in
    words. allowed: the values of a
    related: the path of a second place.
    """

    kind: Kind
    path: Path
    names: tuple[str, ...] = ()
    message: str = ""
    expected: tuple[str, ...] = ()
    allowed: tuple[object, ...] = ()
    value: object = None
    rank: int = 0
    related: Path | None = None
    hint: str | None = None
    mended: str | None = None


def path_of(error: SchemaError) -> Path:
    """The path of the value that an error is about."""
    return tuple(error.absolute_path)


def choices_of(error: SchemaError) -> tuple[object, ...]:
    """The values that a `const` or an `enum` allows."""
    value = error.validator_value
    return (value,) if error.validator == "const" else tuple(value)


def wrong_type(error: SchemaError, expected: Iterable[str]) -> Mistake:
    """A value of another type than the expected ones."""
    listed = tuple(dict.fromkeys(expected))
    return Mistake("type", path_of(error), expected=listed, value=error.instance)


def wrong_choice(error: SchemaError, allowed: tuple[object, ...]) -> Mistake:
    """A value that is none of the allowed ones; of another type than all of them, a wrong type."""
    if words.type_name(error.instance) not in {words.type_name(value) for value in allowed}:
        return wrong_type(error, [f"`{words.shown(value)}`" for value in allowed[:12]])
    found = f"is `{words.shown(error.instance)}`"
    if isinstance(error.instance, (dict, list)):
        found = f"is {words.actual(error.instance)} of other content"
    if len(allowed) == 1:
        message = f"{found} and should be `{words.shown(allowed[0])}`"
    else:
        message = f"{found}, which is none of {words.listing(allowed)}"
    path = path_of(error)
    return Mistake(
        "choice",
        path,
        message=message,
        allowed=allowed,
        value=error.instance,
        rank=1,
        hint=description_of(error),
    )


def description_of(error: SchemaError) -> str | None:
    """What the schema that is not obeyed says of itself."""
    schema: Any = error.schema
    return schema.get("description") if isinstance(schema, dict) else None


def suggestion_among(value: object, allowed: Sequence[object]) -> str | None:
    """The allowed value that somebody probably meant."""
    if not isinstance(value, str):
        return None
    return closest(value, [choice for choice in allowed if isinstance(choice, str)])
