"""What a rule can read: paths into the data, and the values that it compares them with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.cel.syntax import (
    Bind,
    Comprehension,
    Has,
    Ident,
    Index,
    ListLiteral,
    Literal,
    OptMap,
    Select,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bfg_policy.cel import Expr
    from bfg_policy.cel.syntax import Node

# The variable that holds all others but the evidence, each by its own name.
WHOLE, EVIDENCE = "scenario", "evidence"
# Any element of a list, any value of a map.
ANY = "*"
Path = tuple[str, ...]


class Reads(NamedTuple):
    """paths: from the name of a variable on, `*` for any element; sorted. literals: the texts and
    numbers that stand in the rules: first those that only one of them has, then in their order.
    unshared: those that only one of them has.
    """

    paths: tuple[Path, ...]
    literals: tuple[object, ...]
    unshared: tuple[object, ...] = ()


def reads(*expressions: Expr) -> Reads:
    """What some expressions read together."""
    paths: set[Path] = set()
    standing: dict[tuple[type, object], int] = {}
    for expression in expressions:
        paths.update(_plain(path) for found in _paths(expression.root, {}) for path in found)
        for literal in _literals(expression):
            standing[literal] = standing.get(literal, 0) + 1
    unshared = tuple(value for (_, value), count in standing.items() if count == 1)
    shared = tuple(value for (_, value), count in standing.items() if count > 1)
    return Reads(tuple(sorted(paths)), (*unshared, *shared), unshared)


def _literals(expression: Expr) -> Iterable[tuple[type, object]]:
    """Each literal once, with its type: `1` and `true` are two."""
    found = (node.value for node in walk(expression.root) if isinstance(node, Literal))
    known = ((type(value), value) for value in found if isinstance(value, str | int | float))
    return dict.fromkeys(known)


def _plain(path: Path) -> Path:
    """The same place by its shortest name: `scenario.rollback.owner` is `rollback.owner`."""
    return path[1:] if path[0] == WHOLE and len(path) > 1 and path[1] != WHOLE else path


def _paths(node: Node, names: Mapping[str, frozenset[Path]]) -> Iterator[frozenset[Path]]:
    """The paths that a node and all below it mean; names: what local names stand for."""
    yield _meant(node, names)
    if isinstance(node, Comprehension):
        yield from _paths(node.source, names)
        inside = {**names, **_elements(node, names)}
        for part in node.body():
            yield from _paths(part, inside)
    elif isinstance(node, Bind):
        yield from _paths(node.value, names)
        yield from _paths(node.body, {**names, node.name: _meant(node.value, names)})
    elif isinstance(node, OptMap):
        yield from _paths(node.target, names)
        yield from _paths(node.body, {**names, node.name: _meant(node.target, names)})
    else:
        for child in node.children():
            yield from _paths(child, names)


def _elements(
    node: Comprehension, names: Mapping[str, frozenset[Path]]
) -> dict[str, frozenset[Path]]:
    """What the names of a macro stand for: the last is the element, one before it the position."""
    source = node.source
    if isinstance(source, ListLiteral):
        found = frozenset(path for item in source.items for path in _meant(item, names))
    else:
        found = frozenset((*path, ANY) for path in _meant(source, names))
    return {**dict.fromkeys(node.names, frozenset()), node.names[-1]: found}


def _meant(node: Node, names: Mapping[str, frozenset[Path]]) -> frozenset[Path]:
    """The paths that a node's value can come from; none where it is computed."""
    if isinstance(node, Ident):
        if not node.absolute and node.name in names:
            return names[node.name]
        return frozenset({(node.name,)})
    if isinstance(node, Select):
        return frozenset((*path, node.field) for path in _meant(node.operand, names))
    if isinstance(node, Has):
        return _meant(node.select, names)
    if isinstance(node, Index):
        is_named = isinstance(node.key, Literal) and isinstance(node.key.value, str)
        step = str(node.key.value) if is_named and isinstance(node.key, Literal) else ANY
        return frozenset((*path, step) for path in _meant(node.operand, names))
    if isinstance(node, Comprehension) and node.macro == "filter":
        return _meant(node.source, names)
    if isinstance(node, ListLiteral):
        return frozenset(path for item in node.items for path in _meant(item, names))
    return frozenset()
