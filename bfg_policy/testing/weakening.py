"""Rules made weaker, one part at a time: what passes then should not, and a test should tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from bfg_policy.cel import Expr, syntax
from bfg_policy.testing.patterns import loosened

if TYPE_CHECKING:
    from collections.abc import Iterator

# Which way a part leads: toward true it makes the rule weaker, or stricter, or nobody knows.
_Way = Literal[1, -1, 0]
_WEAKER: _Way = 1
_UNKNOWN: _Way = 0

# What lets more through, and the other way round.
_RELAXED = {">": ">=", "<": "<="}
_NARROWED = {">=": ">", "<=": "<"}
_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
# Which way a literal on the right is moved so that more is let through.
_LOWERED = {">=": -1, "<=": 1, "==": 1}
_QUANTIFIERS = {"all": "exists", "exists_one": "exists"}
_STRICTER = {"exists": "all"}
# Functions of a text alone that a comparison may do without.
_CLEANERS = frozenset({"trim", "lowerAscii", "upperAscii"})


class Weaker(NamedTuple):
    """A weaker form of an expression. what: the change in words, such as "`a > 0` is always true".

    start, end: the code points of the part that it is about.
    """

    what: str
    expression: Expr
    start: int
    end: int


class _Variant(NamedTuple):
    what: str
    part: syntax.Node
    node: syntax.Node  # what takes the part's place, grown to the whole on the way up


def weaker(expression: Expr) -> Iterator[Weaker]:
    """Every weaker form of a boolean expression that differs from it in one place."""
    seen: dict[str, int] = {}
    for what, part, root in _variants(expression, expression.root, _WEAKER, is_condition=True):
        seen[what] = seen.get(what, 0) + 1
        again = f" ({seen[what]})" if seen[what] > 1 else ""
        yield Weaker(what + again, Expr(expression.text, root), part.start, part.end)


def _variants(
    expr: Expr, node: syntax.Node, way: _Way, *, is_condition: bool
) -> Iterator[_Variant]:
    """The variants of a node: of itself, and of each of its parts.

    way: where its being true leads; is_condition: whether its value is a boolean.
    """
    if is_condition:
        yield from _constants(expr, node, way)
        yield from _logic(expr, node, way)
        yield from _comparisons(expr, node, way)
        yield from _quantifiers(expr, node, way)
        yield from _patterns(expr, node, way)
    yield from _shorter(expr, node)
    children = node.children()
    for index, child in enumerate(children):
        below, is_boolean = _way_of(node, child, way, is_condition=is_condition)
        for what, part, new in _variants(expr, child, below, is_condition=is_boolean):
            if _is_idle(node, new):
                continue  # it makes the whole a constant, which is tried by itself
            swapped = (*children[:index], new, *children[index + 1 :])
            yield _Variant(what, part, syntax.rebuilt(node, swapped))


def _way_of(
    node: syntax.Node, child: syntax.Node, way: _Way, *, is_condition: bool
) -> tuple[_Way, bool]:
    """Where a child's being true leads, and whether it is a boolean at all."""
    if isinstance(node, syntax.Logic):
        return way, True
    if isinstance(node, syntax.Unary) and node.operator == "!":
        return _against(way), True
    if isinstance(node, syntax.Comprehension) and child is node.condition:
        return (way if node.macro in ("all", "exists") else _UNKNOWN), True
    if isinstance(node, syntax.Conditional):
        return (_UNKNOWN, True) if child is node.condition else (way, is_condition)
    if isinstance(node, syntax.Bind) and child is node.body:
        return way, is_condition
    is_boolean = isinstance(child, (syntax.Logic, syntax.Has)) or (
        isinstance(child, syntax.Binary) and child.operator in {*_FLIPPED, "==", "!=", "in"}
    )
    return _UNKNOWN, is_boolean


def _against(way: _Way) -> _Way:
    return -1 if way == 1 else 1 if way == -1 else 0


def _is_idle(node: syntax.Node, new: syntax.Node) -> bool:
    """Whether `a || true` or `a && false` would come of it."""
    return (
        isinstance(node, syntax.Logic)
        and isinstance(new, syntax.Literal)
        and new.value is (node.operator == "||")
    )


def _constants(expr: Expr, node: syntax.Node, way: _Way) -> Iterator[_Variant]:
    if isinstance(node, syntax.Literal):
        return
    for value in (True, False):
        if way == _UNKNOWN or value is (way == _WEAKER):
            new = syntax.Literal(value, node.start, node.end)
            yield _Variant(f"{_shown(expr, node)} is always {str(value).lower()}", node, new)


def _logic(expr: Expr, node: syntax.Node, way: _Way) -> Iterator[_Variant]:
    if not isinstance(node, syntax.Logic):
        return
    is_weaker = node.operator == "&&"
    if way == _UNKNOWN or is_weaker == (way == _WEAKER):
        other = "||" if is_weaker else "&&"
        new = syntax.Logic(other, node.terms, (node.start, node.end))
        yield _Variant(f"`{node.operator}` becomes `{other}` in {_shown(expr, node)}", node, new)


def _comparisons(expr: Expr, node: syntax.Node, way: _Way) -> Iterator[_Variant]:
    if not isinstance(node, syntax.Binary):
        return
    swaps = [*([_RELAXED] if way >= 0 else ()), *([_NARROWED] if way <= 0 else ())]
    for other in (table[node.operator] for table in swaps if node.operator in table):
        new = _binary(node, other, node.left, node.right)
        yield _Variant(f"`{node.operator}` becomes `{other}` in {_shown(expr, node)}", node, new)
    yield from _numbers(expr, node, way)


def _numbers(expr: Expr, node: syntax.Binary, way: _Way) -> Iterator[_Variant]:
    """A number that something is compared with, moved by one so that more is let through."""
    is_right = isinstance(node.right, syntax.Literal)
    number = node.right if is_right else node.left
    operator = node.operator if is_right else _FLIPPED.get(node.operator, node.operator)
    step = _LOWERED.get(operator)
    if step is None or not isinstance(number, syntax.Literal) or type(number.value) is not int:
        return
    moved = number.value + (step if way >= 0 else -step)
    literal = syntax.Literal(moved, number.start, number.end)
    sides = (node.left, literal) if is_right else (literal, node.right)
    what = f"{number.value} becomes {moved} in {_shown(expr, node)}"
    yield _Variant(what, node, _binary(node, node.operator, *sides))


def _binary(
    node: syntax.Binary, operator: str, left: syntax.Node, right: syntax.Node
) -> syntax.Binary:
    return syntax.Binary(operator, left, right, node.operator_start, (node.start, node.end))


def _quantifiers(expr: Expr, node: syntax.Node, way: _Way) -> Iterator[_Variant]:
    if not isinstance(node, syntax.Comprehension):
        return
    tables = [*([_QUANTIFIERS] if way >= 0 else ()), *([_STRICTER] if way <= 0 else ())]
    for other in (table[node.macro] for table in tables if node.macro in table):
        place = (node.start, node.end)
        new = syntax.Comprehension(
            other, node.source, node.names, node.condition, node.result, place
        )
        yield _Variant(f"`{node.macro}` becomes `{other}` in {_shown(expr, node)}", node, new)


def _patterns(expr: Expr, node: syntax.Node, way: _Way) -> Iterator[_Variant]:
    pattern = syntax.literal_pattern(node) if isinstance(node, syntax.Call) else None
    if pattern is None or way < 0:
        return
    *others, literal = node.children()
    for looser in loosened(pattern):
        swapped = (*others, syntax.Literal(looser, literal.start, literal.end))
        what = f"the pattern becomes `{looser}` in {_shown(expr, node)}"
        yield _Variant(what, node, syntax.rebuilt(node, swapped))


def _shorter(expr: Expr, node: syntax.Node) -> Iterator[_Variant]:
    """Lists without one of their items, texts that are not cleaned, conditions not asked."""
    if isinstance(node, syntax.ListLiteral):
        for index, item in enumerate(node.items):
            optional = frozenset(each - (each > index) for each in node.optional if each != index)
            kept = (*node.items[:index], *node.items[index + 1 :])
            new = syntax.ListLiteral(kept, optional, node.start, node.end)
            yield _Variant(f"without {_shown(expr, item)} in {_shown(expr, node)}", item, new)
    elif isinstance(node, syntax.Call) and node.function in _CLEANERS and node.target is not None:
        what = f"without `{node.function}()` in {_shown(expr, node)}"
        yield _Variant(what, node, node.target)
    elif isinstance(node, syntax.Conditional):
        for branch in (node.then, node.other):
            yield _Variant(f"always {_shown(expr, branch)} of {_shown(expr, node)}", node, branch)


def _shown(expr: Expr, node: syntax.Node) -> str:
    """A part as it is written, on one line."""
    if node is expr.root:
        return "the rule"
    return f"`{' '.join(expr.text_of(node).split())}`"
