"""Closures of macros: what brings in local names."""

from __future__ import annotations

from bfg_policy.cel.closures.base import closure, failed, placed
from bfg_policy.cel.errors import Failure
from bfg_policy.cel.loops import MACROS, steps
from bfg_policy.cel.scope import ELEMENT, SAME, Local, weight
from bfg_policy.cel.values import ABSENT, Optional, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bfg_policy.cel.closures.base import Closure
    from bfg_policy.cel.scope import Frame, Scope
    from bfg_policy.cel.syntax import Bind, Comprehension, OptMap


def bind_node(node: Bind, scope: Scope) -> Closure:
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


def opt_map_node(node: OptMap, scope: Scope) -> Closure:
    """`optMap` and `optFlatMap`."""
    target = closure(node.target, scope)
    local = scope.new_local(SAME, node.target)
    body = closure(node.body, scope.within({node.name: local}))
    slot = local.slot
    flat = node.flat

    def opt_map(frame: Frame) -> Optional:
        value = target(frame)
        if not isinstance(value, Optional):
            raise failed("type", f"{type_name(value)} is not an optional", node.target)
        if not value.filled:
            return value
        frame.slots[slot] = value.value
        made = body(frame)
        if not flat:
            return Optional(made)
        if isinstance(made, Optional):
            return made
        raise failed("type", "`optFlatMap` needs an optional", node.body)

    return opt_map


def comprehension_node(node: Comprehension, scope: Scope) -> Closure:
    """A macro over a list or a map. Its cost is charged before it begins."""
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
            raise failed("type", message, node)
        try:
            frame.meter.charge(len(container) * cost)
            return run(frame, steps(frame.slots, container, *slots), holds, result, own)
        except Failure as failure:
            raise placed(failure, node) from None

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
        raise failed("type", f"`{node.macro}` needs a bool, not {type_name(value)}", place)

    return holds
