"""Why a rule is false: the conditions that made it so, and the data that they read."""

from __future__ import annotations

from bfg_policy.cel.closures import bound_local, evaluate
from bfg_policy.cel.errors import CelEvaluationError, path_text
from bfg_policy.cel.loops import steps
from bfg_policy.cel.program import BUDGET
from bfg_policy.cel.scope import ELEMENT, Frame, Local, Scope, data_path
from bfg_policy.cel.syntax import (
    Bind,
    Comprehension,
    Conditional,
    Has,
    Ident,
    Index,
    Logic,
    Node,
    OptMap,
    Select,
    Unary,
)
from bfg_policy.cel.values import ABSENT, Meter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.cel.errors import Step
    from bfg_policy.cel.program import Program

#: Of the elements that break `all`, so many are told; of reasons altogether.
_ELEMENTS = 3
_REASONS = 20


class Reason:
    """A condition that is not what the rule needs it to be, and one value that it read.

    text, start, end: the condition, as it stands in the rule.
    read: the part of it that read the value; None where the condition reads no data.
    value: what was read, or the condition's own value. present: whether it was there at all.
    keys: where it stands in the data, from the name of a variable on; path: the same as text.
    """

    __slots__ = ("end", "keys", "present", "read", "start", "text", "value")

    def __init__(
        self,
        text: str,
        place: tuple[int, int],
        value: object,
        *,
        read: str | None = None,
        keys: tuple[Step, ...] | None = None,
        present: bool = True,
    ) -> None:
        self.text = text
        self.start, self.end = place
        self.value = value
        self.read = read
        self.keys = keys
        self.present = present

    @property
    def path(self) -> str | None:
        """Where the value stands, as a rule would write it."""
        return None if self.keys is None else path_text(self.keys)

    def __repr__(self) -> str:
        return f"Reason({self.text!r}, {self.path}={self.value!r})"


def explain(
    program: Program, bindings: Mapping[str, object], *, budget: int = BUDGET
) -> tuple[Reason, ...]:
    """Why a rule is not true, in the order of the rule; nothing where it is true.

    Raises `CelEvaluationError` where the rule has no value, as `Program.evaluate` does.
    """
    if program.evaluate(bindings, budget=budget) is True:
        return ()
    explainer = _Explainer(program, bindings, budget)
    explainer.blame(program.expr.root, Scope.outermost(), wanted=True)
    return tuple(explainer.reasons)


class _Explainer:
    def __init__(self, program: Program, bindings: Mapping[str, object], budget: int) -> None:
        self.expr = program.expr
        self.frame = Frame(bindings, Meter(budget), 0)
        self.reasons: list[Reason] = []
        self.has_read = False  # whether the condition at hand reads data, told already or not

    def is_bool(self, node: Node, scope: Scope, value: bool) -> bool:  # noqa: FBT001
        """Whether a condition has this value; an error, which was absorbed, is none."""
        try:
            return evaluate(node, scope, self.frame) is value
        except CelEvaluationError as error:
            _unless_limit(error)
            return False

    def blame(self, node: Node, scope: Scope, *, wanted: bool) -> None:
        """Say why a condition is not as wanted."""
        if len(self.reasons) >= _REASONS:
            return
        if isinstance(node, Logic):
            for term in node.terms:
                if self.is_bool(term, scope, not wanted):
                    self.blame(term, scope, wanted=wanted)
        elif isinstance(node, Unary) and node.operator == "!":
            self.blame(node.operand, scope, wanted=not wanted)
        elif isinstance(node, Conditional):
            holds = self.is_bool(node.condition, scope, True)  # noqa: FBT003
            self.leaf(node.condition, scope)
            self.blame(node.then if holds else node.other, scope, wanted=wanted)
        elif isinstance(node, Comprehension) and node.macro == "all" and wanted:
            self.elements(node, scope)
        elif isinstance(node, Bind):
            local = bound_local(node, scope)
            self.frame.grow(scope.size)
            self.frame.slots[local.slot] = ABSENT
            self.blame(node.body, scope.within({node.name: local}), wanted=wanted)
        else:
            self.leaf(node, scope)

    def elements(self, node: Comprehension, scope: Scope) -> None:
        """The first elements of which the condition of `all` is false."""
        container = evaluate(node.source, scope, self.frame)
        local = scope.new_local(ELEMENT, node.source)
        names: dict[str, Local | int] = {node.names[-1]: local}
        first = -1
        if len(node.names) == 2:
            first = names[node.names[0]] = scope.new_slot()
        inner = scope.within(names)
        self.frame.grow(scope.size)
        condition = node.condition
        if condition is None or not isinstance(container, list | dict):
            return
        found = 0
        for _ in steps(self.frame.slots, container, local.slot, first):
            if self.is_bool(condition, inner, False):  # noqa: FBT003
                self.blame(condition, inner, wanted=True)
                found += 1
                if found == _ELEMENTS:
                    return

    def leaf(self, node: Node, scope: Scope) -> None:
        """A condition that is explained by the data it read."""
        self.has_read = False
        self.reads(node, node, scope)
        if not self.has_read:
            value = evaluate(node, scope, self.frame)
            place = (node.start, node.end)
            self.reasons.append(Reason(self.expr.text_of(node), place, value))

    def reads(self, node: Node, condition: Node, scope: Scope) -> None:
        """Every part of a condition that reads data, the longest path each time."""
        if isinstance(node, Has):
            self.read(node.select, condition, scope)
        elif isinstance(node, Select | Index | Ident) and self.read(node, condition, scope):
            return
        elif isinstance(node, Comprehension | Bind | OptMap):
            # What is inside reads by way of a name that stands for nothing here.
            self.reads(node.children()[0], condition, scope)
        else:
            for child in node.children():
                self.reads(child, condition, scope)

    def read(self, node: Node, condition: Node, scope: Scope) -> bool:
        """Tell what stands where a node reads; False where that is no place in the data."""
        try:
            keys = data_path(node, scope, self.frame, evaluate)
        except CelEvaluationError as error:
            _unless_limit(error)
            return False
        if keys is None or keys[0] not in self.frame.bindings:
            return False
        try:
            self.reason(node, condition, keys, evaluate(node, scope, self.frame), present=True)
        except CelEvaluationError as error:
            _unless_limit(error)
            self.reason(node, condition, keys, None, present=False)
        return True

    def reason(
        self, node: Node, condition: Node, keys: tuple[Step, ...], value: object, *, present: bool
    ) -> None:
        self.has_read = True
        place = (condition.start, condition.end)
        told = any((r.start, r.end) == place and r.keys == keys for r in self.reasons)
        if not told and len(self.reasons) < _REASONS:
            text, read = self.expr.text_of(condition), self.expr.text_of(node)
            self.reasons.append(Reason(text, place, value, read=read, keys=keys, present=present))


def _unless_limit(error: CelEvaluationError) -> None:
    """Raises an error that nothing may absorb."""
    if error.kind == "limit":
        raise error
