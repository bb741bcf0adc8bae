"""The reference evaluator: one Python closure for each node, exact about every failure.

`closure(node, scope)` gives a function of a `Frame`. Whatever cannot be computed raises
`CelEvaluationError` with the place in the rule and the path in the data. `&&`, `||`, `all` and
`exists` absorb such errors in both orders, as CEL wants; an error over the budget is absorbed by
nothing. The generated functions of `codegen` must do exactly what stands here.
"""

from __future__ import annotations

from bfg_policy.cel import syntax
from bfg_policy.cel.closures import calls, fields, macros, operators
from bfg_policy.cel.closures.base import BUILDERS, closure, evaluate
from bfg_policy.cel.closures.macros import bound_local

BUILDERS.update(
    {
        syntax.Literal: fields.literal_node,
        syntax.Ident: fields.ident_node,
        syntax.Select: fields.select_node,
        syntax.Has: fields.has_node,
        syntax.Index: fields.index_node,
        syntax.ListLiteral: fields.list_node,
        syntax.MapLiteral: fields.map_node,
        syntax.Unary: operators.unary_node,
        syntax.Binary: operators.binary_node,
        syntax.Logic: operators.logic_node,
        syntax.Conditional: operators.conditional_node,
        syntax.Call: calls.call_node,
        syntax.Comprehension: macros.comprehension_node,
        syntax.Bind: macros.bind_node,
        syntax.OptMap: macros.opt_map_node,
    }
)

__all__ = ["bound_local", "closure", "evaluate"]
