"""What a running evaluation holds: variables, local names, and where values came from."""

from __future__ import annotations

from bfg_policy.cel.syntax import Comprehension, Ident, Index, Node, Select, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bfg_policy.cel.errors import Step
    from bfg_policy.cel.values import Meter

    Evaluate = Callable[[Node, "Scope", "Frame"], object]

#: A local stands for an element of what its node gives, or for just what its node gives.
ELEMENT, SAME = "element", "same"


class Frame:
    """One evaluation.

    bindings: the variables. slots: two for each local name, its value and the key or position
    at which it was found. meter: what is left of the budget.
    """

    __slots__ = ("bindings", "meter", "slots")

    def __init__(self, bindings: Mapping[str, object], meter: Meter, size: int) -> None:
        self.bindings = bindings
        self.meter = meter
        self.slots: list[object] = [None] * size

    def grow(self, size: int) -> None:
        """Make room for the local names of another part of the rule."""
        self.slots.extend([None] * (size - len(self.slots)))


class Local:
    """A name that a macro brings in.

    node: what it comes from, as seen in `scope`. read: gives its value, where its slot is not
    filled beforehand.
    """

    __slots__ = ("kind", "node", "read", "scope", "slot")

    def __init__(self, slot: int, kind: str, node: Node, scope: Scope) -> None:
        self.slot = slot
        self.kind = kind
        self.node = node
        self.scope = scope
        self.read: Callable[[Frame], object] | None = None


class Scope:
    """The local names at one point of a rule. layout: counts the slots of the whole rule."""

    __slots__ = ("layout", "locals")

    def __init__(self, found: Mapping[str, Local | int], layout: list[int]) -> None:
        self.locals = found
        self.layout = layout

    @classmethod
    def outermost(cls) -> Scope:
        """The scope of a whole rule, without any local name."""
        return cls({}, [0])

    @property
    def size(self) -> int:
        """The slots that a frame needs."""
        return self.layout[0]

    def new_slot(self) -> int:
        """The first of two slots that nothing else uses."""
        self.layout[0] += 2
        return self.layout[0] - 2

    def new_local(self, kind: str, node: Node) -> Local:
        """A local that comes from a node as seen from here."""
        return Local(self.new_slot(), kind, node, self)

    def within(self, names: Mapping[str, Local | int]) -> Scope:
        """The scope of a macro's body. A name with a mere slot stands for no part of the data."""
        return Scope({**self.locals, **names}, self.layout)

    def slot_of(self, node: Ident) -> int | None:
        """The slot that a name reads, or None where it is a variable."""
        if node.absolute:
            return None
        found = self.locals.get(node.name)
        return found.slot if isinstance(found, Local) else found


def weight(node: Comprehension) -> int:
    """What one step of a macro costs: the number of nodes that run for it."""
    return sum(1 for part in node.body() for _ in walk(part))


def data_path(
    node: Node, scope: Scope, frame: Frame, evaluate: Evaluate
) -> tuple[Step, ...] | None:
    """Where in the data a node's value stands: a variable's name, then keys and positions.

    None where the value was computed. `evaluate` gives the value of a key.
    """
    keys = _path(node, scope, frame, evaluate)
    return None if keys is None or any(isinstance(key, bool) for key in keys) else keys


def _path(node: Node, scope: Scope, frame: Frame, evaluate: Evaluate) -> tuple[Step, ...] | None:
    if isinstance(node, Ident):
        if node.absolute or node.name not in scope.locals:
            return (node.name,)
        local = scope.locals[node.name]
        return _local_path(local, frame, evaluate) if isinstance(local, Local) else None
    if isinstance(node, Select):
        base = _path(node.operand, scope, frame, evaluate)
        return None if base is None else (*base, node.field)
    if isinstance(node, Index):
        base = _path(node.operand, scope, frame, evaluate)
        key = evaluate(node.key, scope, frame)
        return (*base, key) if base is not None and isinstance(key, str | int) else None
    return None


def _local_path(local: Local, frame: Frame, evaluate: Evaluate) -> tuple[Step, ...] | None:
    if local.kind != ELEMENT:
        return _path(local.node, local.scope, frame, evaluate)
    source, step = local.node, frame.slots[local.slot + 1]
    while isinstance(source, Comprehension) and source.macro == "filter":
        # A filter keeps elements as they are: they are found again in what it went through.
        source, step = source.source, None
    base = _path(source, local.scope, frame, evaluate)
    if base is None:
        return None
    if step is None:
        step = _position_of(frame.slots[local.slot], value_at(frame.bindings, base))
    return (*base, step) if isinstance(step, str | int) else None


def _position_of(element: object, container: object) -> int | None:
    if isinstance(container, list) and isinstance(element, dict | list):
        return next((at for at, item in enumerate(container) if item is element), None)
    return None


def value_at(bindings: Mapping[str, object], keys: tuple[Step, ...]) -> object:
    """What stands at a path, or None."""
    value: object = bindings
    for key in keys:
        try:
            value = value[key]  # type: ignore[index]  # whatever has no such key raises
        except (KeyError, IndexError, TypeError):
            return None
    return value
