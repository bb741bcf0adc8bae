"""Names with dots: variables such as `a.b`, types such as `google.protobuf.Timestamp`.

In a container `x.y`, the name `a.b` means the first of `x.y.a.b`, `x.a.b` and `a.b` that exists;
a longer name wins over a field of a shorter one. Local names of macros win over all of them.
"""

from __future__ import annotations

from bfg_policy.cel.syntax import (
    Bind,
    Comprehension,
    Expr,
    Has,
    Ident,
    Node,
    OptMap,
    Select,
    rebuilt,
)
from bfg_policy.cel.values import TYPE_VALUES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

_DOTTED_TYPES = frozenset(name for name in TYPE_VALUES if "." in name)


def qualify(expr: Expr, variables: Collection[str], container: str) -> Expr:
    """The expression with every qualified name as one `Ident`.

    variables: all that exist. The same expression where no name has a dot.
    """
    known = {name for name in variables if "." in name} | _DOTTED_TYPES
    if not container and not any(name.partition(".")[0] in expr.text for name in known):
        return expr
    names = _Names(known | set(variables), container)
    return Expr(expr.text, names.resolve(expr.root, frozenset()))


class _Names:
    def __init__(self, known: Collection[str], container: str) -> None:
        self.known = known
        parts = container.split(".") if container else []
        self.prefixes = [".".join([*parts[:count], ""]) for count in range(len(parts), 0, -1)]

    def resolve(self, node: Node, hidden: frozenset[str]) -> Node:
        """The node with its names settled. hidden: local names that nothing else may mean."""
        found = self.variable(node, hidden)
        if found is not None:
            return found
        if isinstance(node, Has):
            # The field that is asked for is a field, whatever it is called.
            operand = self.resolve(node.select.operand, hidden)
            return rebuilt(node, [rebuilt(node.select, [operand])])
        if isinstance(node, Comprehension):
            inner = hidden | set(node.names)
            return rebuilt(
                node,
                [self.resolve(node.source, hidden)]
                + [self.resolve(part, inner) for part in node.body()],
            )
        if isinstance(node, Bind | OptMap):
            value, body = node.children()
            inner = hidden | {node.name}
            return rebuilt(node, [self.resolve(value, hidden), self.resolve(body, inner)])
        return rebuilt(node, [self.resolve(child, hidden) for child in node.children()])

    def variable(self, node: Node, hidden: frozenset[str]) -> Ident | None:
        """The variable or type that a chain of names stands for as a whole."""
        parts: list[str] = []
        part = node
        while isinstance(part, Select) and not part.optional:
            parts.append(part.field)
            part = part.operand
        if not isinstance(part, Ident):
            return None
        if part.name in hidden and not part.absolute:
            return None
        written = ".".join([part.name, *reversed(parts)])
        for prefix in [""] if part.absolute else [*self.prefixes, ""]:
            if prefix + written in self.known:
                name = prefix + written
                return Ident(name, node.start, node.end, absolute=part.absolute)
        return None
