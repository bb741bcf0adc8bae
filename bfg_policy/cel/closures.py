"""The reference evaluator: one Python closure for each node, exact about every failure.

`closure(node, scope)` gives a function of a `Frame`. Whatever cannot be computed raises
`CelEvaluationError` with the place in the rule and the path in the data. `&&`, `||`, `all` and
`exists` absorb such errors in both orders, as CEL wants; an error over the budget is absorbed by
nothing. The generated functions of `codegen` must do exactly what stands here.
"""

from __future__ import annotations

from bfg_policy.cel.arithmetic import OPERATIONS, negate
from bfg_policy.cel.errors import CelEvaluationError, Failure
from bfg_policy.cel.functions import family
from bfg_policy.cel.functions.optionals import LAZY
from bfg_policy.cel.functions.strings import matcher
from bfg_policy.cel.loops import MACROS, add_entry, more_serious, steps
from bfg_policy.cel.scope import ELEMENT, SAME, Frame, Local, Scope, data_path, weight
from bfg_policy.cel.syntax import (
    Binary,
    Bind,
    Call,
    Comprehension,
    Conditional,
    Has,
    Ident,
    Index,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Node,
    OptMap,
    Select,
    Unary,
    literal_pattern,
)
from bfg_policy.cel.values import (
    ABSENT,
    NOTHING,
    TYPE_VALUES,
    Optional,
    contains,
    element,
    equals,
    less,
    less_or_equal,
    type_name,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bfg_policy.cel.errors import FailureKind, Step
    from bfg_policy.cel.values import Meter

    Closure = Callable[[Frame], object]


def closure(node: Node, scope: Scope) -> Closure:
    """A function from a frame to the node's value. It raises `CelEvaluationError`."""
    return _BUILDERS[type(node)](node, scope)


def evaluate(node: Node, scope: Scope, frame: Frame) -> object:
    """The value of a node in a frame that is in use already, and grows with it."""
    run = closure(node, scope)
    frame.grow(scope.size)
    return run(frame)


def _error(
    kind: FailureKind, message: str, node: Node, keys: Sequence[Step] | None = None
) -> CelEvaluationError:
    return CelEvaluationError(kind, message, node.start, node.end, keys)


def _at(failure: Failure, node: Node) -> CelEvaluationError:
    return _error(failure.kind, failure.message, node)


# Values and names.


def _literal(node: Literal, scope: Scope) -> Closure:  # noqa: ARG001
    value = node.value
    return lambda frame: value  # noqa: ARG005


def _ident(node: Ident, scope: Scope) -> Closure:
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
        raise _error("missing", f"there is no `{name}`", node, (name,))

    return variable


def _select(node: Select, scope: Scope) -> Closure:
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
    return _error("missing", f"there is no `{key}`", node, keys)


def _optional_field(value: object, field: str, node: Node, *, optional: bool) -> object:
    """`x.?field`, and `x.field` of an optional x: an optional."""
    if isinstance(value, Optional):
        if not value.filled:
            return NOTHING
        value = value.value
    elif not optional:
        raise _error("type", f"{type_name(value)} has no fields", node)
    if not isinstance(value, dict):
        raise _error("type", f"{type_name(value)} has no fields", node)
    return Optional(value[field]) if field in value else NOTHING


def _has(node: Has, scope: Scope) -> Closure:
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
        raise _error("type", f"{type_name(value)} has no fields", node)

    return has


def _index(node: Index, scope: Scope) -> Closure:
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
            raise _at(failure, node) from None
        if optional or chained:
            return NOTHING if found is ABSENT else Optional(found)
        if found is not ABSENT:
            return found
        if isinstance(container, dict):
            raise _missing(node, scope, frame, position)
        raise _error("index", f"a list of {len(container)} has no [{position}]", node)  # type: ignore[arg-type]

    return index


def _list(node: ListLiteral, scope: Scope) -> Closure:
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
                    raise _error("type", "`?` needs an optional", node.items[position])
                if value.filled:
                    found.append(value.value)
            else:
                found.append(value)
        return found

    return build


def _map(node: MapLiteral, scope: Scope) -> Closure:
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
                    raise _error("type", "`?` needs an optional", value_node)
                if not made.filled:
                    continue
                made = made.value
            try:
                add_entry(found, made_key, made)
            except Failure as failure:
                raise _at(failure, key_node) from None
        return found

    return build


# Operators.


def _unary(node: Unary, scope: Scope) -> Closure:
    operand = closure(node.operand, scope)
    if node.operator == "!":

        def invert(frame: Frame) -> bool:
            value = operand(frame)
            if value is True:
                return False
            if value is False:
                return True
            raise _error("type", f"`!` needs a bool, not {type_name(value)}", node)

        return invert

    def minus(frame: Frame) -> object:
        try:
            return negate(operand(frame))
        except Failure as failure:
            raise _at(failure, node) from None

    return minus


_RELATIONS: dict[str, Callable[[object, object, Meter], object]] = {
    "==": equals,
    "!=": lambda left, right, meter: not equals(left, right, meter),
    "<": lambda left, right, meter: less(left, right),  # noqa: ARG005
    "<=": lambda left, right, meter: less_or_equal(left, right),  # noqa: ARG005
    ">": lambda left, right, meter: less(right, left),  # noqa: ARG005
    ">=": lambda left, right, meter: less_or_equal(right, left),  # noqa: ARG005
    "in": lambda left, right, meter: contains(right, left, meter),
}
_BINARY = {**_RELATIONS, **OPERATIONS}


def _binary(node: Binary, scope: Scope) -> Closure:
    left = closure(node.left, scope)
    right = closure(node.right, scope)
    operate = _BINARY[node.operator]

    def binary(frame: Frame) -> object:
        try:
            return operate(left(frame), right(frame), frame.meter)
        except Failure as failure:
            raise _at(failure, node) from None

    return binary


def _logic(node: Logic, scope: Scope) -> Closure:
    terms = [(closure(term, scope), term) for term in node.terms]
    operator = node.operator
    settles = operator == "||"

    def logic(frame: Frame) -> bool:
        pending: CelEvaluationError | None = None
        for term, term_node in terms:
            try:
                value = term(frame)
            except CelEvaluationError as error:
                pending = more_serious(pending, error)
                continue
            if value is settles:
                return settles
            if type(value) is not bool:
                message = f"`{operator}` needs a bool, not {type_name(value)}"
                pending = more_serious(pending, _error("type", message, term_node))
        if pending is not None:
            raise pending
        return not settles

    return logic


def _conditional(node: Conditional, scope: Scope) -> Closure:
    condition = closure(node.condition, scope)
    then = closure(node.then, scope)
    other = closure(node.other, scope)

    def conditional(frame: Frame) -> object:
        value = condition(frame)
        if value is True:
            return then(frame)
        if value is False:
            return other(frame)
        raise _error("type", f"`?` needs a bool, not {type_name(value)}", node.condition)

    return conditional


# Functions and macros.


def _call(node: Call, scope: Scope) -> Closure:
    member = node.target is not None
    args = [closure(child, scope) for child in node.children()]
    found = family(node.function, member=member)
    if found is None:
        message = f"there is no function `{node.function}`"

        def unknown(frame: Frame) -> object:  # noqa: ARG001
            raise _error("function", message, node)

        return unknown
    if member and node.function in LAZY and len(args) == 2:
        return _lazy(node, args)
    pattern = literal_pattern(node)
    if pattern is not None:
        return _matches(node, args[0], pattern)
    call = found.call

    def invoke(frame: Frame) -> object:
        try:
            return call(frame.meter, *[arg(frame) for arg in args])
        except Failure as failure:
            raise _at(failure, node) from None

    return invoke


def _matches(node: Call, text: Closure, pattern: str) -> Closure:
    """`matches` with a pattern that the rule holds: it is compiled at the first text."""
    search: list[Callable[[Meter, str], bool]] = []

    def match(frame: Frame) -> bool:
        value = text(frame)
        if not isinstance(value, str):
            raise _error("type", f"`matches` does not take {type_name(value)}", node)
        try:
            if not search:
                search.append(matcher(pattern))
            return search[0](frame.meter, value)
        except Failure as failure:
            raise _at(failure, node) from None

    return match


def _lazy(node: Call, args: Sequence[Closure]) -> Closure:
    """`x.or(y)` and `x.orValue(y)`: y is not looked at where x has a value."""
    target, other = args
    unpack = node.function == "orValue"

    def lazy(frame: Frame) -> object:
        value = target(frame)
        if not isinstance(value, Optional):
            message = f"`{node.function}` needs an optional, not {type_name(value)}"
            raise _error("type", message, node)
        if value.filled:
            return value.value if unpack else value
        replacement = other(frame)
        if not unpack and not isinstance(replacement, Optional):
            raise _error("type", "`or` needs an optional", node)
        return replacement

    return lazy


def _bind(node: Bind, scope: Scope) -> Closure:
    """As in the other engines, the value is worked out when the body first asks for it."""
    local = bound_local(node, scope)
    body = closure(node.body, scope.within({node.name: local}))
    slot = local.slot

    def bind(frame: Frame) -> object:
        frame.slots[slot] = ABSENT
        return body(frame)

    return bind


def bound_local(node: Bind, scope: Scope) -> Local:
    """The name of a `cel.bind`. Its slot says `ABSENT` until somebody asks for the value."""
    local = scope.new_local(SAME, node.value)
    slot = local.slot
    value = closure(node.value, scope)

    def read(frame: Frame) -> object:
        found = frame.slots[slot]
        if found is ABSENT:
            found = frame.slots[slot] = value(frame)
        return found

    local.read = read
    return local


def _opt_map(node: OptMap, scope: Scope) -> Closure:
    target = closure(node.target, scope)
    local = scope.new_local(SAME, node.target)
    body = closure(node.body, scope.within({node.name: local}))
    slot = local.slot
    flat = node.flat

    def opt_map(frame: Frame) -> Optional:
        value = target(frame)
        if not isinstance(value, Optional):
            raise _error("type", f"{type_name(value)} is not an optional", node.target)
        if not value.filled:
            return value
        frame.slots[slot] = value.value
        made = body(frame)
        if not flat:
            return Optional(made)
        if isinstance(made, Optional):
            return made
        raise _error("type", "`optFlatMap` needs an optional", node.body)

    return opt_map


def _comprehension(node: Comprehension, scope: Scope) -> Closure:
    source = closure(node.source, scope)
    local = scope.new_local(ELEMENT, node.source)
    names: dict[str, Local | int] = {node.names[-1]: local}
    slots = (local.slot, -1)
    if len(node.names) == 2:
        slots = (local.slot, scope.new_slot())
        names[node.names[0]] = slots[1]
    inner = scope.within(names)
    holds = _predicate(node, inner)
    result = _always if node.result is None else closure(node.result, inner)
    own_slot = slots[1] if node.macro == "transformMap" else slots[0]
    run = MACROS[node.macro]
    cost = weight(node)

    def own(frame: Frame) -> object:
        return frame.slots[own_slot]

    def comprehension(frame: Frame) -> object:
        container = source(frame)
        if not isinstance(container, list | dict):
            message = f"`{node.macro}` needs a list or a map, not {type_name(container)}"
            raise _error("type", message, node)
        try:
            frame.meter.charge(len(container) * cost)
            return run(frame, steps(frame.slots, container, *slots), holds, result, own)
        except Failure as failure:
            raise _at(failure, node) from None

    return comprehension


def _always(frame: Frame) -> bool:  # noqa: ARG001
    return True


def _predicate(node: Comprehension, scope: Scope) -> Closure:
    if node.condition is None:
        return _always
    condition = closure(node.condition, scope)
    place = node.condition

    def holds(frame: Frame) -> bool:
        value = condition(frame)
        if value is True or value is False:
            return value
        raise _error("type", f"`{node.macro}` needs a bool, not {type_name(value)}", place)

    return holds


_BUILDERS: dict[type[Node], Callable[..., Closure]] = {
    Literal: _literal,
    Ident: _ident,
    Select: _select,
    Has: _has,
    Index: _index,
    Call: _call,
    ListLiteral: _list,
    MapLiteral: _map,
    Unary: _unary,
    Binary: _binary,
    Logic: _logic,
    Conditional: _conditional,
    Comprehension: _comprehension,
    Bind: _bind,
    OptMap: _opt_map,
}
