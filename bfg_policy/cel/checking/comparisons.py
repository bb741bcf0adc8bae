"""The checks of comparisons: types that never meet, values that never occur, foregone results."""

from __future__ import annotations

from bfg_policy.cel.checking.operators import always_equal, comparable, ordered
from bfg_policy.cel.errors import closest
from bfg_policy.cel.syntax import Binary, ListLiteral, Literal, MapLiteral, Node, walk
from bfg_policy.cel.types import (
    BOOL,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Type,
    a,
    describe,
    members,
    union,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bfg_policy.cel.checking.report import Report

_SHOWN_VALUES = 8
_NO_OTHER = ": there is no other value"


class Comparisons:
    """Finds what is wrong with `==`, `!=`, `in` and the order of things."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def constant(self, node: Node, found: Type) -> None:
        """Warn of a condition that is always the same."""
        if found.kind == "bool" and found.values is not None and len(found.values) == 1:
            self.foregone(node, value=bool(next(iter(found.values))))

    def foregone(self, node: Node, *, value: bool, why: str = "") -> None:
        """Warn that a condition always comes out the same."""
        message = f"this is always {'true' if value else 'false'}{why}"
        hint = "A condition that cannot come out otherwise decides nothing."
        self.report.warn("constant", message, node, hint)

    def relation(self, node: Binary, left: Type, right: Type) -> Type:
        """The type of a relation between operands of which none is a mistake already."""
        if node.operator in ("==", "!="):
            return self.equality(node, left, right)
        if node.operator == "in":
            return self.membership(node, left, right)
        if not ordered(left, right):
            message = f"{a(left)} and {a(right)} have no order"
            return self.report.error("type", message, node)
        self.with_itself(node)
        return BOOL

    def equality(self, node: Binary, left: Type, right: Type) -> Type:
        """The type of `==` or `!=`."""
        if not comparable(left, right):
            message = f"{a(left)} is compared with {a(right)}: they are never equal"
            hint = None
            if "null" in (left.kind, right.kind):
                hint = "Ask with `has(…)` whether a field is there."
            return self.report.error("type", message, node, hint=hint)
        equal = always_equal(left, right)
        if equal is None:
            self.with_itself(node)
        elif equal or isinstance(node.left, Literal) is isinstance(node.right, Literal):
            literals = isinstance(node.left, Literal) and isinstance(node.right, Literal)
            why = "" if literals else _NO_OTHER
            self.foregone(node, value=equal is (node.operator == "=="), why=why)
        else:
            sides = [(node.left, node.right, right), (node.right, node.left, left)]
            self.never(*sides[isinstance(node.right, Literal)])
        return BOOL

    def with_itself(self, node: Binary) -> None:
        """Warn of `x == x`; a double can be unequal to itself, but nobody means that."""
        left, right = (self.report.expr.text_of(part).split() for part in (node.left, node.right))
        if left == right and not any(isinstance(part, Literal) for part in walk(node.left)):
            value = node.operator in ("==", "<=", ">=")
            self.foregone(node, value=value, why=": both sides are the same")

    def never(self, literal: Node, subject: Node, known: Type) -> None:
        """A literal that no value of the contract equals."""
        values = sorted((value for part in members(known) for value in part.values or ()), key=repr)
        shown = ", ".join(_written(value) for value in values[:_SHOWN_VALUES])
        more = ", …" if len(values) > _SHOWN_VALUES else ""
        written = self.report.expr.text_of(literal)
        suggestion = None
        if isinstance(literal, Literal) and isinstance(literal.value, str):
            texts = [value for value in values if isinstance(value, str)]
            meant = closest(literal.value, texts)
            suggestion = None if meant is None else written.replace(literal.value, meant, 1)
        message = f"`{self.report.text(subject)}` is never {written}: it is {shown}{more}"
        self.report.error("constant", message, literal, suggestion=suggestion)

    def membership(self, node: Binary, left: Type, right: Type) -> Type:
        """The type of `in`."""
        kinds = _contained(right)
        if kinds is None:
            message = f"`in` needs a list or a map, and this is {a(right)}"
            return self.report.error("type", message, node.right)
        if not kinds:
            return BOOL
        elements = union(kinds)
        if not comparable(left, elements):
            message = f"{a(left)} is looked for among values of type {describe(elements)}"
            return self.report.error("type", message, node)
        if not isinstance(node.left, Literal):
            if isinstance(node.right, ListLiteral):
                self.listed(node, node.right, left, elements)
        elif always_equal(left, elements) is False:
            if isinstance(node.right, ListLiteral | MapLiteral):
                self.foregone(node, value=False)
            else:
                self.no_key(node.left, node.right, elements)
        return BOOL

    def no_key(self, literal: Literal, container: Node, keys: Type) -> None:
        """`'x' in y`, where the contract of y knows no x."""
        meant = closest(str(literal.value), [str(key) for key in keys.values or ()])
        suggestion = meant and self.report.expr.text_of(literal).replace(
            str(literal.value), meant, 1
        )
        message = f"`{self.report.text(container)}` never has {_written(literal.value)}"
        self.report.error("constant", message, literal, suggestion=suggestion)

    def listed(self, node: Binary, items: ListLiteral, left: Type, elements: Type) -> None:
        """`x in ['a', 'b']`, where all values of x are known."""
        before = len(self.report.problems)
        for item in items.items:
            if isinstance(item, Literal) and always_equal(left, _literal_type(item)) is False:
                self.never(item, node.left, left)
        if len(self.report.problems) > before or left.kind != elements.kind:
            return
        if (
            left.values is not None
            and elements.values is not None
            and left.values <= elements.values
        ):
            self.foregone(node, value=True, why=_NO_OTHER)


def _contained(container: Type) -> list[Type] | None:
    """What `in` finds in a container: elements or keys; None where it is none."""
    found: list[Type] = []
    for member in members(container):
        if isinstance(member, ListType):
            found.append(member.element)
        elif isinstance(member, ObjectType):
            closed = member.rest is None
            found.append(Type("string", frozenset(member.fields)) if closed else STRING)
        elif isinstance(member, MapType):
            found.append(member.key)
        elif member.kind in ("dyn", "error"):
            return []
    return found or None


def _literal_type(node: Literal) -> Type:
    kind = "string" if isinstance(node.value, str) else "dyn"
    return Type(kind, frozenset((node.value,)) if kind == "string" else None)


def _written(value: object) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    return {True: "true", False: "false", None: "null"}.get(value, str(value))  # type: ignore[call-overload,no-any-return]
