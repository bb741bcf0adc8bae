"""The C++ engine as a second opinion, where `cel-expr-python` is installed.

`python -m tests.cel.oracle SEED COUNT` compares random programs and prints the differences that
are not known to be the other engine's. It runs as a process of its own, because that engine gives
back a reference to None too many with every null and takes the interpreter down at its end.
"""

from __future__ import annotations

import base64
import datetime as dt
import os
import re
import sys
from typing import TYPE_CHECKING, Any

from cel_expr_python import cel  # type: ignore[import-not-found, import-untyped, unused-ignore]
from cel_expr_python.ext import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    ext_bindings,
    ext_encoders,
    ext_math,
    ext_optional,
    ext_strings,
)

from bfg_policy.cel import CelEvaluationError, parse, program
from bfg_policy.cel.values import Duration, Timestamp, UInt
from tests.cel.adapter import same, to_typed
from tests.cel.fuzz import Programs, data, seeded

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXTENSIONS = (
    ext_bindings.ExtBindings,
    ext_encoders.ExtEncoders,
    ext_math.ExtMath,
    ext_optional.ExtOptional,
    ext_strings.ExtStrings,
)
_INFINITIES = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
#: The binding gives back one reference to None too many with every null.
_SPARE_NONES = [None] * 2_000_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Oracle:
    """Evaluates programs over one variable `s`."""

    def __init__(self) -> None:
        extensions = [extension() for extension in _EXTENSIONS]
        self.env = cel.NewEnv(variables={"s": cel.Type.DYN}, extensions=extensions)

    def evaluate(self, text: str, bindings: Mapping[str, object]) -> dict[str, Any] | None:
        """A typed value, `{"error": message}`, or None where it does not take the text."""
        try:
            compiled = self.env.compile(text, disable_check=True)
        except Exception:
            return None
        try:
            value = compiled.eval(data=dict(bindings))
        except Exception as error:
            return {"error": str(error)}
        return _typed(value)


def _typed(value: Any) -> dict[str, Any]:
    name = value.type().name().partition("<")[0]
    plain = value.value()
    match name:
        case "ERROR":
            return {"error": str(plain)}
        case "NULL":
            return {"null": None}
        case "BOOL" | "STRING":
            return {name.lower(): plain}
        case "INT" | "UINT":
            return {name.lower(): str(plain)}
        case "DOUBLE":
            return {"double": _INFINITIES.get(repr(plain), repr(plain))}
        case "BYTES":
            return {"bytes": base64.b64encode(plain).decode()}
        case "LIST":
            return {"list": [_typed(item) for item in plain]}
        case "MAP":
            return {"map": [[_key(key), _typed(item)] for key, item in plain.items()]}
        case "TIMESTAMP":
            return {"micros": (plain - _EPOCH) // dt.timedelta(microseconds=1)}
        case "DURATION":
            return {"micros": plain // dt.timedelta(microseconds=1)}
        case _:
            return {"other": name}


def _key(key: Any) -> dict[str, Any]:
    if isinstance(key, bool):
        return {"bool": key}
    return {"string": key} if isinstance(key, str) else {"int": str(key)}


#: It does not have the macros with two names; ours are those of the official cases.
_TWO_NAMES = re.compile(r"\.(all|exists|existsOne)\(x\d+, x\d+,")

#: What the other engine is known to do differently. Each line says whose business it is.
_KNOWN = {
    # `optMap` or `cel.bind` beside a macro may read the macro's variable in place of its own: a
    # fault of theirs.
    "a name beside a macro": (
        r"(?s)(?=.*(optMap|cel\.bind))(?=.*\.(all|exists|exists_one|map|filter)\()"
    ),
    # `string()` of an infinity or of part of a second: the definition leaves the form open.
    "texts of numbers and times": r"string\(",
    # It converts bools to numbers, which the definition does not.
    "numbers of bools": r"\b(int|uint|double)\(",
}


def differences(seed: int, count: int) -> tuple[list[str], dict[str, int]]:
    """The programs on which the engines differ, and how many were compared or passed over."""
    rng = seeded(seed)
    programs, oracle = Programs(rng), Oracle()
    found: list[str] = []
    counts = {"compared": 0, "known": 0}
    for _ in range(count):
        text, bindings = programs.program(), data(rng)
        theirs = None if _TWO_NAMES.search(text) else oracle.evaluate(text, bindings)
        ours = _ours(text, bindings)
        if theirs is None or _agree(text, ours, theirs):
            counts["compared"] += theirs is not None
        elif any(re.search(pattern, text) for pattern in _KNOWN.values()):
            counts["known"] += 1
        else:
            found.append(f"{text}\n  {bindings}\n  ours {ours}\n  theirs {theirs}")
    return found, counts


def _ours(text: str, bindings: dict[str, object]) -> dict[str, Any]:
    try:
        return _plain(program(parse(text)).evaluate(bindings))
    except CelEvaluationError as error:
        return {"error": error.kind}


#: By words of their messages, the kinds of error that mean the same in both engines.
_THEIR_KINDS = {
    "Key not found": "missing",
    "No matching overload": "type",
    "divide by zero": "division",
    "modulus by zero": "division",
    "integer overflow": "overflow",
    "index out of bounds": "index",
}
#: Where one of several errors is told, engines may choose differently.
_CHOICE = re.compile(r"&&|\|\||\?|\.(all|exists|exists_one|map|filter)\(")


def _agree(text: str, ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    if "error" not in ours or "error" not in theirs:
        return "error" not in ours and "error" not in theirs and same(ours, theirs)
    kinds = [kind for words, kind in _THEIR_KINDS.items() if words in theirs["error"]]
    return not kinds or ours["error"] == kinds[0] or _CHOICE.search(text) is not None


def _plain(value: object) -> dict[str, Any]:
    """A typed value as that engine tells it: times to the microsecond, keys without `u`."""
    if isinstance(value, Timestamp | Duration):
        return {"micros": value.ns // 1000}
    if isinstance(value, list):
        return {"list": [_plain(item) for item in value]}
    if isinstance(value, dict):
        keys = [int(key) if isinstance(key, UInt) else key for key in value]
        typed = to_typed(dict.fromkeys(keys))["map"]
        return {
            "map": [
                [key, _plain(item)] for (key, _), item in zip(typed, value.values(), strict=True)
            ]
        }
    return to_typed(value)


def main() -> None:
    """Prints the differences; the exit status says whether there are any."""
    found, counts = differences(int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write("\n".join([*found, f"{counts}", ""]))
    sys.stdout.flush()
    # The ordinary end would free None.
    os._exit(1 if found else 0)


if __name__ == "__main__":
    main()
