"""Which overloads of a function take arguments of which types, and what they give."""

from __future__ import annotations

from bfg_policy.cel.types import (
    DYN,
    SCALARS,
    ListType,
    MapType,
    ObjectType,
    OptionalType,
    ParamType,
    Type,
    members,
    plain,
    union,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bfg_policy.cel.functions import Family, Overload

    Bound = dict[str, Type]

_parsed: dict[str, Type] = {}


def parse_type(text: str) -> Type:
    """A type in the notation of signatures: `string`, `list(A)`, `map(A, B)`."""
    found = _parsed.get(text)
    if found is None:
        found = _parsed[text] = _parse_type(text)
    return found


def _parse_type(text: str) -> Type:
    name, _, inner = text.partition("(")
    if name == "list":
        return ListType(parse_type(inner[:-1]))
    if name == "map":
        key, _, value = inner[:-1].partition(", ")
        return MapType(parse_type(key), parse_type(value))
    if name == "optional":
        return OptionalType(parse_type(inner[:-1]))
    return SCALARS.get(name) or ParamType(name)


def result_type(family: Family, args: Sequence[Type]) -> Type | None:
    """The type of a call, from all overloads that may take it; None where none does."""
    results = [
        result
        for overload in family.overloads
        if (result := overload_result(overload, args)) is not None
    ]
    return union(results) if results else None


def overload_result(overload: Overload, args: Sequence[Type]) -> Type | None:
    """The type that an overload gives for such arguments, or None where it takes no such."""
    if overload.variadic:
        return DYN if args else None
    if len(args) != len(overload.params):
        return None
    bound: Bound = {}
    for param, arg in zip(overload.params, args, strict=True):
        if not _takes(parse_type(param), arg, bound):
            return None
    return _filled(parse_type(overload.result), bound)


def misfits(overload: Overload, args: Sequence[Type]) -> list[int]:
    """The positions of the arguments that an overload does not take."""
    return [
        position
        for position, (param, arg) in enumerate(zip(overload.params, args, strict=True))
        if not _takes(parse_type(param), arg, {})
    ]


def _takes(param: Type, arg: Type, bound: Bound) -> bool:
    if isinstance(param, ParamType):
        known = bound.get(param.name)
        bound[param.name] = plain(arg) if known is None else union((known, plain(arg)))
        return True
    if param.kind == "dyn" or arg.kind in ("dyn", "error"):
        return True
    # Every member is looked at, so that the open types are bound to all of them.
    fitting = [member for member in members(arg) if _member_takes(param, member, bound)]
    return len(fitting) > 0


def _member_takes(param: Type, arg: Type, bound: Bound) -> bool:
    if param.kind != arg.kind:
        return False
    if isinstance(param, ListType) and isinstance(arg, ListType):
        return _takes(param.element, arg.element, bound)
    if isinstance(param, OptionalType) and isinstance(arg, OptionalType):
        return _takes(param.value, arg.value, bound)
    if isinstance(param, MapType):
        if isinstance(arg, MapType):
            return _takes(param.key, arg.key, bound) and _takes(param.value, arg.value, bound)
        if isinstance(arg, ObjectType):
            return _takes(param.value, arg.any_field(), bound)
    return True


def _filled(result: Type, bound: Bound) -> Type:
    """The type with its open parts filled in; what nothing is known of is `dyn`."""
    if isinstance(result, ParamType):
        return bound.get(result.name, DYN)
    if isinstance(result, ListType):
        return ListType(_filled(result.element, bound))
    if isinstance(result, OptionalType):
        return OptionalType(_filled(result.value, bound))
    return result
