"""A rule that is ready to run: closures at first, a generated function once it runs often."""

from __future__ import annotations

from bfg_policy.cel.closures import closure
from bfg_policy.cel.errors import CelEvaluationError
from bfg_policy.cel.names import qualify
from bfg_policy.cel.scope import Frame, Scope
from bfg_policy.cel.values import Meter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bfg_policy.cel.closures.base import Closure
    from bfg_policy.cel.codegen import Function
    from bfg_policy.cel.syntax import Expr

#: What one evaluation may cost: about as many node visits of a macro's body.
BUDGET = 2_000_000

#: Generating a function costs as much as running the closures about so many times.
_RUNS_BEFORE_GENERATING = 8

#: For functions that charge nothing.
_UNUSED = Meter(0)


class Program:
    """A compiled rule.

    expr: what it was made from.
    """

    __slots__ = ("_exact", "_function", "_metered", "_runs", "_size", "expr")

    def __init__(self, expr: Expr) -> None:
        self.expr = expr
        self._exact: Closure | None = None
        self._size = 0
        self._function: Function | None = None
        self._metered = True
        self._runs = 0

    def __reduce__(self) -> tuple[type[Program], tuple[Expr]]:
        # What was built for running is built again where it runs.
        return Program, (self.expr,)

    def evaluate(self, bindings: Mapping[str, object], *, budget: int = BUDGET) -> object:
        """The rule's value for these variables.

        bindings: JSON-like data by variable name; it is read, never converted or copied.
        Raises `CelEvaluationError` where there is no value, also over the budget.
        """
        function = self._function
        if function is None:
            self._runs += 1
            if self._runs == _RUNS_BEFORE_GENERATING:
                self.prepare()
            return self.evaluate_exactly(bindings, Meter(budget))
        try:
            return function(bindings, Meter(budget) if self._metered else _UNUSED)
        except Exception:
            return self.evaluate_exactly(bindings, Meter(budget))

    def evaluate_exactly(self, bindings: Mapping[str, object], meter: Meter) -> object:
        """The same by the reference evaluator; the meter tells what it cost."""
        if self._exact is None:
            scope = Scope.outermost()
            self._exact = closure(self.expr.root, scope)
            self._size = scope.size
        root = self.expr.root
        try:
            return self._exact(Frame(bindings, meter, self._size))
        except RecursionError:
            message = "the data is nested too deep for this rule"
            raise CelEvaluationError("limit", message, root.start, root.end) from None
        except (OverflowError, ValueError):
            # Python's ints have no end: it meets one that it cannot make a double or a text of.
            message = "the data holds a number that does not fit in 64 bits"
            raise CelEvaluationError("overflow", message, root.start, root.end) from None

    def prepare(self) -> Function | None:
        """Generate the function now, for a rule that is going to run many times.

        Gives it, or None where there is none and the closures do all the work.
        """
        if self._function is None:
            from bfg_policy.cel.codegen import generate

            made = generate(self.expr)
            if made is not None:
                self._function, self._metered = made
        return self._function


def program(expr: Expr, *, variables: Collection[str] = (), container: str = "") -> Program:
    """Compile a rule.

    variables, container: only for names with dots (`a.b` as one variable) and for names that
    are meant within a namespace; the qualified names are settled here.
    """
    return Program(qualify(expr, variables, container))
