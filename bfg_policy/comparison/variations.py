"""Variations of data: each value that a rule reads flipped, taken away, or moved to a boundary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.cel.types import ListType, MapType, ObjectType, members
from bfg_policy.comparison.patterns import matching
from bfg_policy.comparison.plain import GONE, Steps, put, value_at
from bfg_policy.comparison.reads import ANY, EVIDENCE, WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bfg_policy.cel import Type
    from bfg_policy.comparison.reads import Path, Reads

# Elements of one list, or values of one map, that are varied.
_MOST_ELEMENTS = 4
_MOST_VALUES = 24
_LONGEST_LIST = 20
_LONGEST_TEXT = 1_000
_OTHER_TEXT = "other"


Data = Mapping[str, object]


class Flip(NamedTuple):
    """One value of the data made another one; GONE where it is taken away."""

    path: Steps
    value: object


def flips(data: Data, wanted: Reads, types: Mapping[str, Type]) -> Iterator[Flip]:
    """Everything that can be made otherwise in what is read, one at a time.

    data: values by the name of a variable. types: of the variables, by their contracts.
    """
    seen: set[Steps] = set()
    for path in wanted.paths:
        if path[0] not in types or path[0] == WHOLE:
            continue  # a name that is no variable; or all of them, which are varied by their own
        found = type_at(types, path)
        for steps in concrete(data, path):
            if steps not in seen:
                seen.add(steps)
                for value in _values(value_at(data, steps), found, wanted.literals):
                    yield Flip(steps, value)


def flipped(data: Data, made: Iterable[Flip]) -> dict[str, object]:
    """The data with some values made otherwise; what is not touched is shared."""
    whole: dict[str, object] = dict(data)
    for flip in made:
        put(whole, flip.path, flip.value)
    return _agreeing(whole)


def filled(data: Data, wanted: Reads, types: Mapping[str, Type]) -> dict[str, object]:
    """The data with something at every path that is read and empty: what its contract allows."""
    whole: dict[str, object] = dict(data)
    for path in wanted.paths:
        if path[0] in types:
            for end in range(1, len(path) + 1):
                _fill(whole, path[:end], types, wanted.literals)
    return _agreeing(whole)


def _agreeing(whole: dict[str, object]) -> dict[str, object]:
    """The data, in which `scenario.x` is what `x` is."""
    document = whole.get(WHOLE)
    if isinstance(document, Mapping):
        parts = {name: value for name, value in whole.items() if name not in (WHOLE, EVIDENCE)}
        own = {WHOLE: document[WHOLE]} if WHOLE in document else {}
        whole[WHOLE] = {**own, **parts}
    return whole


def type_at(types: Mapping[str, Type], path: Path) -> Type | None:
    """The type of what stands at a path; None where the contract does not tell."""
    found: Type | None = types.get(path[0])
    for step in path[1:]:
        found = _below(found, step) if found is not None else None
    return found


def concrete(data: Data, path: Path) -> Iterator[Steps]:
    """The places in the data that a path with `*` means; those that could be, too."""
    waiting: list[Steps] = [()]
    for step in path:
        waiting = [(*steps, each) for steps in waiting for each in _keys(data, steps, step)]
    yield from waiting


def _keys(data: Data, steps: Steps, step: str) -> Sequence[str | int]:
    if step != ANY:
        return (step,)
    here = value_at(data, steps)
    if isinstance(here, list):
        return range(min(len(here), _MOST_ELEMENTS))
    return list(here)[:_MOST_ELEMENTS] if isinstance(here, Mapping) else ()


def _below(found: Type, step: str) -> Type | None:
    for member in members(found):
        if isinstance(member, ListType) and step == ANY:
            return member.element
        if isinstance(member, MapType):
            return member.value
        if isinstance(member, ObjectType):
            return member.any_field() if step == ANY else member.fields.get(step, member.rest)
    return None


def _values(value: object, found: Type | None, literals: Sequence[object]) -> list[object]:
    """What could stand there instead: nothing, what the rule compares with, what is beside it."""
    tried: list[object] = []
    kinds = {member.kind for member in members(found)} if found is not None else set()
    listed = [each for member in members(found) for each in member.values or ()] if found else []
    tried += sorted(listed, key=repr)
    is_anything = value is GONE and kinds <= {"dyn"}
    if isinstance(value, bool) or "bool" in kinds or is_anything:
        tried += [True, False]
    if (isinstance(value, int | float) and not isinstance(value, bool)) or (
        kinds & {"int", "double"} or is_anything
    ):
        tried += _numbers(value, literals)
    if isinstance(value, list) or "list" in kinds:
        tried += _lists(value, found, literals)
    if isinstance(value, str) or "string" in kinds or is_anything:
        tried += _texts(value, literals)
    others = [each for each in _once(tried) if each is not GONE and each != value]
    return [*others[:_MOST_VALUES], *([] if value is GONE else [GONE])]


def _numbers(value: object, literals: Sequence[object]) -> list[object]:
    near = [each for each in literals if isinstance(each, int | float)]
    known = [value] if isinstance(value, int | float) else []
    return [*near, *(each + by for each in (*near, *known, 0) for by in (-1, 0, 1))]


def _texts(value: object, literals: Sequence[object]) -> list[object]:
    texts = [each for each in literals if isinstance(each, str)]
    made = [text for each in texts for text in matching(each)]
    longer = [f"{value}x", f"x{value}"] if isinstance(value, str) and value else []
    sizes = [size for size in _near(literals) if 0 < size <= _LONGEST_TEXT]
    return ["", " ", _OTHER_TEXT, *texts, *longer, *made, *("x" * size for size in sizes)]


def _near(literals: Sequence[object]) -> list[int]:
    """The whole numbers of a rule, and those beside them."""
    return sorted({each + by for each in literals if type(each) is int for by in (-1, 0, 1)})


def _lists(value: object, found: Type | None, literals: Sequence[object]) -> list[object]:
    """Lists that are shorter or longer, and those of the texts that the rule speaks of."""
    known = list(value) if isinstance(value, list) else []
    shorter = [known[:index] + known[index + 1 :] for index in range(min(len(known), 4))]
    element = _below(found, ANY) if found is not None else None
    is_text = isinstance(known[0], str) if known else element is None or _is_text(element)
    sizes = [size for size in sorted({1, 2, *_near(literals)}) if 0 < size <= _LONGEST_LIST]
    if not is_text:
        one = known[0] if known else some_value(element, literals) if element is not None else GONE
        return [[], *shorter, *([one] * size for size in sizes if one is not GONE)]
    texts = [each for each in literals if isinstance(each, str)]
    from_rule = [texts, *(texts[:index] + texts[index + 1 :] for index in range(len(texts)))]
    made = [[*known, *(f"{_OTHER_TEXT}{index}" for index in range(size))] for size in sizes]
    return [[], *shorter, *from_rule, *made]


def _is_text(element: Type) -> bool:
    return any(member.kind in ("string", "dyn") for member in members(element))


def _once(values: Iterable[object]) -> list[object]:
    """The values without those that come twice; `1` and `True` are two."""
    found: dict[str, object] = {}
    for each in values:
        found.setdefault(f"{type(each).__name__}:{each!r}", each)
    return list(found.values())


def _fill(
    whole: dict[str, object], path: Path, types: Mapping[str, Type], literals: Sequence[object]
) -> None:
    found = type_at(types, path)
    for steps in list(concrete(whole, path)):
        if value_at(whole, steps) is GONE and found is not None:
            made = some_value(found, literals)
            if made is not GONE:
                put(whole, steps, made)


def some_value(found: Type, literals: Sequence[object]) -> object:
    """A value of a type, such as a rule would rather see; GONE where none comes to mind."""
    member = members(found)[0]
    if member.values:
        return min(member.values, key=repr)
    if isinstance(member, ObjectType):
        return {name: some_value(member.fields[name], ()) for name in sorted(member.required)}
    if member.kind == "map":
        return {}
    if isinstance(member, ListType):
        return [some_value(member.element, literals)]
    simple: dict[str, object] = {"bool": True, "int": 1, "double": 1.0, "string": _OTHER_TEXT}
    return simple.get(member.kind, GONE)
