"""JSON text to plain data, the fast way; places and faults are found by `json_exact`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn

from bfg_policy.source.limits import MAX_DEPTH, MAX_NODES
from bfg_policy.source.nodes import Document, Node
from bfg_policy.source.scalars import MAX_INT, MIN_INT

if TYPE_CHECKING:
    from bfg_policy.source.text import Text

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _Refused(ValueError):
    """The fast reader met something that the exact one has to explain."""


def read_json(source: Text) -> Document:
    """The document of a JSON text (RFC 8259); raises SourceError with all that is wrong with it.

    An object at the top, no duplicate keys, numbers within 64 bits, no lone surrogates or NUL.
    """
    data = _fast(source.text)
    if data is None:
        data, node = _exact(source)
        return Document(source, data, node)
    return Document(source, data, lambda: _exact(source)[1])


def _exact(source: Text) -> tuple[dict[str, object], Node]:
    from bfg_policy.source.json_exact import Reader

    return Reader(source).document()


def _fast(text: str) -> dict[str, object] | None:
    """The data of a JSON text without any fault, by the standard library; else None."""
    if "\\u0000" in text:
        return None
    try:
        data = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_int,
            parse_float=_float,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(data, dict) or not _is_bounded(data):
        return None
    return None if _SURROGATE.search(text) and _holds_surrogates(data) else data


def _holds_surrogates(data: object) -> bool:
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Refused
    return made


def _int(digits: str) -> int:
    if len(digits) < len(str(MAX_INT)):
        return int(digits)
    value = int(digits)
    if not MIN_INT <= value <= MAX_INT:
        raise _Refused
    return value


def _float(digits: str) -> float:
    value = float(digits)
    if value in {float("inf"), float("-inf")}:
        raise _Refused
    return value


def _refuse(_: str) -> NoReturn:
    raise _Refused


def _is_bounded(data: object) -> bool:
    """Whether the depth and the number of values are within their limits."""
    level, count = [data], 1
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for holder in level:
            values = holder.values() if isinstance(holder, dict) else holder
            count += len(values)  # type: ignore[arg-type]
            below += [value for value in values if type(value) in {dict, list}]  # type: ignore[attr-defined]
        if not below:
            return count <= MAX_NODES
        level = below
    return False
