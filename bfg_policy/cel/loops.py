"""How each macro goes through a list or a map."""

from __future__ import annotations

from bfg_policy.cel.comparing import as_new_key, from_key
from bfg_policy.cel.errors import CelEvaluationError, Failure
from bfg_policy.cel.functions.lists import sort_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bfg_policy.cel.scope import Frame
    from bfg_policy.cel.values import Meter

    Body = Callable[[Frame], object]


def steps(
    slots: list[object], container: list[object] | dict[object, object], slot: int, first: int
) -> Iterator[None]:
    """Put each element into its slot, one a step.

    first: the slot of the position or key where the macro names it too, else -1. A macro with
    one name goes through the keys of a map.
    """
    if isinstance(container, dict):
        for key, value in container.items():
            if first < 0:
                slots[slot] = from_key(key)
            else:
                slots[slot], slots[first] = value, from_key(key)
                slots[slot + 1] = key
            yield
    else:
        for position, value in enumerate(container):
            slots[slot], slots[slot + 1] = value, position
            if first >= 0:
                slots[first] = position
            yield


def more_serious(
    pending: CelEvaluationError | None, error: CelEvaluationError
) -> CelEvaluationError:
    """Of two errors, the one that a rule should report.

    A fact that is not there yet is the mildest. Raises the error itself where it is over the
    budget: nothing absorbs that.
    """
    if error.kind == "limit":
        raise error
    if pending is None or (pending.kind == "missing" and error.kind != "missing"):
        return error
    return pending


def add_entry(entries: dict[object, object], key: object, value: object) -> None:
    """Put a new key into a map. Raises `Failure` where it cannot be one or stands there."""
    new = as_new_key(key)
    if new in entries:
        raise Failure("argument", "this key stands in the map already")
    entries[new] = value


def add_entries(meter: Meter, entries: dict[object, object], more: object) -> None:
    """Put the entries of another map into a map. Raises `Failure` as `add_entry` does."""
    if not isinstance(more, dict):
        raise Failure("type", "`transformMapEntry` needs a map for each element")
    meter.charge(len(more))
    for key, value in more.items():
        add_entry(entries, from_key(key), value)


def _settle(settles: bool, frame: Frame, elements: Iterator[None], holds: Body) -> bool:  # noqa: FBT001
    """`exists` (settled by the first true) and `all` (settled by the first false)."""
    pending: CelEvaluationError | None = None
    for _ in elements:
        try:
            if holds(frame) is settles:
                return settles
        except CelEvaluationError as error:
            pending = more_serious(pending, error)
    if pending is not None:
        raise pending
    return not settles


def _exists(frame: Frame, elements: Iterator[None], holds: Body, *_: Body) -> bool:
    return _settle(True, frame, elements, holds)  # noqa: FBT003


def _all(frame: Frame, elements: Iterator[None], holds: Body, *_: Body) -> bool:
    return _settle(False, frame, elements, holds)  # noqa: FBT003


def _exists_one(frame: Frame, elements: Iterator[None], holds: Body, *_: Body) -> bool:
    """It looks at every element, so that an error is never passed over."""
    return sum(1 for _step in elements if holds(frame)) == 1


def _filter(
    frame: Frame, elements: Iterator[None], holds: Body, _: Body, own: Body
) -> list[object]:
    return [own(frame) for _step in elements if holds(frame)]


def _map(
    frame: Frame, elements: Iterator[None], holds: Body, result: Body, _: Body
) -> list[object]:
    return [result(frame) for _step in elements if holds(frame)]


def _transform_map(
    frame: Frame, elements: Iterator[None], holds: Body, result: Body, own: Body
) -> dict[object, object]:
    made: dict[object, object] = {}
    for _ in elements:
        if holds(frame):
            add_entry(made, own(frame), result(frame))
    return made


def _transform_map_entry(
    frame: Frame, elements: Iterator[None], holds: Body, result: Body, _: Body
) -> dict[object, object]:
    made: dict[object, object] = {}
    for _step in elements:
        if not holds(frame):
            continue
        add_entries(frame.meter, made, result(frame))
    return made


def _sort_by(
    frame: Frame, elements: Iterator[None], holds: Body, result: Body, own: Body
) -> list[object]:
    pairs = [(result(frame), own(frame)) for _step in elements if holds(frame)]
    return sort_by(frame.meter, [item for _, item in pairs], [key for key, _ in pairs])


#: What runs each macro. holds: the condition; result: what an element becomes; own: the
#: element itself, or its key for a macro that makes a map.
MACROS: dict[str, Callable[[Frame, Iterator[None], Body, Body, Body], object]] = {
    "all": _all,
    "exists": _exists,
    "exists_one": _exists_one,
    "filter": _filter,
    "map": _map,
    "sortBy": _sort_by,
    "transformList": _map,
    "transformMap": _transform_map,
    "transformMapEntry": _transform_map_entry,
}
