"""The rule language: the Common Expression Language over JSON-like data.

A rule goes through `parse` (text to a tree), `check` (against the types that JSON Schema
contracts give to the variables) and `program` (something that runs); `explain` tells why one is
false. The package stands alone: it knows nothing of gates, files or findings.

To read it, begin with `syntax` and `parser`, then `closures`, which says what every node means;
`codegen` is the same once more, for speed, and `checker` is what is known before anything runs.
"""

from __future__ import annotations

from bfg_policy.cel.errors import CelEvaluationError, CelProblem, CelSyntaxError
from bfg_policy.cel.parser import MAX_DEPTH, MAX_LENGTH, parse
from bfg_policy.cel.program import BUDGET, Program, program
from bfg_policy.cel.syntax import Expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bfg_policy.cel.checking.checker import check, type_of
    from bfg_policy.cel.explanation import Reason, explain
    from bfg_policy.cel.schema import from_schema
    from bfg_policy.cel.types import BOOL, DYN, Type, list_type, map_type, object_type

#: What a rule that only runs does not need: imported when it is first asked for.
_LATER = {
    "check": "checking.checker",
    "type_of": "checking.checker",
    "Reason": "explanation",
    "explain": "explanation",
    "from_schema": "schema",
    "BOOL": "types",
    "DYN": "types",
    "Type": "types",
    "list_type": "types",
    "map_type": "types",
    "object_type": "types",
}


def __getattr__(name: str) -> object:
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(name)
    from importlib import import_module

    value: object = getattr(import_module(f"bfg_policy.cel.{module}"), name)
    globals()[name] = value
    return value


__all__ = [
    "BOOL",
    "BUDGET",
    "DYN",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "CelEvaluationError",
    "CelProblem",
    "CelSyntaxError",
    "Expr",
    "Program",
    "Reason",
    "Type",
    "check",
    "explain",
    "from_schema",
    "list_type",
    "map_type",
    "object_type",
    "parse",
    "program",
    "type_of",
]
