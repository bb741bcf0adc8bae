"""How a function is declared, and how a call finds the overload for its values."""

from __future__ import annotations

from bfg_policy.cel.errors import Failure
from bfg_policy.cel.values import (
    CHARACTERS_A_STEP,
    Duration,
    Meter,
    Optional,
    Timestamp,
    TypeValue,
    UInt,
    type_name,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_CLASSES: dict[str, type] = {
    "bool": bool,
    "bytes": bytes,
    "double": float,
    "duration": Duration,
    "int": int,
    "list": list,
    "map": dict,
    "null": type(None),
    "optional": Optional,
    "string": str,
    "timestamp": Timestamp,
    "type": TypeValue,
    "uint": UInt,
}
_CHARACTERS = frozenset({str, bytes})
_ELEMENTS = frozenset({list, dict})


class Overload:
    """One way to call a function.

    signature: `string.(string, int) -> bool` for a method, `(string) -> int` for a function;
        capital letters stand for any type, the same letter for the same one; `dyn...` as the
        last parameter takes any number.
    run: is given the arguments, a method's target first.
    metered: `run` is given the `Meter` before them, and charges it. free: it does not look
        into its arguments. Otherwise a call costs as much as its arguments are long.
    inline: the same as a Python expression over the names of its arguments, for generated code.
    """

    __slots__ = (
        "free",
        "inline",
        "member",
        "metered",
        "params",
        "result",
        "run",
        "signature",
        "variadic",
    )

    def __init__(
        self,
        signature: str,
        run: Callable[..., object],
        *,
        metered: bool = False,
        free: bool = False,
        inline: str = "",
    ) -> None:
        self.signature = signature
        self.run = run
        self.metered = metered
        self.free = free
        self.inline = inline
        left, self.result = signature.split(" -> ")
        self.member = not left.startswith("(")
        target, _, inner = left.partition(".(" if self.member else "(")
        self.variadic = inner.endswith("...)")
        listed = _split(inner[:-1])
        self.params = (target, *listed) if self.member else tuple(listed)

    def takes(self, classes: Sequence[type]) -> bool:
        """Whether values of these classes may be its arguments."""
        if self.variadic:
            return len(classes) > 0
        return len(classes) == len(self.params) and all(
            _CLASSES.get(param.partition("(")[0], found) is found
            for param, found in zip(self.params, classes, strict=True)
        )


def _split(params: str) -> list[str]:
    """The parameters between commas that stand in no parenthesis."""
    found: list[str] = []
    depth = start = 0
    for position, character in enumerate(params):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            found.append(params[start:position].strip())
            start = position + 1
    return [*found, params[start:].strip()] if params else found


class Family:
    """All overloads of one function that are called in the same way.

    chosen: which overload takes values of which classes, filled as calls are seen.
    """

    __slots__ = ("chosen", "name", "overloads")

    def __init__(self, name: str, overloads: Sequence[Overload]) -> None:
        self.name = name
        self.overloads = tuple(overloads)
        self.chosen: dict[tuple[type, ...], Overload] = {}

    def call(self, meter: Meter, *args: object) -> object:
        """The value of a call. Raises `Failure`, of kind `type` where no overload fits."""
        classes = tuple(map(type, args))
        overload = self.chosen.get(classes) or self.chosen_for(classes)
        if overload is None:
            given = ", ".join(type_name(arg) for arg in args)
            raise Failure("type", f"`{self.name}` does not take ({given})")
        if overload.metered:
            return overload.run(meter, *args)
        if overload.free:
            return overload.run(*args)
        for arg, found in zip(args, classes, strict=True):
            if found in _CHARACTERS:
                meter.charge(len(arg) // CHARACTERS_A_STEP)  # type: ignore[arg-type]  # sized
            elif found in _ELEMENTS:
                meter.charge(len(arg))  # type: ignore[arg-type]  # sized
        return overload.run(*args)

    def chosen_for(self, classes: tuple[type, ...]) -> Overload | None:
        """The overload that takes values of these classes."""
        for overload in self.overloads:
            if overload.takes(classes):
                self.chosen[classes] = overload
                return overload
        return None
