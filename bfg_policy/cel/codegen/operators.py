"""Generated code of operators."""

from __future__ import annotations

from bfg_policy.cel.codegen.writer import RELATIONS, Writer, is_int
from bfg_policy.cel.syntax import Binary, Conditional, Literal, Logic, Node, Unary
from bfg_policy.cel.values import CHARACTERS_A_STEP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bfg_policy.cel.codegen.writer import Names


#: Below this, Python's exact comparison of int and float is that of two doubles.
_EXACT = 2**53
_IDENTITY = {"==": "is", "!=": "is not"}
_ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "modulo"}


class Operators(Writer):
    """Writes operators: as Python's own where that gives what CEL gives."""

    def unary(self, node: Unary, names: Names) -> str:
        """`!` or the sign."""
        if node.operator == "-":
            return f"negate({self.expression(node.operand, names)})"
        return f"(not {self.condition(node.operand, names)})"

    def binary(self, node: Binary, names: Names) -> str:
        """Arithmetic, a comparison or `in`."""
        if node.operator in ("==", "!="):
            return self.equality(node, names)
        left = self.expression(node.left, names)
        right = self.expression(node.right, names)
        if node.operator == "in":
            return self.within(left, right)
        if node.operator in RELATIONS:
            return self.order(node, left, right)
        return f"{_ARITHMETIC[node.operator]}({left}, {right}, {self.meter()})"

    def within(self, value: str, container: str) -> str:
        """A text in a map is Python's own `in`."""
        sought, held = self.fresh(), self.fresh()
        test = self.text_in_map(held, container, sought, value)
        return f"({sought} in {held} if {test} else contains({held}, {sought}, {self.meter()}))"

    def order(self, node: Binary, left: str, right: str) -> str:
        """A comparison with a small int is Python's own where the other side is an int."""
        name = self.fresh()
        if isinstance(node.right, Literal) and type(node.right.value) is int and is_int(node.left):
            return f"({left} {node.operator} {right})"
        for number, other, swapped in ((node.right, left, False), (node.left, right, True)):
            if isinstance(number, Literal) and type(number.value) is int:
                value = self.constant(number.value)
                fast = (
                    f"{value} {node.operator} {name}"
                    if swapped
                    else f"{name} {node.operator} {value}"
                )
                sides = (value, name) if swapped else (name, value)
                slow = _ordered(node.operator, *sides)
                return f"({fast} if ({name} := {other}).__class__ is int else {slow})"
        return _ordered(node.operator, left, right)

    def equality(self, node: Binary, names: Names) -> str:
        """`==` or `!=`."""
        for literal, other in ((node.right, node.left), (node.left, node.right)):
            if isinstance(literal, Literal):
                text = self.literal_equality(node.operator, literal.value, other, names)
                if text is not None:
                    return f"({text})"
        left = self.expression(node.left, names)
        right = self.expression(node.right, names)
        negative = "not " if node.operator == "!=" else ""
        return f"({negative}equals({left}, {right}, {self.meter()}))"

    def literal_equality(
        self, operator: str, value: object, other: Node, names: Names
    ) -> str | None:
        """A test against a literal that Python's own `==` answers as CEL would, or None."""
        if value is None or value is True or value is False:
            return f"{self.expression(other, names)} {_IDENTITY[operator]} {value}"
        if isinstance(value, str) and len(value) < CHARACTERS_A_STEP:
            return f"{self.expression(other, names)} {operator} {self.constant(value)}"
        if not isinstance(value, int | float) or abs(value) >= _EXACT:
            return None
        if value not in (0, 1):
            return f"{self.expression(other, names)} {operator} {self.constant(value)}"
        # In Python, 0 and 1 equal the bools too.
        first, name = self.atom(other, names)
        word = "or" if operator == "!=" else "and not"
        return f"{first} {operator} {self.constant(value)} {word} {name}.__class__ is bool"

    def logic(self, node: Logic, names: Names) -> str:
        """`and` or `or` in one expression as far as no term needs lines of its own."""
        word = " and " if node.operator == "&&" else " or "
        texts = [self.condition(node.terms[0], names)]
        result = ""
        for term in node.terms[1:]:
            text, lines = self.apart(lambda term=term: self.condition(term, names))  # type: ignore[misc]
            if lines:
                result = result or self.fresh()
                self.line(f"{result} = {word.join(texts)}")
                self.line(f"if {'' if node.operator == '&&' else 'not '}{result}:")
                self.lines += lines
                self.line(f"    {result} = {text}")
                texts = [result]
            else:
                texts.append(text)
        return texts[0] if len(texts) == 1 else f"({word.join(texts)})"

    def conditional(self, node: Conditional, names: Names) -> str:
        """`?:`."""
        return self.choice(
            self.condition(node.condition, names),
            lambda: self.expression(node.then, names),
            lambda: self.expression(node.other, names),
        )


def _ordered(operator: str, left: str, right: str) -> str:
    if operator in (">", ">="):
        left, right = right, left
    return f"{'less' if operator in '<>' else 'less_or_equal'}({left}, {right})"
