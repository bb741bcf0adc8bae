"""The macros: calls whose arguments are not values but names and expressions over them."""

from __future__ import annotations

from bfg_policy.cel.errors import CelProblem, CelSyntaxError
from bfg_policy.cel.syntax import Bind, Comprehension, Has, Ident, Node, OptMap, Select

#: Functions that are written with a namespace before them, by namespace.
NAMESPACES: dict[str, frozenset[str]] = {
    namespace: frozenset(f"{namespace}.{name}" for name in names.split())
    for namespace, names in {
        "base64": "decode encode",
        "cel": "bind",
        "lists": "range",
        "math": "abs bitAnd bitNot bitOr bitShiftLeft bitShiftRight bitXor ceil floor greatest "
        "isFinite isInf isNaN least round sign sqrt trunc",
        "optional": "none of ofNonZeroValue unwrap",
        "sets": "contains equivalent intersects",
        "strings": "quote",
    }.items()
}

#: For each macro over a list or map, by name and number of arguments: what it is called in the
#: tree, how many names it begins with, and whether a condition (c) and a result (r) follow.
_COMPREHENSIONS: dict[tuple[str, int], tuple[str, int, str]] = {
    ("all", 2): ("all", 1, "c"),
    ("exists", 2): ("exists", 1, "c"),
    ("exists_one", 2): ("exists_one", 1, "c"),
    ("existsOne", 2): ("exists_one", 1, "c"),
    ("filter", 2): ("filter", 1, "c"),
    ("map", 2): ("map", 1, "r"),
    ("map", 3): ("map", 1, "cr"),
    ("sortBy", 2): ("sortBy", 1, "r"),
    ("all", 3): ("all", 2, "c"),
    ("exists", 3): ("exists", 2, "c"),
    ("exists_one", 3): ("exists_one", 2, "c"),
    ("existsOne", 3): ("exists_one", 2, "c"),
    ("transformList", 3): ("transformList", 2, "r"),
    ("transformList", 4): ("transformList", 2, "cr"),
    ("transformMap", 3): ("transformMap", 2, "r"),
    ("transformMap", 4): ("transformMap", 2, "cr"),
    ("transformMapEntry", 3): ("transformMapEntry", 2, "r"),
    ("transformMapEntry", 4): ("transformMapEntry", 2, "cr"),
}

#: The names of macros that are written after a list or a map.
COMPREHENSION_NAMES = frozenset(name for name, _ in _COMPREHENSIONS)


def expand(
    function: str,
    target: Node | None,
    args: tuple[Node, ...],
    name: tuple[int, int],
    place: tuple[int, int],
) -> Node | None:
    """The node that a call stands for where it is a macro, else None.

    Raises `CelSyntaxError` where an argument is not what the macro needs.
    """
    if target is None:
        return _global_macro(function, args, name, place)
    if function in ("optMap", "optFlatMap") and len(args) == 2:
        variable = _variable(args[0], function)
        return OptMap(target, variable, args[1], place, flat=function == "optFlatMap")
    form = _COMPREHENSIONS.get((function, len(args)))
    if form is None:
        if function in COMPREHENSION_NAMES and function != "map":
            message = f"`{function}` needs a name and a condition, as in `.{function}(x, x > 0)`"
            raise CelSyntaxError(CelProblem("syntax", message, *name))
        return None
    macro, count, parts = form
    names = tuple(_variable(arg, function) for arg in args[:count])
    if len(set(names)) < count:
        message = f"`{function}` needs two different names"
        raise CelSyntaxError(CelProblem("syntax", message, args[1].start, args[1].end))
    condition = args[count] if "c" in parts else None
    result = args[-1] if "r" in parts else None
    return Comprehension(macro, target, names, condition, result, place)


def _global_macro(
    function: str, args: tuple[Node, ...], name: tuple[int, int], place: tuple[int, int]
) -> Node | None:
    if function == "has":
        if len(args) != 1 or not isinstance(args[0], Select) or args[0].optional:
            message = "`has` needs one field, as in `has(a.b)`"
            problem = CelProblem("syntax", message, args[0].start if args else name[0], place[1])
            if args:
                problem.end = args[-1].end
            raise CelSyntaxError(problem)
        return Has(args[0], *place)
    if function == "cel.bind":
        if len(args) != 3:
            message = "`cel.bind` needs a name, its value and an expression"
            raise CelSyntaxError(CelProblem("syntax", message, *name))
        return Bind(_variable(args[0], function), args[1], args[2], place)
    return None


def _variable(node: Node, function: str) -> str:
    if isinstance(node, Ident) and not node.absolute:
        return node.name
    message = f"`{function}` needs a simple name here"
    raise CelSyntaxError(CelProblem("syntax", message, node.start, node.end))
