"""One Python function for each rule, straight on dicts and lists.

The function only has to be right where nothing goes wrong: it raises at anything else, and then
the closures run the rule again and say what it was, or absorb it. That is why a field is a plain
subscript and `&&` a plain `and`: whatever CEL would make an error, Python makes an exception.
Where Python would carry on (a bool is an int, a text has elements) there is a test of the class.

The source is made of this package's own words and of numbered names alone. Fields, variables and
literals of a rule come in as default arguments, so no text of a policy is ever compiled, and rules
of one shape share their code.
"""

from __future__ import annotations

from bfg_policy.cel import syntax
from bfg_policy.cel.codegen import runtime
from bfg_policy.cel.codegen.calls import Calls
from bfg_policy.cel.codegen.fields import Fields
from bfg_policy.cel.codegen.macros import Macros
from bfg_policy.cel.codegen.operators import Operators
from bfg_policy.cel.codegen.writer import WRITERS
from bfg_policy.cel.errors import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType
    from typing import Any

    from bfg_policy.cel.syntax import Expr
    from bfg_policy.cel.values import Meter

    Function = Callable[[Mapping[str, object], Meter], object]

_KEPT = 1_000
_codes: dict[str, CodeType] = {}
_FunctionType: Any = type(lambda: None)


class _Function(Fields, Operators, Calls, Macros):
    """Writes all forms."""

    def source(self, root: syntax.Node) -> str:
        """The source of the function for a whole rule."""
        result = self.expression(root, {})
        names = "".join(f", k{number}" for number in range(len(self.constants)))
        body = "\n".join([*self.lines, f"    return {result}"])
        return f"def rule(b, m{names}):\n{body}\n"


WRITERS.update(
    {
        syntax.Literal: _Function.literal,
        syntax.Ident: _Function.ident,
        syntax.Select: _Function.select,
        syntax.Has: _Function.has,
        syntax.Index: _Function.index,
        syntax.ListLiteral: _Function.list_literal,
        syntax.MapLiteral: _Function.map_literal,
        syntax.Unary: _Function.unary,
        syntax.Binary: _Function.binary,
        syntax.Logic: _Function.logic,
        syntax.Conditional: _Function.conditional,
        syntax.Call: _Function.call,
        syntax.Comprehension: _Function.comprehension,
        syntax.Bind: _Function.bind,
        syntax.OptMap: _Function.opt_map,
    }
)


def generate(expr: Expr) -> tuple[Function, bool] | None:
    """A function of variables and meter, and whether it looks at the meter.

    None where Python cannot compile the rule. The function gives the rule's value or raises any
    `Exception`, which says only that the closures have to decide.
    """
    writer = _Function()
    try:
        source = writer.source(expr.root)
        code = _codes.get(source)
        if code is None:
            module = compile(source, "<rule>", "exec")
            code = next(part for part in module.co_consts if hasattr(part, "co_code"))
            if len(_codes) >= _KEPT:
                _codes.clear()
            _codes[source] = code
    except (SyntaxError, RecursionError, MemoryError, Failure):
        # Deeper than Python's own limits, or a pattern that never works.
        return None
    function: Function = _FunctionType(code, vars(runtime), "rule", tuple(writer.constants))
    return function, writer.metered


def forget() -> None:
    """Drop the code that rules of one shape share; only measurements need this."""
    _codes.clear()


def source_of(expr: Expr) -> str:
    """The Python source of a rule, for people who want to see it."""
    return _Function().source(expr.root)
