"""The types of operators: what they take, what they give, what can never be equal."""

from __future__ import annotations

from bfg_policy.cel.types import (
    BYTES,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    UINT,
    ListType,
    Type,
    members,
    union,
)

_NUMBERS = frozenset(("int", "uint", "double"))
_OPEN = frozenset(("dyn", "error"))
_ORDER = {
    **dict.fromkeys(_NUMBERS, "number"),
    **{kind: kind for kind in ("string", "bytes", "bool", "timestamp", "duration")},
}
_SAME: dict[str, tuple[Type, ...]] = {
    "+": (INT, UINT, DOUBLE, STRING, BYTES, DURATION),
    "-": (INT, UINT, DOUBLE, DURATION),
    "*": (INT, UINT, DOUBLE),
    "/": (INT, UINT, DOUBLE),
    "%": (INT, UINT),
}
_MIXED: dict[str, dict[tuple[str, str], Type]] = {
    "+": {("timestamp", "duration"): TIMESTAMP, ("duration", "timestamp"): TIMESTAMP},
    "-": {("timestamp", "duration"): TIMESTAMP, ("timestamp", "timestamp"): DURATION},
}


def arithmetic(operator: str, left: Type, right: Type) -> Type | None:
    """The type of `left operator right`, or None where it takes no such operands."""
    found: list[Type] = []
    for a in members(left):
        for b in members(right):
            result = _arithmetic(operator, a, b)
            if result is not None:
                found.append(result)
    return union(found) if found else None


def _arithmetic(operator: str, left: Type, right: Type) -> Type | None:
    if left.kind in _OPEN or right.kind in _OPEN:
        return left if left.kind in _OPEN else right
    if left.kind == right.kind:
        for same in _SAME[operator]:
            if same.kind == left.kind:
                return same
        if operator == "+" and isinstance(left, ListType) and isinstance(right, ListType):
            return ListType(union((left.element, right.element)))
    return _MIXED.get(operator, {}).get((left.kind, right.kind))


def ordered(left: Type, right: Type) -> bool:
    """Whether `<` may have a value for such operands."""
    return any(
        a.kind in _OPEN
        or b.kind in _OPEN
        or (a.kind in _ORDER and _ORDER[a.kind] == _ORDER.get(b.kind))
        for a in members(left)
        for b in members(right)
    )


def comparable(left: Type, right: Type) -> bool:
    """Whether values of these types may be equal, as far as the types alone go."""
    return any(_may_meet(a, b) for a in members(left) for b in members(right))


def _may_meet(left: Type, right: Type) -> bool:
    if left.kind in _OPEN or right.kind in _OPEN or left.kind == right.kind:
        return True
    return left.kind in _NUMBERS and right.kind in _NUMBERS


def always_equal(left: Type, right: Type) -> bool | None:
    """True where the values are equal whatever they are, False where never, else None."""
    pairs = [(a, b) for a in members(left) for b in members(right) if _may_meet(a, b)]
    if any(a.values is None or b.values is None for a, b in pairs):
        return None
    if all(a.values.isdisjoint(b.values) for a, b in pairs if a.values and b.values):
        return False
    alone = len(pairs) == len(members(left)) == len(members(right)) == 1
    return True if alone and all(len(found.values or ()) == 1 for found in pairs[0]) else None
