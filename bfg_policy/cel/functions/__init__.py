"""The functions of the language: one table, which the checker and both evaluators read.

`Overload` declares a function's types in CEL's own notation beside what runs it, so that the
two cannot differ. Each module below holds the functions of one subject.
"""

from __future__ import annotations

from bfg_policy.cel.functions import conversions, lists, math, optionals, strings, times
from bfg_policy.cel.functions.registry import Family, Overload

_MODULES = (conversions, strings, lists, math, times, optionals)

TABLE: dict[str, tuple[Overload, ...]] = {
    name: overloads for module in _MODULES for name, overloads in module.FUNCTIONS.items()
}

_families: dict[tuple[str, bool], Family | None] = {}


def family(name: str, *, member: bool) -> Family | None:
    """The overloads that are called as `name(…)`, or as `x.name(…)` with `member`."""
    key = (name, member)
    if key not in _families:
        fitting = [over for over in TABLE.get(name, ()) if over.member is member]
        _families[key] = Family(name, fitting) if fitting else None
    return _families[key]


__all__ = ["TABLE", "Family", "Overload", "family"]
