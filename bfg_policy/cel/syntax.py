"""The syntax tree of a rule: one class for each form, with the place of every part.

Macros stay what they are (`Comprehension`, `Bind`, `OptMap`) rather than being expanded: what
somebody wrote is what is checked, run and explained. Chains of `&&` and `||` are one node.
Places are offsets of code points in the text, without surrounding parentheses.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import ClassVar


class Node:
    """A part of an expression.

    depth: 1 for a leaf, else one more than the deepest child.
    PARTS: the attributes that hold the parts of a node, in the order of the text.
    """

    __slots__ = ("depth", "end", "start")
    PARTS: ClassVar[tuple[str, ...]] = ()
    depth: int
    start: int
    end: int

    def _place(self, start: int, end: int, children: Sequence[Node] = ()) -> None:
        self.start = start
        self.end = end
        deepest = 0
        for child in children:
            deepest = max(deepest, child.depth)
        self.depth = deepest + 1

    def children(self) -> tuple[Node, ...]:
        """The direct parts, in the order in which they are written."""
        found: list[Node] = []
        for name in self.PARTS:
            part = getattr(self, name)
            if isinstance(part, tuple):
                found.extend(part)
            elif part is not None:
                found.append(part)
        return tuple(found)


class Expr:
    """A parsed rule: the text it came from and the tree."""

    __slots__ = ("root", "text")

    def __init__(self, text: str, root: Node) -> None:
        self.text = text
        self.root = root

    def text_of(self, node: Node) -> str:
        """The text of a part."""
        return self.text[node.start : node.end]


class Literal(Node):
    """A value written in the rule: None, bool, int, UInt, float, str or bytes."""

    __slots__ = ("value",)

    def __init__(self, value: object, start: int, end: int) -> None:
        self._place(start, end)
        self.value = value


class Ident(Node):
    """A name. absolute: written with a leading dot, so that no local name hides it."""

    __slots__ = ("absolute", "name")

    def __init__(self, name: str, start: int, end: int, *, absolute: bool = False) -> None:
        self._place(start, end)
        self.name = name
        self.absolute = absolute


class Select(Node):
    """`operand.field`, `operand.?field`, and inside of `has(…)` a test for the field.

    field_start: where the field's name begins; it ends with the node.
    """

    __slots__ = ("field", "field_start", "operand", "optional")
    PARTS = ("operand",)

    def __init__(
        self,
        operand: Node,
        field: str,
        field_start: int,
        place: tuple[int, int],
        *,
        optional: bool = False,
    ) -> None:
        self._place(*place, (operand,))
        self.operand = operand
        self.field = field
        self.field_start = field_start
        self.optional = optional


class Has(Node):
    """`has(operand.field)`."""

    __slots__ = ("select",)
    PARTS = ("select",)

    def __init__(self, select: Select, start: int, end: int) -> None:
        self._place(start, end, (select,))
        self.select = select


class Index(Node):
    """`operand[key]`, `operand[?key]`."""

    __slots__ = ("key", "operand", "optional")
    PARTS = ("operand", "key")

    def __init__(
        self, operand: Node, key: Node, place: tuple[int, int], *, optional: bool = False
    ) -> None:
        self._place(*place, (operand, key))
        self.operand = operand
        self.key = key
        self.optional = optional


class Call(Node):
    """`function(args)` or `target.function(args)`; `math.greatest(…)` has no target.

    name_start, name_end: the place of the function's name.
    """

    __slots__ = ("args", "function", "name_end", "name_start", "target")
    PARTS = ("target", "args")

    def __init__(
        self,
        function: str,
        target: Node | None,
        args: tuple[Node, ...],
        name: tuple[int, int],
        place: tuple[int, int],
    ) -> None:
        self.function = function
        self.target = target
        self.args = args
        self.name_start, self.name_end = name
        self._place(*place, self.children())


class ListLiteral(Node):
    """`[a, ?b]`. optional: the positions of the elements written with `?`."""

    __slots__ = ("items", "optional")
    PARTS = ("items",)

    def __init__(
        self, items: tuple[Node, ...], optional: frozenset[int], start: int, end: int
    ) -> None:
        self._place(start, end, items)
        self.items = items
        self.optional = optional


class MapLiteral(Node):
    """`{k: v, ?k: v}`. entries: key, value, and whether it is written with `?`."""

    __slots__ = ("entries",)

    def __init__(self, entries: tuple[tuple[Node, Node, bool], ...], start: int, end: int) -> None:
        self.entries = entries
        self._place(start, end, self.children())

    def children(self) -> tuple[Node, ...]:
        """Every key, each with its value behind it."""
        return tuple(part for key, value, _ in self.entries for part in (key, value))


class Unary(Node):
    """`!operand`, `-operand`."""

    __slots__ = ("operand", "operator")
    PARTS = ("operand",)

    def __init__(self, operator: str, operand: Node, place: tuple[int, int]) -> None:
        self._place(*place, (operand,))
        self.operator = operator
        self.operand = operand


class Binary(Node):
    """`left operator right`: arithmetic, comparison, `in`."""

    __slots__ = ("left", "operator", "operator_start", "right")
    PARTS = ("left", "right")

    def __init__(
        self, operator: str, left: Node, right: Node, operator_start: int, place: tuple[int, int]
    ) -> None:
        self._place(*place, (left, right))
        self.operator = operator
        self.left = left
        self.right = right
        self.operator_start = operator_start


class Logic(Node):
    """`a && b && c` or `a || b || c`: at least two terms."""

    __slots__ = ("operator", "terms")
    PARTS = ("terms",)

    def __init__(self, operator: str, terms: tuple[Node, ...], place: tuple[int, int]) -> None:
        self._place(*place, terms)
        self.operator = operator
        self.terms = terms


class Conditional(Node):
    """`condition ? then : other`."""

    __slots__ = ("condition", "other", "then")
    PARTS = ("condition", "then", "other")

    def __init__(self, condition: Node, then: Node, other: Node, place: tuple[int, int]) -> None:
        self.condition = condition
        self.then = then
        self.other = other
        self._place(*place, self.children())


class Comprehension(Node):
    """A macro that goes through a list or a map: `source.all(name, condition)` and its like.

    macro: `all`, `exists`, `exists_one`, `filter`, `map`, `transformList`, `transformMap`,
        `transformMapEntry` or `sortBy`.
    names: one name for the element (or key), or two for index and element (or key and value).
    condition: what must hold of an element, or None; result: what it becomes, or None.
    """

    __slots__ = ("condition", "macro", "names", "result", "source")
    PARTS = ("source", "condition", "result")

    def __init__(
        self,
        macro: str,
        source: Node,
        names: tuple[str, ...],
        condition: Node | None,
        result: Node | None,
        place: tuple[int, int],
    ) -> None:
        self.macro = macro
        self.source = source
        self.names = names
        self.condition = condition
        self.result = result
        self._place(*place, self.children())

    def body(self) -> tuple[Node, ...]:
        """What runs for each element."""
        return tuple(part for part in (self.condition, self.result) if part is not None)


class Bind(Node):
    """`cel.bind(name, value, body)`."""

    __slots__ = ("body", "name", "value")
    PARTS = ("value", "body")

    def __init__(self, name: str, value: Node, body: Node, place: tuple[int, int]) -> None:
        self._place(*place, (value, body))
        self.name = name
        self.value = value
        self.body = body


class OptMap(Node):
    """`target.optMap(name, body)`; flat: `optFlatMap`, whose body is an optional itself."""

    __slots__ = ("body", "flat", "name", "target")
    PARTS = ("target", "body")

    def __init__(
        self, target: Node, name: str, body: Node, place: tuple[int, int], *, flat: bool
    ) -> None:
        self._place(*place, (target, body))
        self.target = target
        self.name = name
        self.body = body
        self.flat = flat


def literal_pattern(node: Call) -> str | None:
    """The regular expression of `text.matches('…')` or `matches(text, '…')`, if it is literal."""
    operands = node.children()
    if node.function == "matches" and len(operands) == 2 and isinstance(operands[1], Literal):
        pattern = operands[1].value
        return pattern if isinstance(pattern, str) else None
    return None


def rebuilt(node: Node, children: Sequence[Node]) -> Node:
    """A copy of the node over other children, given in the order of `children()`."""
    made = type(node).__new__(type(node))
    swaps = {id(old): new for old, new in zip(node.children(), children, strict=True)}
    for name in (*Node.__slots__, *type(node).__slots__):
        setattr(made, name, _swapped(getattr(node, name), swaps))
    return made


def _swapped(value: object, swaps: dict[int, Node]) -> object:
    if isinstance(value, tuple):
        return tuple(_swapped(part, swaps) for part in value)
    return swaps.get(id(value), value)


def names(node: Node) -> set[str]:
    """All names that a node and those below it read; those that macros bring in, too."""
    return {each.name for each in walk(node) if isinstance(each, Ident)}


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    stack = [node]
    while stack:
        found = stack.pop()
        yield found
        stack.extend(reversed(found.children()))
