"""The types of calls, and what is wrong with them: names, arguments, literals that cannot work."""

from __future__ import annotations

from bfg_policy.cel.checking.signatures import misfits, result_type
from bfg_policy.cel.errors import Failure, closest
from bfg_policy.cel.functions import TABLE, family
from bfg_policy.cel.macros import COMPREHENSION_NAMES
from bfg_policy.cel.regex import searcher
from bfg_policy.cel.syntax import Call, Literal
from bfg_policy.cel.types import ERROR, TYPE, Type, a, describe, type_names
from bfg_policy.cel.values import Meter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bfg_policy.cel.checking.report import Report
    from bfg_policy.cel.functions import Family

#: Functions that read their text when the rule runs: a wrong literal fails every time.
_READERS = frozenset(("timestamp", "duration", "int", "uint", "double", "bool"))
_READING_BUDGET = 1_000
#: What other languages call some functions.
_OTHER_NAMES = {
    "length": "size",
    "len": "size",
    "count": "size",
    "includes": "contains",
    "any": "exists",
    "some": "exists",
    "every": "all",
}


class Calls:
    """Finds what is wrong with calls."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def is_known(self, node: Call) -> bool:
        """Whether there is such a function to call in this way."""
        return family(node.function, member=node.target is not None) is not None

    def call(self, node: Call, args: Sequence[Type]) -> Type:
        """The type of a call of a known function.

        args: the types of its target, if it has one, and of its arguments.
        """
        found = family(node.function, member=node.target is not None)
        if found is None or any(arg.kind == "error" for arg in args):
            return ERROR
        result = result_type(found, args)
        if result is None:
            return self._no_overload(node, found, args)
        if node.function == "type":
            return Type(TYPE.kind, type_names(args[0]))
        return self._read_literal(node, found) or result

    def unknown(self, node: Call, function: str, start: int) -> Type:
        """There is no such function, or it is not called like this."""
        member = node.target is not None
        known = [name for name in TABLE if family(name, member=member)]
        known.extend(COMPREHENSION_NAMES if member else ("has",))
        if "." in function:
            known = list(TABLE)
        # A function that is there, but not to call like this, is no misspelling of another.
        suggestion = None
        if function not in TABLE:
            suggestion = _OTHER_NAMES.get(function) or closest(function, known)
        hint = None
        if function in TABLE:
            right, wrong = (f"{function}(x, …)", f"x.{function}(…)")
            hint = f"Write {right}, not {wrong}." if member else f"Write {wrong}, not {right}."
        message = f"there is no function `{function}`" + (" to call like this" if hint else "")
        place = (start, node.name_end)
        return self.report.error("name", message, place, suggestion=suggestion, hint=hint)

    def _no_overload(self, node: Call, found: Family, args: Sequence[Type]) -> Type:
        forms = [overload.signature.partition(" -> ")[0] for overload in found.overloads]
        hint = f"It takes {' or '.join(forms)}."
        fitting = [overload for overload in found.overloads if len(overload.params) == len(args)]
        wrong = misfits(fitting[0], args) if len(fitting) == 1 else []
        if len(wrong) == 1:
            position = wrong[0]
            wanted = fitting[0].params[position]
            message = f"`{node.function}` needs a {wanted} here, not {a(args[position])}"
            return self.report.error("type", message, node.children()[position], hint=hint)
        given = ", ".join(describe(arg) for arg in args)
        message = f"`{node.function}` does not take ({given})"
        return self.report.error("type", message, node, hint=hint)

    def _read_literal(self, node: Call, found: Family) -> Type | None:
        """Try a pattern or a time that is written in the rule; None where it can be read."""
        text = node.args[-1] if node.args else None
        if not isinstance(text, Literal) or not isinstance(text.value, str):
            return None
        try:
            if node.function == "matches":
                searcher(text.value)
            elif node.function in _READERS:
                found.call(Meter(_READING_BUDGET), text.value)
        except Failure as failure:
            if node.function == "matches":
                return self._bad_pattern(text, failure.message)
            message = f"`{node.function}` cannot read this: {failure.message}"
            return self.report.error("type", message, text)
        return None

    def _bad_pattern(self, pattern: Literal, message: str) -> Type:
        hint = None
        if "(?" in str(pattern.value):
            hint = "RE2 has no look-around and no back-references: so matching is always fast."
        return self.report.error("regex", message, pattern, hint=hint)
