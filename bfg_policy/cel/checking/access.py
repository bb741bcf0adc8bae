"""The types of fields and elements, and what is wrong with asking for them."""

from __future__ import annotations

from bfg_policy.cel.checking.operators import comparable
from bfg_policy.cel.errors import closest
from bfg_policy.cel.syntax import Comprehension, Has, Index, Literal, Node, Select
from bfg_policy.cel.types import (
    BOOL,
    DYN,
    INT,
    STRING,
    ListType,
    MapType,
    ObjectType,
    OptionalType,
    Type,
    a,
    fields_hint,
    members,
    plain,
    union,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bfg_policy.cel.checking.guards import Guards
    from bfg_policy.cel.checking.report import Report

_OPEN = frozenset(("dyn", "error"))


class Access:
    """Finds what is wrong with `x.field`, `has(x.field)`, `x[key]`, and what macros go through."""

    def __init__(self, report: Report, guards: Guards) -> None:
        self.report = report
        self.guards = guards

    def field(self, node: Select, operand: Type) -> Type:
        """The type of a field; of `x.?f`, and of a field of an optional, an optional."""
        results: list[Type] = []
        for member in members(operand):
            if isinstance(member, OptionalType):
                results.append(_optional(self.field(node, member.value)))
            elif isinstance(member, ObjectType):
                results.append(self._object_field(node, member))
            elif isinstance(member, MapType):
                results.append(member.value)
            elif member.kind in _OPEN:
                results.append(member)
        if results:
            found = union(results)
            return _optional(found) if node.optional else found
        message = f"`{self.report.text(node.operand)}` is {a(operand)} and has no fields"
        hint = "Look at its elements with `all` or `exists`." if operand.kind == "list" else None
        return self.report.error("type", message, (node.field_start, node.end), hint=hint)

    def _object_field(self, node: Select, operand: ObjectType) -> Type:
        found = operand.fields.get(node.field, operand.rest)
        if found is None:
            place = (node.field_start, node.end)
            return self._unknown_field(node.operand, node.field, place, operand)
        if node.field not in operand.required and not node.optional:
            self.guards.may_be_absent(node)
        return found

    def _unknown_field(
        self, operand: Node, field: str, place: tuple[int, int], found: ObjectType
    ) -> Type:
        suggestion = closest(field, list(found.fields))
        if suggestion is not None and self.report.expr.text[place[0]] in "\"'":
            suggestion = f"'{suggestion}'"
        message = f"`{self.report.text(operand)}` has no field `{field}`"
        hint = None if suggestion else fields_hint(found)
        return self.report.error("field", message, place, suggestion=suggestion, hint=hint)

    def has(self, node: Has, operand: Type) -> Type:
        """The type of `has(x.field)`: known beforehand where the field is required."""
        with self.guards.testing():
            found = self.field(node.select, operand)
        if found.kind == "error":
            return found
        sure = isinstance(operand, ObjectType) and node.select.field in operand.required
        return Type("bool", frozenset((True,))) if sure else BOOL

    def element(self, node: Index, operand: Type, key: Type) -> Type:
        """The type of `x[key]`; of `x[?key]`, and of an element of an optional, an optional."""
        results: list[Type] = []
        keys: list[Type] = []
        for member in members(operand):
            if isinstance(member, OptionalType):
                results.append(_optional(self.element(node, member.value, key)))
                keys.append(DYN)
            elif isinstance(member, ObjectType):
                results.append(self._keyed_field(node, member))
                keys.append(STRING)
            elif isinstance(member, MapType):
                results.append(member.value)
                keys.append(member.key)
            elif isinstance(member, ListType):
                results.append(member.element)
                keys.append(INT)
            elif member.kind in _OPEN:
                return member
        if not results:
            message = f"`{self.report.text(node.operand)}` is {a(operand)} and has no elements"
            return self.report.error("type", message, node)
        if not comparable(union(keys), key):
            return self.report.error("type", f"{a(operand)} is not indexed by {a(key)}", node.key)
        found = union(results)
        return _optional(found) if node.optional else found

    def _keyed_field(self, node: Index, operand: ObjectType) -> Type:
        if not isinstance(node.key, Literal) or not isinstance(node.key.value, str):
            return plain(operand.any_field())
        field = node.key.value
        found = operand.fields.get(field, operand.rest)
        if found is not None:
            return found
        return self._unknown_field(node.operand, field, (node.key.start, node.key.end), operand)

    def steps(self, node: Comprehension, source: Type) -> tuple[Type, Type]:
        """What the names of a macro stand for: position or key, and element.

        The element of a map is its key where the macro has but one name.
        """
        firsts: list[Type] = []
        elements: list[Type] = []
        for member in members(source):
            if isinstance(member, ListType):
                firsts.append(INT)
                elements.append(member.element)
            elif isinstance(member, MapType | ObjectType):
                key = member.key if isinstance(member, MapType) else STRING
                value = member.value if isinstance(member, MapType) else member.any_field()
                firsts.append(key)
                elements.append(key if len(node.names) == 1 else value)
            elif member.kind in _OPEN:
                firsts.append(member)
                elements.append(member)
        if elements:
            return union(firsts), union(elements)
        message = f"`{node.macro}` needs a list or a map, and this is {a(source)}"
        wrong = self.report.error("type", message, node.source)
        return wrong, wrong


def _optional(found: Type) -> Type:
    """The optional of a type; what is one already, or a mistake, stays so."""
    return found if found.kind in ("error", "optional") else OptionalType(found)
