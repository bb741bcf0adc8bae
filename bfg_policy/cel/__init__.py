"""The rule language: the Common Expression Language over JSON-like data.

A rule goes through `parse` (text to a tree), `check` (against the types that JSON Schema
contracts give to the variables) and `program` (something that runs). The package stands alone:
it knows nothing of gates, files or findings.
"""

from __future__ import annotations

from bfg_policy.cel.check import check
from bfg_policy.cel.errors import CelEvaluationError, CelProblem, CelSyntaxError
from bfg_policy.cel.explain import Reason, explain
from bfg_policy.cel.parser import MAX_DEPTH, MAX_LENGTH, parse
from bfg_policy.cel.program import BUDGET, Program, program
from bfg_policy.cel.schema import from_schema
from bfg_policy.cel.syntax import Expr
from bfg_policy.cel.types import BOOL, DYN, Type, list_type, map_type, object_type

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
]
