"""Closures of functions and methods."""

from __future__ import annotations

from bfg_policy.cel.closures.base import closure, failed, placed
from bfg_policy.cel.errors import Failure
from bfg_policy.cel.functions import family
from bfg_policy.cel.functions.optionals import LAZY
from bfg_policy.cel.functions.strings import matcher
from bfg_policy.cel.syntax import Call, literal_pattern
from bfg_policy.cel.values import Optional, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bfg_policy.cel.closures.base import Closure
    from bfg_policy.cel.scope import Frame, Scope
    from bfg_policy.cel.values import Meter


def call_node(node: Call, scope: Scope) -> Closure:
    """A function or a method; an unknown one is an error when it is called."""
    member = node.target is not None
    args = [closure(child, scope) for child in node.children()]
    found = family(node.function, member=member)
    if found is None:
        message = f"there is no function `{node.function}`"

        def unknown(frame: Frame) -> object:  # noqa: ARG001
            raise failed("function", message, node)

        return unknown
    if member and node.function in LAZY and len(args) == 2:
        return _lazy(node, args)
    pattern = literal_pattern(node)
    if pattern is not None:
        return _matches(node, args[0], pattern)
    call = found.call

    def invoke(frame: Frame) -> object:
        try:
            return call(frame.meter, *[arg(frame) for arg in args])
        except Failure as failure:
            raise placed(failure, node) from None

    return invoke


def _matches(node: Call, text: Closure, pattern: str) -> Closure:
    """`matches` with a pattern that the rule holds: it is compiled at the first text."""
    search: list[Callable[[Meter, str], bool]] = []

    def match(frame: Frame) -> bool:
        value = text(frame)
        if not isinstance(value, str):
            raise failed("type", f"`matches` does not take {type_name(value)}", node)
        try:
            if not search:
                search.append(matcher(pattern))
            return search[0](frame.meter, value)
        except Failure as failure:
            raise placed(failure, node) from None

    return match


def _lazy(node: Call, args: Sequence[Closure]) -> Closure:
    """`x.or(y)` and `x.orValue(y)`: y is not looked at where x has a value."""
    target, other = args
    unpack = node.function == "orValue"

    def lazy(frame: Frame) -> object:
        value = target(frame)
        if not isinstance(value, Optional):
            message = f"`{node.function}` needs an optional, not {type_name(value)}"
            raise failed("type", message, node)
        if value.filled:
            return value.value if unpack else value
        replacement = other(frame)
        if not unpack and not isinstance(replacement, Optional):
            raise failed("type", "`or` needs an optional", node)
        return replacement

    return lazy
