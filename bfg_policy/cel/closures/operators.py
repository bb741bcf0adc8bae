"""Closures of operators."""

from __future__ import annotations

from bfg_policy.cel.arithmetic import OPERATIONS, negate
from bfg_policy.cel.closures.base import closure, failed, placed
from bfg_policy.cel.comparing import contains, equals, less, less_or_equal
from bfg_policy.cel.errors import CelEvaluationError, Failure
from bfg_policy.cel.loops import more_serious
from bfg_policy.cel.values import (
    type_name,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bfg_policy.cel.closures.base import Closure
    from bfg_policy.cel.scope import Frame, Scope
    from bfg_policy.cel.syntax import Binary, Conditional, Logic, Unary
    from bfg_policy.cel.values import Meter


def unary_node(node: Unary, scope: Scope) -> Closure:
    """`!` and the sign."""
    operand = closure(node.operand, scope)
    if node.operator == "!":

        def invert(frame: Frame) -> bool:
            value = operand(frame)
            if value is True:
                return False
            if value is False:
                return True
            raise failed("type", f"`!` needs a bool, not {type_name(value)}", node)

        return invert

    def minus(frame: Frame) -> object:
        try:
            return negate(operand(frame))
        except Failure as failure:
            raise placed(failure, node) from None

    return minus


_RELATIONS: dict[str, Callable[[object, object, Meter], object]] = {
    "==": equals,
    "!=": lambda left, right, meter: not equals(left, right, meter),
    "<": lambda left, right, meter: less(left, right),  # noqa: ARG005
    "<=": lambda left, right, meter: less_or_equal(left, right),  # noqa: ARG005
    ">": lambda left, right, meter: less(right, left),  # noqa: ARG005
    ">=": lambda left, right, meter: less_or_equal(right, left),  # noqa: ARG005
    "in": lambda left, right, meter: contains(right, left, meter),
}
_BINARY = {**_RELATIONS, **OPERATIONS}


def binary_node(node: Binary, scope: Scope) -> Closure:
    """Arithmetic, comparisons and `in`."""
    left = closure(node.left, scope)
    right = closure(node.right, scope)
    operate = _BINARY[node.operator]

    def binary(frame: Frame) -> object:
        try:
            return operate(left(frame), right(frame), frame.meter)
        except Failure as failure:
            raise placed(failure, node) from None

    return binary


def logic_node(node: Logic, scope: Scope) -> Closure:
    """`&&` and `||`: the first term that settles it does, and errors only count without one."""
    terms = [(closure(term, scope), term) for term in node.terms]
    operator = node.operator
    settles = operator == "||"

    def logic(frame: Frame) -> bool:
        pending: CelEvaluationError | None = None
        for term, term_node in terms:
            try:
                value = term(frame)
            except CelEvaluationError as error:
                pending = more_serious(pending, error)
                continue
            if value is settles:
                return settles
            if type(value) is not bool:
                message = f"`{operator}` needs a bool, not {type_name(value)}"
                pending = more_serious(pending, failed("type", message, term_node))
        if pending is not None:
            raise pending
        return not settles

    return logic


def conditional_node(node: Conditional, scope: Scope) -> Closure:
    """`condition ? then : other`; the other branch is not looked at."""
    condition = closure(node.condition, scope)
    then = closure(node.then, scope)
    other = closure(node.other, scope)

    def conditional(frame: Frame) -> object:
        value = condition(frame)
        if value is True:
            return then(frame)
        if value is False:
            return other(frame)
        raise failed("type", f"`?` needs a bool, not {type_name(value)}", node.condition)

    return conditional
