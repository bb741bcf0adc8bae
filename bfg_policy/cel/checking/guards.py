"""Fields that may be absent where an error can hide: under `||` and `?:`.

Read anywhere else, an absent field means that the rule has no value, which is what it should
mean. Under `||` and `?:` it depends on other data whether anybody notices, so such a read wants
a `has(…)` that is true wherever it is reached.
"""

from __future__ import annotations

from bfg_policy.cel.syntax import Has, Ident, Index, Literal, Logic, Node, Select, Unary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Self

    from bfg_policy.cel.checking.report import Report

    Path = tuple[str, ...]

_AS_A_FIELD = "Read it as a field of what holds it, so that `has(...)` can ask for it first."


class Guards:
    """What is known of absent fields at the point that the checker has come to.

    optional: the variables that may be absent themselves.
    """

    def __init__(self, report: Report, optional: Collection[str]) -> None:
        self.report = report
        self.optional = optional
        self.risky = False
        self.present: frozenset[Path] = frozenset()
        self.warned: set[Path] = set()

    def reads_variable(self, node: Ident) -> None:
        """A variable is read that no macro brought in."""
        if node.name in self.optional:
            self.may_be_absent(node)

    def may_be_absent(self, node: Select | Ident) -> None:
        """The contract does not say that this is there: warn where that may be missed."""
        path = _path(node)
        if not self.risky or path is None or path in self.present or path in self.warned:
            return
        self.warned.add(path)
        message = f"`{path[-1]}` may be absent, and here that can go unnoticed"
        if isinstance(node, Ident):
            self.report.warn("optional", message, node, _AS_A_FIELD)
            return
        hint = f"Ask first: `has({'.'.join(path)})`; or give a default, from `.?{node.field}` on."
        self.report.warn("optional", message, (node.field_start, node.end), hint)

    def chain(self, node: Logic) -> _Level:
        """For the terms of a chain: each is of consequence only where the others let it be."""
        holds = node.operator == "&&"
        return _Level(self, self.risky or not holds, self.present | _present(node, holds=holds))

    def condition(self) -> _Level:
        """For the condition of `?:`."""
        return _Level(self, True, self.present)  # noqa: FBT003

    def branch(self, condition: Node, *, holds: bool) -> _Level:
        """For what `?:` gives where the condition holds, or does not."""
        return _Level(self, True, self.present | _present(condition, holds=holds))  # noqa: FBT003

    def testing(self) -> _Level:
        """For the field that `has(…)` asks for: its absence is an answer."""
        return _Level(self, False, self.present)  # noqa: FBT003


class _Level:
    """Sets what is known for a part of the rule, and puts it back."""

    def __init__(self, guards: Guards, risky: bool, present: frozenset[Path]) -> None:  # noqa: FBT001
        self.guards = guards
        self.inner = (risky, present)
        self.outer = (guards.risky, guards.present)

    def __enter__(self) -> Self:
        self.guards.risky, self.guards.present = self.inner
        return self

    def __exit__(self, *_: object) -> None:
        self.guards.risky, self.guards.present = self.outer


def _present(node: Node, *, holds: bool) -> frozenset[Path]:
    """The fields that must be there for the node to be true (or false, without `holds`)."""
    if isinstance(node, Has) and holds:
        path = _path(node.select)
        return frozenset() if path is None else frozenset(_prefixes(path))
    if isinstance(node, Unary) and node.operator == "!":
        return _present(node.operand, holds=not holds)
    if isinstance(node, Logic) and holds is (node.operator == "&&"):
        return frozenset().union(*(_present(term, holds=holds) for term in node.terms))
    return frozenset()


def _prefixes(path: Path) -> list[Path]:
    return [path[: length + 1] for length in range(len(path))]


def _path(node: Node) -> Path | None:
    """The names from a variable down to a field; None where something is computed."""
    names: list[str] = []
    while isinstance(node, Select | Index):
        if isinstance(node, Select):
            names.append(node.field)
        elif isinstance(node.key, Literal) and isinstance(node.key.value, str):
            names.append(node.key.value)
        else:
            return None
        node = node.operand
    return (node.name, *reversed(names)) if isinstance(node, Ident) else None
