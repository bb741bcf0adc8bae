"""Plants mistakes into rules that are right, and tells the token at which each has to be found.

`plant` knows nothing of what a rule is about: it goes by the syntax tree and the types of the
contracts, so that any pack's rules can be tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bfg_policy.cel import Type, parse
from bfg_policy.cel.syntax import (
    Binary,
    Call,
    Comprehension,
    Expr,
    Ident,
    Literal,
    Node,
    Select,
    walk,
)
from bfg_policy.cel.types import ObjectType, members

Names = Mapping[str, Type]


class Mistake(NamedTuple):
    """A rule with one mistake. token: the text at which it is found, which starts at `start`."""

    what: str
    text: str
    start: int
    token: str
    severity: str = "error"


def plant(text: str, variables: Names) -> Iterator[Mistake]:
    """Every mistake that this module knows, each in a copy of the rule."""
    expr = parse(text)
    local = {
        name for node in walk(expr.root) if isinstance(node, Comprehension) for name in node.names
    }
    for node in walk(expr.root):
        if isinstance(node, Select):
            yield from _fields(expr, node)
        elif isinstance(node, Ident) and node.name in variables and node.name not in local:
            yield _swap(expr, "a misspelt variable", node.start, node.end, f"{node.name}z")
        elif isinstance(node, Call):
            yield from _calls(expr, node)
        elif isinstance(node, Comprehension):
            yield from _macros(expr, node)
        elif isinstance(node, Binary):
            yield from _comparisons(expr, node, variables)
    yield from _whole(expr)


def _swap(expr: Expr, what: str, start: int, end: int, new: str) -> Mistake:
    """The rule with one piece replaced by another, at which the mistake is found."""
    return Mistake(what, expr.text[:start] + new + expr.text[end:], start, new)


def _fields(expr: Expr, node: Select) -> Iterator[Mistake]:
    place = (node.field_start, node.end)
    yield _swap(expr, "a field with a letter too many", *place, f"{node.field}q")
    if len(node.field) > 5:
        middle = len(node.field) // 2
        shorter = node.field[:middle] + node.field[middle + 1 :]
        yield _swap(expr, "a field with a letter too few", *place, shorter)


def _calls(expr: Expr, node: Call) -> Iterator[Mistake]:
    yield _swap(expr, "a misspelt function", node.name_start, node.name_end, f"{node.function}s")
    pattern = node.args[-1] if node.function == "matches" and node.args else None
    if isinstance(pattern, Literal):
        bad = expr.text_of(pattern)[:-1] + "(" + expr.text_of(pattern)[-1]
        yield _swap(expr, "a pattern that ends too early", pattern.start, pattern.end, bad)


def _macros(expr: Expr, node: Comprehension) -> Iterator[Mistake]:
    body = node.body()[0]
    start = expr.text.index(node.macro, node.source.end)
    if start < body.start:
        end = start + len(node.macro)
        yield _swap(expr, "a misspelt macro", start, end, f"{node.macro}z")


def _comparisons(expr: Expr, node: Binary, variables: Names) -> Iterator[Mistake]:
    literal = node.right
    if node.operator not in ("==", "!=") or not isinstance(literal, Literal):
        return
    other = {str: "17", int: "'17'", bool: "'true'", float: "'1.5'"}.get(type(literal.value))
    whole = expr.text
    changed = _swap(expr, "another type", literal.start, literal.end, other or "'x'")
    token = whole[node.start : literal.start] + changed.token
    yield changed._replace(start=node.start, token=token)
    single = whole.replace("==", "=", 1)
    at = whole.find("==")
    if at >= 0:
        yield Mistake("one sign for two", single, at, "=")
    values = _values(node.left, variables)
    if values and isinstance(literal.value, str):
        written = expr.text_of(literal)
        wrong = f"{written[:-1]}x{written[-1]}"
        yield _swap(expr, "a value of no enum", literal.start, literal.end, wrong)


def _values(node: Node, variables: Names) -> frozenset[object] | None:
    """What a chain of fields may be, where its contract lists it."""
    names: list[str] = []
    while isinstance(node, Select):
        names.insert(0, node.field)
        node = node.operand
    found = variables.get(node.name) if isinstance(node, Ident) else None
    for name in names:
        objects = [part for part in members(found) if isinstance(part, ObjectType)] if found else []
        found = objects[0].fields.get(name) if objects else None
    return None if found is None else found.values


def _whole(expr: Expr) -> Iterator[Mistake]:
    text = expr.text
    guarded = f"({text}) || true"
    yield Mistake("a guard that is always true", guarded, len(guarded) - 4, "true", "warning")
    yield Mistake("a parenthesis that stays open", f"({text}", 0, "(")
    ended = f"{text} and true"
    yield Mistake("a word for an operator", ended, len(text) + 1, "and")
    as_text = f"string({text})"
    yield Mistake("a text for a verdict", as_text, 0, as_text)
