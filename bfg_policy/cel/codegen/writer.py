"""The building blocks of a generated function: lines, names, constants, choices."""

from __future__ import annotations

from bfg_policy.cel.functions import family
from bfg_policy.cel.syntax import Binary, Call, Comprehension, Has, Literal, Logic, Node, Unary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Names = Mapping[str, str]
    Write = Callable[..., str]

RELATIONS = frozenset(("==", "!=", "<", "<=", ">", ">=", "in"))

#: What writes each form; the package fills it in one place.
WRITERS: dict[type[Node], Write] = {}


class Writer:
    """Writes one function.

    The method of a form gives a Python expression for its node, evaluated at most once. What an
    expression cannot do (loops, and parts that run only in some cases) it writes to `lines`
    before.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.indent = 1
        self.counter = 0
        self.constants: list[object] = []
        self.known: dict[tuple[type, object], str] = {}
        self.metered = False

    def line(self, text: str) -> None:
        """Write a line at the present depth."""
        self.lines.append("    " * self.indent + text)

    def fresh(self) -> str:
        """A name that nothing else has."""
        self.counter += 1
        return f"t{self.counter}"

    def constant(self, value: object) -> str:
        """The name of a default argument that holds a value."""
        # By its text, as -0.0 equals 0.0.
        key = (type(value), repr(value) if isinstance(value, float) else value)
        name = self.known.get(key)
        if name is None:
            name = self.known[key] = f"k{len(self.constants)}"
            self.constants.append(value)
        return name

    def expression(self, node: Node, names: Names) -> str:
        """The expression of a node. names: what its local names are called here."""
        return WRITERS[type(node)](self, node, names)

    def atom(self, node: Node, names: Names) -> tuple[str, str]:
        """An expression that is evaluated first, and the name of its value from then on."""
        text = self.expression(node, names)
        if text.isidentifier():
            return text, text
        name = self.fresh()
        return f"({name} := {text})", name

    def condition(self, node: Node, names: Names) -> str:
        """An expression that is True or False, or raises."""
        text = self.expression(node, names)
        if is_bool(node):
            return text
        name = self.fresh()
        return f"(({name} := {text}) is True or {name} is not False and unusual())"

    def text_in_map(self, held: str, container: str, sought: str, value: str) -> str:
        """A test for a map and a text to look up in it, which get these names."""
        # `&`, so that both are evaluated whatever the first one is.
        return (
            f"(({held} := {container}).__class__ is dict)"
            f" & (({sought} := {value}).__class__ is str)"
        )

    def meter(self) -> str:
        """The meter, for something that is charged."""
        self.metered = True
        return "m"

    def apart(self, write: Callable[[], str]) -> tuple[str, list[str]]:
        """An expression and the lines before it, which are not written yet."""
        outer, self.lines = self.lines, []
        self.indent += 1
        text = write()
        inner, self.lines = self.lines, outer
        self.indent -= 1
        return text, inner

    def choice(self, condition: str, yes: Callable[[], str], no: Callable[[], str]) -> str:
        """One of two expressions, of which the other is not evaluated."""
        yes_text, yes_lines = self.apart(yes)
        no_text, no_lines = self.apart(no)
        if not yes_lines and not no_lines:
            return f"({yes_text} if {condition} else {no_text})"
        result = self.fresh()
        self.line(f"if {condition}:")
        self.lines += yes_lines
        self.line(f"    {result} = {yes_text}")
        self.line("else:")
        self.lines += no_lines
        self.line(f"    {result} = {no_text}")
        return result


def is_int(node: Node) -> bool:
    """Whether a node's expression is an int whatever the data, or raises."""
    if not isinstance(node, Call):
        return False
    found = family(node.function, member=node.target is not None)
    return found is not None and all(over.result == "int" for over in found.overloads)


def is_bool(node: Node) -> bool:
    """Whether a node's expression is True or False whatever the data."""
    if isinstance(node, Has | Logic):
        return True
    if isinstance(node, Binary):
        return node.operator in RELATIONS
    if isinstance(node, Unary):
        return node.operator == "!"
    if isinstance(node, Literal):
        return isinstance(node.value, bool)
    if isinstance(node, Comprehension):
        return node.macro in ("all", "exists", "exists_one")
    if isinstance(node, Call):
        found = family(node.function, member=node.target is not None)
        return found is not None and all(over.result == "bool" for over in found.overloads)
    return False
