"""The C++ engine as a second opinion, where `cel-expr-python` is installed."""

from __future__ import annotations

import base64
import datetime as dt
from typing import TYPE_CHECKING, Any

from cel_expr_python import cel  # type: ignore[import-not-found, import-untyped, unused-ignore]
from cel_expr_python.ext import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    ext_bindings,
    ext_encoders,
    ext_math,
    ext_optional,
    ext_strings,
)

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
