"""Closures of values, names, fields, elements, lists and maps."""

from __future__ import annotations

from bfg_policy.cel.closures.base import closure, evaluate, failed, placed
from bfg_policy.cel.comparing import element
from bfg_policy.cel.errors import Failure
from bfg_policy.cel.loops import add_entry
from bfg_policy.cel.scope import Local, data_path
from bfg_policy.cel.syntax import Has, Ident, Index, ListLiteral, Literal, MapLiteral, Node, Select
from bfg_policy.cel.values import (
    ABSENT,
    NOTHING,
    TYPE_VALUES,
    Optional,
    type_name,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bfg_policy.cel.closures.base import Closure
    from bfg_policy.cel.errors import CelEvaluationError
    from bfg_policy.cel.scope import Frame, Scope


def literal_node(node: Literal, scope: Scope) -> Closure:  # noqa: ARG001
    """A value that is written in the rule."""
    value = node.value
    return lambda frame: value  # noqa: ARG005


def ident_node(node: Ident, scope: Scope) -> Closure:
    """A variable, a local name, or the name of a type."""
    name = node.name
    slot = scope.slot_of(node)
    if slot is not None:
        local = scope.locals[name]
        if isinstance(local, Local) and local.read is not None:
            return local.read
        return lambda frame: frame.slots[slot]
    fallback = TYPE_VALUES.get(name)

    def variable(frame: Frame) -> object:
        value = frame.bindings.get(name, ABSENT)
        if value is not ABSENT:
            return value
        if fallback is not None:
            return fallback
        raise failed("missing", f"there is no `{name}`", node, (name,))

    return variable


def select_node(node: Select, scope: Scope) -> Closure:
    """`operand.field` and `operand.?field`."""
    operand = closure(node.operand, scope)
    field = node.field
    optional = node.optional

    def select(frame: Frame) -> object:
        value = operand(frame)
        if isinstance(value, dict) and not optional:
            found = value.get(field, ABSENT)
            if found is not ABSENT:
                return found
            raise _missing(node, scope, frame, field)
        return _optional_field(value, field, node, optional=optional)

    return select


def _missing(node: Node, scope: Scope, frame: Frame, key: object) -> CelEvaluationError:
    """There is no such field or key: an error that tells the path in the data."""
    assert isinstance(node, Select | Index)
    keys = data_path(node.operand, scope, frame, evaluate)
    if keys is not None:
        keys = (*keys, key if isinstance(key, str) else str(key))
    return failed("missing", f"there is no `{key}`", node, keys)


def _optional_field(value: object, field: str, node: Node, *, optional: bool) -> object:
    """`x.?field`, and `x.field` of an optional x: an optional."""
    if isinstance(value, Optional):
        if not value.filled:
            return NOTHING
        value = value.value
    elif not optional:
        raise failed("type", f"{type_name(value)} has no fields", node)
    if not isinstance(value, dict):
        raise failed("type", f"{type_name(value)} has no fields", node)
    return Optional(value[field]) if field in value else NOTHING


def has_node(node: Has, scope: Scope) -> Closure:
    """`has(operand.field)`."""
    operand = closure(node.select.operand, scope)
    field = node.select.field

    def has(frame: Frame) -> bool:
        value = operand(frame)
        if isinstance(value, Optional):
            if not value.filled:
                return False
            value = value.value
        if isinstance(value, dict):
            return field in value
        raise failed("type", f"{type_name(value)} has no fields", node)

    return has


def index_node(node: Index, scope: Scope) -> Closure:
    """`operand[key]` and `operand[?key]`."""
    operand = closure(node.operand, scope)
    key = closure(node.key, scope)
    optional = node.optional

    def index(frame: Frame) -> object:
        container = operand(frame)
        position = key(frame)
        chained = isinstance(container, Optional)
        if isinstance(container, Optional):
            if not container.filled:
                return NOTHING
            container = container.value
        try:
            found = element(container, position)
        except Failure as failure:
            raise placed(failure, node) from None
        if optional or chained:
            return NOTHING if found is ABSENT else Optional(found)
        if found is not ABSENT:
            return found
        if isinstance(container, dict):
            raise _missing(node, scope, frame, position)
        raise failed("index", f"a list of {len(container)} has no [{position}]", node)  # type: ignore[arg-type]

    return index


def list_node(node: ListLiteral, scope: Scope) -> Closure:
    """A list, without its optional elements that have no value."""
    items = [closure(item, scope) for item in node.items]
    optional = node.optional
    if not optional:
        return lambda frame: [item(frame) for item in items]

    def build(frame: Frame) -> list[object]:
        found: list[object] = []
        for position, item in enumerate(items):
            value = item(frame)
            if position in optional:
                if not isinstance(value, Optional):
                    raise failed("type", "`?` needs an optional", node.items[position])
                if value.filled:
                    found.append(value.value)
            else:
                found.append(value)
        return found

    return build


def map_node(node: MapLiteral, scope: Scope) -> Closure:
    """A map, without its optional entries that have no value."""
    entries = [
        (closure(key, scope), closure(value, scope), optional, key, value)
        for key, value, optional in node.entries
    ]

    def build(frame: Frame) -> dict[object, object]:
        found: dict[object, object] = {}
        for key, value, optional, key_node, value_node in entries:
            made_key, made = key(frame), value(frame)
            if optional:
                if not isinstance(made, Optional):
                    raise failed("type", "`?` needs an optional", value_node)
                if not made.filled:
                    continue
                made = made.value
            try:
                add_entry(found, made_key, made)
            except Failure as failure:
                raise placed(failure, key_node) from None
        return found

    return build
