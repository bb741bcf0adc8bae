"""Values that may be shown: of a bounded size, and without what looks like a credential."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.cel import types
from bfg_policy.cel.comparing import from_key
from bfg_policy.cel.values import Duration, Optional, Timestamp, TypeValue, UInt
from bfg_policy.secrets import redact
from bfg_policy.secrets.masking import REDACTED

if TYPE_CHECKING:
    from bfg_policy.cel import Type

# Characters and parts of a value, each part counted as one character.
MOST_SHOWN = 4_000_000
_BYTES = "latin-1"  # reads any bytes, and ASCII as what it is

_OF_CLASS: dict[type, Type] = {
    type(None): types.NULL,
    bool: types.BOOL,
    int: types.INT,
    UInt: types.UINT,
    float: types.DOUBLE,
    str: types.STRING,
    bytes: types.BYTES,
    Timestamp: types.TIMESTAMP,
    Duration: types.DURATION,
    TypeValue: types.TYPE,
}


def is_showable(value: object) -> bool:
    """Whether a value is small enough to be shown.

    A short rule can make a list of lists of one list, which is small until it is written out.
    """
    size = 0
    waiting = [value]
    while waiting and size <= MOST_SHOWN:
        each = waiting.pop()
        size += 1
        if isinstance(each, str | bytes):
            size += len(each)
        elif isinstance(each, list):
            waiting.extend(each)
        elif isinstance(each, dict):
            waiting.extend(each)
            waiting.extend(each.values())
        elif isinstance(each, Optional):
            waiting.append(each.value)
    return size <= MOST_SHOWN


def without_secrets(value: object) -> object:
    """The same value with `[redacted]` in the place of what looks like a credential."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, bytes):
        shown = redact(text := value.decode(_BYTES))
        return value if shown == text else shown.encode(_BYTES)
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if isinstance(value, dict):
        return {_key(key): _entry(key, item) for key, item in value.items()}
    if isinstance(value, Optional) and value.filled:
        return Optional(without_secrets(value.value))
    return value


def _key(key: object) -> object:
    return redact(key) if isinstance(key, str) else key


def _entry(key: object, item: object) -> object:
    """The value of a map's entry: a key such as `password` tells what it is."""
    if isinstance(key, str) and isinstance(item, str):
        line = f"{key}: {item}"
        if redact(line) != line and redact(key) == key and redact(item) == item:
            return REDACTED
    return without_secrets(item)


def type_of_value(value: object) -> Type:
    """The type of a value, with that of its elements."""
    known = _OF_CLASS.get(type(value))
    if known is not None:
        return known
    if isinstance(value, list):
        return types.ListType(types.union(type_of_value(item) for item in value))
    if isinstance(value, dict):
        keys = types.union(type_of_value(from_key(key)) for key in value)
        return types.MapType(keys, types.union(map(type_of_value, value.values())))
    assert isinstance(value, Optional)
    return types.OptionalType(type_of_value(value.value) if value.filled else types.DYN)
