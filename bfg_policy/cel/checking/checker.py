"""The static check: every mistake of a rule that its types give away, before it runs."""

from __future__ import annotations

from bfg_policy.cel.checking.access import Access
from bfg_policy.cel.checking.calls import Calls
from bfg_policy.cel.checking.comparisons import Comparisons
from bfg_policy.cel.checking.guards import Guards
from bfg_policy.cel.checking.operators import arithmetic, comparable
from bfg_policy.cel.checking.report import Report
from bfg_policy.cel.errors import CelProblem, closest
from bfg_policy.cel.macros import NAMESPACES
from bfg_policy.cel.syntax import (
    Binary,
    Bind,
    Call,
    Comprehension,
    Conditional,
    Expr,
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
)
from bfg_policy.cel.types import (
    BOOL,
    DYN,
    ERROR,
    TYPE,
    ListType,
    MapType,
    OptionalType,
    Type,
    a,
    members,
    object_type,
    plain,
    union,
)
from bfg_policy.cel.values import TYPE_NAMES, TYPE_VALUES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    Names = Mapping[str, Type]

_KINDS = {"null_type": "null"}
#: Constants of other languages, and what CEL calls them.
_CONSTANTS = {"True": "true", "False": "false", "None": "null", "nil": "null"}
_SHOWN_NAMES = 12


def check(
    expr: Expr,
    variables: Mapping[str, Type],
    result: Type = BOOL,
    *,
    optional: Collection[str] = (),
) -> tuple[CelProblem, ...]:
    """Everything that is wrong with a rule, in the order of the text.

    variables: the types of the names that will be bound; any other name is a problem.
    result: what the rule's value has to be. optional: the variables that may not be bound.

    A mistake is reported once: what is built on it is not reported again.
    """
    report = Report(expr)
    checker = _Checker(report, optional)
    checker.result(expr.root, checker.type_of(expr.root, variables), result)
    return tuple(sorted(report.problems, key=lambda problem: (problem.start, problem.end)))


def type_of(expr: Expr, variables: Mapping[str, Type], *, optional: Collection[str] = ()) -> Type:
    """The type of an expression's value, as far as its variables' types tell it."""
    return _Checker(Report(expr), optional).type_of(expr.root, variables)


class _Checker:
    """Goes through the tree; gives each node its type and reports what is wrong with it."""

    def __init__(self, report: Report, optional: Collection[str]) -> None:
        self.report = report
        self.guards = Guards(report, optional)
        self.access = Access(report, self.guards)
        self.calls = Calls(report)
        self.comparisons = Comparisons(report)

    def type_of(self, node: Node, names: Names) -> Type:
        return _RULES[type(node)](self, node, names)

    def result(self, root: Node, found: Type, wanted: Type) -> None:
        """The value of the whole rule, and whether it depends on anything."""
        if not all(comparable(each, wanted) for each in members(found)):
            hint = "Compare it with what it should be." if wanted.kind == "bool" else None
            message = f"a rule must give {a(wanted)}, and this gives {a(found)}"
            self.report.error("result", message, root, hint=hint)
        elif wanted.kind == "bool":
            self.comparisons.constant(root, found)

    def need_bool(self, node: Node, found: Type, operator: str) -> Type:
        """The node is a condition. Gives its type, `error` where it cannot be one."""
        if comparable(found, BOOL):
            self.comparisons.constant(node, found)
            return found
        message = f"`{operator}` needs a bool, and `{self.report.text(node)}` is {a(found)}"
        hint = "Nothing is true by itself: compare it with what it should be."
        return self.report.error("type", message, node, hint=hint)

    # Values and names.

    def literal(self, node: Literal, names: Names) -> Type:  # noqa: ARG002
        name = TYPE_NAMES[type(node.value)]
        return Type(_KINDS.get(name, name), frozenset((node.value,)))

    def ident(self, node: Ident, names: Names) -> Type:
        found = names.get(node.name)
        if found is not None:
            self.guards.reads_variable(node)
            return found
        if node.name in TYPE_VALUES:
            return Type(TYPE.kind, frozenset((node.name,)))
        suggestion = _CONSTANTS.get(node.name) or closest(node.name, list(names))
        hint = None
        if suggestion is None and names:
            hint = f"The variables are: {', '.join(list(names)[:_SHOWN_NAMES])}."
        message = f"there is no variable `{node.name}`"
        place = (node.end - len(node.name), node.end)
        return self.report.error("name", message, place, suggestion=suggestion, hint=hint)

    def select(self, node: Select, names: Names) -> Type:
        return self.access.field(node, self.type_of(node.operand, names))

    def has(self, node: Has, names: Names) -> Type:
        return self.access.has(node, self.type_of(node.select.operand, names))

    def index(self, node: Index, names: Names) -> Type:
        operand = self.type_of(node.operand, names)
        return self.access.element(node, operand, self.type_of(node.key, names))

    def list_literal(self, node: ListLiteral, names: Names) -> Type:
        found = [self.type_of(item, names) for item in node.items]
        for position in node.optional:
            found[position] = self.unwrapped(node.items[position], found[position])
        return ListType(union(found))

    def unwrapped(self, node: Node, found: Type) -> Type:
        """The type behind a `?`, which leaves out an optional without a value."""
        if isinstance(found, OptionalType):
            return found.value
        if found.kind in ("dyn", "error"):
            return found
        return self.report.error("type", f"`?` needs an optional, and this is {a(found)}", node)

    def map_literal(self, node: MapLiteral, names: Names) -> Type:
        keys: list[Type] = []
        values: list[Type] = []
        fields: dict[str, Type] = {}
        required: list[str] = []
        for key, value, optional in node.entries:
            keys.append(self.type_of(key, names))
            found = self.type_of(value, names)
            values.append(self.unwrapped(value, found) if optional else found)
            if isinstance(key, Literal) and isinstance(key.value, str):
                fields[key.value] = values[-1]
                required.extend([] if optional else [key.value])
        if fields and len(fields) == len(node.entries):
            return object_type(fields, required=required)
        return MapType(union(keys), union(values))

    # Operators.

    def unary(self, node: Unary, names: Names) -> Type:
        found = self.type_of(node.operand, names)
        if found.kind == "error":
            return ERROR
        if node.operator == "-":
            if any(member.kind in ("int", "double", "dyn") for member in members(found)):
                return plain(found)
            return self.report.error("type", f"`-` does not take {a(found)}", node)
        if comparable(found, BOOL):
            values = found.values or ()
            return Type("bool", frozenset(not value for value in values)) if values else BOOL
        return self.need_bool(node.operand, found, "!")

    def binary(self, node: Binary, names: Names) -> Type:
        left = self.type_of(node.left, names)
        right = self.type_of(node.right, names)
        if left.kind == "error" or right.kind == "error":
            return ERROR
        if node.operator not in ("+", "-", "*", "/", "%"):
            return self.comparisons.relation(node, left, right)
        found = arithmetic(node.operator, left, right)
        if found is None:
            message = f"`{node.operator}` does not take {a(left)} and {a(right)}"
            return self.report.error("type", message, node)
        if node.operator in "/%" and isinstance(node.right, Literal):
            value = node.right.value
            if isinstance(value, int) and value == 0:
                return self.report.error("constant", "division by zero", node.right)
        return found

    def logic(self, node: Logic, names: Names) -> Type:
        with self.guards.chain(node):
            for term in node.terms:
                self.need_bool(term, self.type_of(term, names), node.operator)
        return BOOL

    def conditional(self, node: Conditional, names: Names) -> Type:
        with self.guards.condition():
            self.need_bool(node.condition, self.type_of(node.condition, names), "?")
        with self.guards.branch(node.condition, holds=True):
            then = self.type_of(node.then, names)
        with self.guards.branch(node.condition, holds=False):
            other = self.type_of(node.other, names)
        return union((then, other))

    # Functions and macros.

    def call(self, node: Call, names: Names) -> Type:
        target = node.target
        if isinstance(target, Ident) and target.name in NAMESPACES and target.name not in names:
            return self.calls.unknown(node, f"{target.name}.{node.function}", target.start)
        if not self.calls.is_known(node):
            # The arguments may be those of a macro whose name is misspelt.
            wrong = target is not None and self.type_of(target, names).kind == "error"
            return ERROR if wrong else self.calls.unknown(node, node.function, node.name_start)
        return self.calls.call(node, [self.type_of(child, names) for child in node.children()])

    def comprehension(self, node: Comprehension, names: Names) -> Type:
        source = self.type_of(node.source, names)
        first, element = self.access.steps(node, source)
        known = (first, element)[-len(node.names) :]
        inner = {**names, **dict(zip(node.names, known, strict=True))}
        if node.condition is not None:
            self.need_bool(node.condition, self.type_of(node.condition, inner), node.macro)
        result = BOOL if node.result is None else self.type_of(node.result, inner)
        if element.kind == "error" and source.kind != "error":
            return ERROR
        if node.macro in ("all", "exists", "exists_one"):
            return BOOL
        if node.macro in ("filter", "sortBy"):
            return ListType(element)
        if node.macro == "transformMap":
            return MapType(plain(first), result)
        return MapType(DYN, DYN) if node.macro == "transformMapEntry" else ListType(result)

    def bind(self, node: Bind, names: Names) -> Type:
        value = self.type_of(node.value, names)
        return self.type_of(node.body, {**names, node.name: value})

    def opt_map(self, node: OptMap, names: Names) -> Type:
        target = self.type_of(node.target, names)
        if isinstance(target, OptionalType):
            inner = target.value
        elif target.kind in ("dyn", "error"):
            inner = target
        else:
            message = f"this is {a(target)}, not an optional"
            return self.report.error("type", message, node.target)
        body = self.type_of(node.body, {**names, node.name: inner})
        if not node.flat:
            return OptionalType(body)
        if body.kind in ("optional", "dyn", "error"):
            return body
        message = f"`optFlatMap` needs an optional, and this is {a(body)}"
        return self.report.error("type", message, node.body)


_RULES: dict[type[Node], Callable[..., Type]] = {
    Literal: _Checker.literal,
    Ident: _Checker.ident,
    Select: _Checker.select,
    Has: _Checker.has,
    Index: _Checker.index,
    Call: _Checker.call,
    ListLiteral: _Checker.list_literal,
    MapLiteral: _Checker.map_literal,
    Unary: _Checker.unary,
    Binary: _Checker.binary,
    Logic: _Checker.logic,
    Conditional: _Checker.conditional,
    Comprehension: _Checker.comprehension,
    Bind: _Checker.bind,
    OptMap: _Checker.opt_map,
}
