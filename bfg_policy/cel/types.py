"""The types that the checker knows: CEL's own, with what a contract adds to them.

A contract tells more than a type: which fields an object has and which of them must be there,
and of an enum or a const every value. `values` keeps these, so that a comparison which can never
be true is found before it runs.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SHOWN_FIELDS = 8
_SHOWN_LEVELS = 3


class Type:
    """A type of values.

    kind: `dyn` (any value), `error` (a mistake that is reported already), `null`, `bool`,
        `int`, `uint`, `double`, `string`, `bytes`, `timestamp`, `duration`, `type`, `list`,
        `map`, `optional`, `union`, or `param` (of a signature).
    values: the only values it has, or None where they are not known.
    """

    __slots__ = ("kind", "values")

    def __init__(self, kind: str, values: frozenset[object] | None = None) -> None:
        self.kind = kind
        self.values = values

    def __repr__(self) -> str:
        return f"<{describe(self)}>"


class ListType(Type):
    """A list. element: the type of all its elements."""

    __slots__ = ("element",)

    def __init__(self, element: Type) -> None:
        super().__init__("list")
        self.element = element


class MapType(Type):
    """A map from any keys of one type to values of one type."""

    __slots__ = ("key", "value")

    def __init__(self, key: Type, value: Type) -> None:
        super().__init__("map")
        self.key = key
        self.value = value


class ObjectType(Type):
    """A map with known fields.

    required: the fields that are always there. rest: the type of any other field, None where
    the contract knows of none.
    """

    __slots__ = ("fields", "required", "rest")

    def __init__(
        self, fields: Mapping[str, Type], required: frozenset[str], rest: Type | None
    ) -> None:
        super().__init__("map")
        self.fields = dict(fields)
        self.required = required
        self.rest = rest

    def any_field(self) -> Type:
        """The type of a field whose name is not known."""
        return union((*self.fields.values(), *(() if self.rest is None else (self.rest,))))


class OptionalType(Type):
    """A value or none."""

    __slots__ = ("value",)

    def __init__(self, value: Type) -> None:
        super().__init__("optional")
        self.value = value


class UnionType(Type):
    """One of several types, no two of one kind."""

    __slots__ = ("members",)

    def __init__(self, members: tuple[Type, ...]) -> None:
        super().__init__("union")
        self.members = members


class ParamType(Type):
    """A type that a signature leaves open, such as the `A` of `list(A)`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        super().__init__("param")
        self.name = name


DYN = Type("dyn")
ERROR = Type("error")
NULL = Type("null", frozenset((None,)))
BOOL = Type("bool")
INT = Type("int")
UINT = Type("uint")
DOUBLE = Type("double")
STRING = Type("string")
BYTES = Type("bytes")
TIMESTAMP = Type("timestamp")
DURATION = Type("duration")
TYPE = Type("type")
NUMBER = UnionType((INT, DOUBLE))

SCALARS: dict[str, Type] = {
    scalar.kind: scalar
    for scalar in (DYN, NULL, BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION, TYPE)
}
_NAMES = {"null": "null_type", "timestamp": "google.protobuf.Timestamp"}
_NAMES["duration"] = "google.protobuf.Duration"


def object_type(
    fields: Mapping[str, Type],
    *,
    required: Iterable[str] | None = None,
    rest: Type | None = None,
) -> ObjectType:
    """A map with these fields, all of them required unless told otherwise."""
    always = frozenset(fields if required is None else required)
    return ObjectType(fields, always, rest)


def list_type(element: Type) -> ListType:
    """A list of such elements."""
    return ListType(element)


def map_type(value: Type, key: Type = STRING) -> MapType:
    """A map to such values."""
    return MapType(key, value)


def members(found: Type) -> tuple[Type, ...]:
    """The types that a value may be of."""
    return found.members if isinstance(found, UnionType) else (found,)


def union(types: Iterable[Type]) -> Type:
    """The type of a value that is of one of the types; `dyn` where nothing is common."""
    by_kind: dict[str, Type] = {}
    for listed in types:
        for found in members(listed):
            known = by_kind.get(found.kind)
            by_kind[found.kind] = found if known is None else _merged(known, found)
    if "error" in by_kind:
        return ERROR
    if not by_kind or any(found.kind == "dyn" for found in by_kind.values()):
        return DYN
    kinds = tuple(by_kind.values())
    return kinds[0] if len(kinds) == 1 else UnionType(kinds)


def _merged(left: Type, right: Type) -> Type:
    """The union of two types of one kind."""
    if left is right:
        return left
    if isinstance(left, ListType) and isinstance(right, ListType):
        return ListType(union((left.element, right.element)))
    if isinstance(left, MapType) and isinstance(right, MapType):
        return MapType(union((left.key, right.key)), union((left.value, right.value)))
    if isinstance(left, OptionalType) and isinstance(right, OptionalType):
        return OptionalType(union((left.value, right.value)))
    if left.kind == "map":
        # Two objects of different fields: nothing is known of both.
        return DYN
    if left.values is None or right.values is None:
        return SCALARS[left.kind]
    return Type(left.kind, left.values | right.values)


def plain(found: Type) -> Type:
    """The type without what is known of its values."""
    if isinstance(found, UnionType):
        return UnionType(tuple(plain(member) for member in found.members))
    return SCALARS.get(found.kind, found) if found.values is not None else found


def describe(found: Type, levels: int = _SHOWN_LEVELS) -> str:
    """The type as people read it: `string`, `list(int)`, `int or double`."""
    if isinstance(found, UnionType):
        return " or ".join(describe(member, levels) for member in found.members)
    if isinstance(found, ObjectType):
        return "object"
    if not levels:
        return found.kind
    if isinstance(found, ListType):
        inner = describe(found.element, levels - 1)
        return "list" if inner == "dyn" else f"list({inner})"
    if isinstance(found, MapType):
        return f"map({describe(found.key, levels - 1)}, {describe(found.value, levels - 1)})"
    if isinstance(found, OptionalType):
        return f"optional({describe(found.value, levels - 1)})"
    if isinstance(found, ParamType):
        return found.name
    return found.kind


def a(found: Type) -> str:
    """The same with its article: `a string`, `an int`, `null`."""
    text = describe(found)
    if text == "null":
        return text
    return f"{'an' if text[0] in 'aeio' else 'a'} {text}"


def type_names(found: Type) -> frozenset[object] | None:
    """What `type(…)` of such a value may be, or None where that is not known."""
    names = [_NAMES.get(member.kind, member.kind) for member in members(found)]
    unknown = {"dyn", "error", "optional", "union"}
    return None if unknown.intersection(names) else frozenset(names)


def fields_hint(found: ObjectType) -> str | None:
    """A sentence that tells the fields of an object."""
    if not found.fields:
        return None
    shown = ", ".join(list(found.fields)[:_SHOWN_FIELDS])
    more = ", …" if len(found.fields) > _SHOWN_FIELDS else ""
    return f"Its fields are: {shown}{more}."
