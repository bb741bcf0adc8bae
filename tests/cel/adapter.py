"""Runs conformance cases: one JSON case a line on stdin, one JSON answer a line on stdout.

As a function, `tests.cel.adapter:answer` takes a case and returns its answer. A case has `expr`,
`bindings` (typed values by variable name) and maybe `container`; the answer is a typed value,
`{"error": …}`, `{"other": …}` or `{"crash": …}`.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from bfg_policy.cel import CelEvaluationError, CelSyntaxError, parse, program
from bfg_policy.cel.comparing import as_new_key, from_key
from bfg_policy.cel.errors import path_text
from bfg_policy.cel.times import (
    duration_text,
    parse_duration,
    parse_timestamp,
    timestamp_text,
)
from bfg_policy.cel.values import (
    Duration,
    Timestamp,
    TypeValue,
    UInt,
)

Typed = Mapping[str, Any]

_INFINITIES = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}


def answer(case: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one case; nothing but a crash of the engine itself is a `crash`."""
    try:
        bindings = {name: from_typed(value) for name, value in case["bindings"].items()}
        expr = parse(case["expr"])
        compiled = program(expr, variables=bindings, container=case.get("container", ""))
        return to_typed(compiled.evaluate(bindings))
    except CelSyntaxError as error:
        return {"error": error.problem.message}
    except CelEvaluationError as error:
        where = "" if error.keys is None else f" ({path_text(error.keys)})"
        return {"error": f"{error.kind}: {error.message}{where}"}
    except Exception as error:
        return {"crash": f"{type(error).__name__}: {error}"}


def from_typed(typed: Typed) -> object:
    """A value of the engine from a typed value of the protocol."""
    ((kind, value),) = typed.items()
    match kind:
        case "int":
            return int(value)
        case "uint":
            return UInt(value)
        case "double":
            return float(value)
        case "bytes":
            return base64.b64decode(value)
        case "list":
            return [from_typed(item) for item in value]
        case "map":
            return {as_new_key(from_typed(key)): from_typed(item) for key, item in value}
        case "type":
            return TypeValue(value)
        case "timestamp":
            return parse_timestamp(value)
        case "duration":
            return parse_duration(value)
        case _:
            return value


_WRITERS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    type(None): ("null", lambda value: value),
    bool: ("bool", bool),
    UInt: ("uint", lambda value: str(int(value))),
    int: ("int", str),
    float: ("double", lambda value: _INFINITIES.get(repr(value), repr(value))),
    str: ("string", str),
    bytes: ("bytes", lambda value: base64.b64encode(value).decode()),
    list: ("list", lambda value: [to_typed(item) for item in value]),
    dict: (
        "map",
        lambda value: [[to_typed(from_key(key)), to_typed(item)] for key, item in value.items()],
    ),
    TypeValue: ("type", lambda value: value.name),
    Timestamp: ("timestamp", timestamp_text),
    Duration: ("duration", duration_text),
}


def to_typed(value: object) -> dict[str, Any]:
    """A typed value of the protocol from a value of the engine."""
    kind, write = _WRITERS.get(type(value), ("other", lambda other: type(other).__name__))
    return {kind: write(value)}


def same(left: Typed, right: Typed) -> bool:
    """Whether two typed values are equal: kinds too, maps in any order, NaN equal to NaN."""
    ((kind, a),) = left.items()
    ((other, b),) = right.items()
    if kind != other:
        return False
    match kind:
        case "double":
            return float(a) == float(b) or a == b
        case "list":
            return len(a) == len(b) and all(map(same, a, b))
        case "map":
            return len(a) == len(b) and all(
                any(same(key, k) and same(value, v) for k, v in b) for key, value in a
            )
        case "timestamp" | "duration":
            return from_typed(left) == from_typed(right)
        case _:
            return bool(a == b)


def main() -> None:
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
