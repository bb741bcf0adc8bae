"""jsonschema's errors to mistakes: one for each thing that somebody has to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.contracts import words
from bfg_policy.contracts.alternatives import meant_by
from bfg_policy.contracts.formats import matches
from bfg_policy.contracts.mistake import (
    CHOICES,
    Mistake,
    SchemaError,
    choices_of,
    description_of,
    path_of,
    wrong_choice,
    wrong_type,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# Keywords that have an error of their own only for a field that may not be there.
_FIELDS = ("additionalProperties", "patternProperties", "properties", "unevaluatedProperties")


def mistakes_of(error: SchemaError) -> Iterator[Mistake]:
    """What one error of jsonschema comes from."""
    keyword = error.validator
    if keyword in {"anyOf", "oneOf"}:
        for meant in meant_by(error):
            yield from (meant,) if isinstance(meant, Mistake) else mistakes_of(meant)
    elif keyword in _FIELDS:
        yield Mistake("unknown", path_of(error), (error.message,), str(keyword))
    elif keyword in {"required", "dependentRequired"}:
        yield Mistake("missing", path_of(error), (error.message,))
    elif keyword == "propertyNames":
        yield _key(error)
    elif keyword == "type":
        types = error.validator_value
        expected = [types] if isinstance(types, str) else types
        yield wrong_type(error, map(words.type_in_words, expected))
    elif keyword in CHOICES:
        yield wrong_choice(error, choices_of(error))
    else:
        yield _wrong_value(error)


def _key(error: SchemaError) -> Mistake:
    key = error.message
    choices = [inner for inner in error.context or () if inner.validator in CHOICES]
    if choices:
        return Mistake("unknown", path_of(error), (key,), allowed=choices_of(choices[0]))
    inner = next(iter(error.context or ()), None)
    limit = inner is not None and inner.validator in {"minLength", "maxLength"}
    what = _of_limits(inner) if inner is not None and limit else "is not of the form that is due"
    own = None if inner is None else description_of(inner)
    is_form = inner is not None and inner.validator == "pattern"
    mended = _mended(key, inner.validator_value) if inner is not None and is_form else None
    return Mistake("key", path_of(error), (key,), message=what, hint=own, mended=mended)


# The keywords of values, in the order in which one of them speaks for all at one place.
_RANKS = {
    keyword: rank
    for rank, keyword in enumerate(
        (
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "minProperties",
            "maxProperties",
            "uniqueItems",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "pattern",
            "format",
        ),
        start=2,
    )
}


def _wrong_value(error: SchemaError) -> Mistake:
    path, keyword, value = path_of(error), str(error.validator), error.instance
    rank = _RANKS.get(keyword, len(_RANKS) + 2)
    related, mended = None, None
    if keyword == "uniqueItems":
        first = (*path[:-1], int(error.message))
        related = first
        message = "says the same as an earlier item of its list"
    elif keyword in {"pattern", "format"}:
        message = f"is `{words.shown(value)}`, which is not of the form that is due"
        in_list = bool(path) and isinstance(path[-1], int)
        if keyword == "pattern":
            mended = _mended(value, error.validator_value, in_list=in_list)
    elif keyword in _RANKS:
        message = _of_limits(error)
    else:
        message = "does not fit its contract"
    return Mistake(
        "value",
        path,
        message=message,
        value=value,
        rank=rank,
        related=related,
        hint=description_of(error),
        mended=mended,
    )


def _mended(value: str, pattern: str, *, in_list: bool = False) -> str | None:
    """The value in other letters, or with other signs between its words, where the pattern takes
    that; in a list, its words one by one where each of them is a name of several words.
    """
    small = value.strip().lower()
    parts = value.split()
    if in_list and len(parts) > 1 and all(_is_whole(part, pattern) for part in parts):
        return ", ".join(parts)
    words_only = small.replace("_", " ").replace("-", " ").split()
    joined = ("-".join(small.replace("_", " ").split()), "_".join(words_only))
    capitals = (value.strip().upper(), "_".join(value.upper().split()))
    for candidate in (value.strip(), small, *joined, *capitals):
        if candidate != value and matches(pattern, candidate):
            return candidate
    return None


def _is_whole(word: str, pattern: str) -> bool:
    return any(sign in word for sign in "-_/.") and matches(pattern, word)


_UNITS = {"Length": "characters", "Items": "items", "Properties": "fields"}


def _of_limits(error: SchemaError) -> str:
    keyword, limit, value = str(error.validator), error.validator_value, error.instance
    if keyword == "multipleOf":
        return f"is {words.shown(value)} and should be a multiple of {limit}"
    unit = next((_UNITS[part] for part in _UNITS if keyword.endswith(part)), None)
    least = "inimum" in keyword or keyword.startswith("min")
    side = "at least" if least else "at most"
    if keyword.startswith("exclusive"):
        side = "more than" if least else "less than"
    if unit is None:
        return f"is {words.shown(value)} and should be {side} {limit:,}"
    if not value and limit == 1:
        return "is empty"
    long = " long" if unit == "characters" else ""
    return (
        f"is {len(value):,} {unit}{long} and should be {side} {limit:,}"
        if long
        else (f"has {len(value):,} {unit} and should have {side} {limit:,}")
    )
