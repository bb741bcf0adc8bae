"""Generated code of values, names, fields, elements, lists and maps."""

from __future__ import annotations

from bfg_policy.cel.codegen.writer import Writer
from bfg_policy.cel.syntax import Has, Ident, Index, ListLiteral, Literal, MapLiteral, Select
from bfg_policy.cel.values import TYPE_VALUES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bfg_policy.cel.codegen.writer import Names


class Fields(Writer):
    """Writes what reads data and what makes it."""

    def literal(self, node: Literal, names: Names) -> str:  # noqa: ARG002
        """A literal; what Python writes in words needs no argument."""
        value = node.value
        if value is None or value is True or value is False:
            return str(value)
        return self.constant(value)

    def ident(self, node: Ident, names: Names) -> str:
        """A variable or a local name."""
        local = None if node.absolute else names.get(node.name)
        if local is not None:
            return local
        name = self.constant(node.name)
        if node.name in TYPE_VALUES:
            return f"b.get({name}, {self.constant(TYPE_VALUES[node.name])})"
        return f"b[{name}]"

    def select(self, node: Select, names: Names) -> str:
        """A field: a subscript, which raises where there is none."""
        operand = self.expression(node.operand, names)
        field = self.constant(node.field)
        return f"optional_field({operand}, {field})" if node.optional else f"{operand}[{field}]"

    def has(self, node: Has, names: Names) -> str:
        """Whether a field is there."""
        first, name = self.atom(node.select.operand, names)
        field = self.constant(node.select.field)
        return f"({field} in {name} if {first}.__class__ is dict else has({name}, {field}))"

    def index(self, node: Index, names: Names) -> str:
        """An element."""
        operand = self.expression(node.operand, names)
        if isinstance(node.key, Literal) and isinstance(node.key.value, str) and not node.optional:
            return f"{operand}[{self.constant(node.key.value)}]"
        key = self.expression(node.key, names)
        if node.optional:
            return f"optional_item({operand}, {key})"
        held, sought = self.fresh(), self.fresh()
        test = self.text_in_map(held, operand, sought, key)
        return f"({held}[{sought}] if {test} else item({held}, {sought}))"

    def list_literal(self, node: ListLiteral, names: Names) -> str:
        """A list."""
        items = [self.expression(item, names) for item in node.items]
        for position in node.optional:
            items[position] = f"*filled({items[position]})"
        return f"[{', '.join(items)}]"

    def map_literal(self, node: MapLiteral, names: Names) -> str:
        """A map."""
        entries = [
            f"({self.expression(key, names)}, {self.expression(value, names)}, {optional})"
            for key, value, optional in node.entries
        ]
        return f"new_map([{', '.join(entries)}])"
