"""Generated code of functions and methods."""

from __future__ import annotations

from bfg_policy.cel.codegen.writer import Writer
from bfg_policy.cel.functions import family
from bfg_policy.cel.functions.optionals import LAZY
from bfg_policy.cel.functions.strings import matcher
from bfg_policy.cel.syntax import Call, Literal, literal_pattern
from bfg_policy.cel.values import CHARACTERS_A_STEP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bfg_policy.cel.codegen.writer import Names
    from bfg_policy.cel.functions import Family


class Calls(Writer):
    """Writes calls."""

    def call(self, node: Call, names: Names) -> str:
        """A function or a method."""
        member = node.target is not None
        found = family(node.function, member=member)
        if found is None:
            return f"unknown({self.constant(node.function)})"
        if member and node.function in LAZY and len(node.args) == 1:
            return self.lazy(node, names)
        args = [self.expression(child, names) for child in node.children()]
        if node.function == "size" and len(args) == 1:
            name = self.fresh()
            sized = f"({name} := {args[0]}).__class__ in SIZED"
            return f"(len({name}) if {sized} else unusual())"
        pattern = literal_pattern(node)
        if pattern is not None:
            name = self.fresh()
            run = self.constant(matcher(pattern))
            test = f"({name} := {args[0]}).__class__ is str"
            return f"({run}({self.meter()}, {name}) if {test} else unusual())"
        return self.short_text_call(node, found, args) or self.any_call(found, args)

    def any_call(self, found: Family, args: list[str]) -> str:
        """A call that finds its overload when it runs."""
        return f"{self.constant(found.call)}({self.meter()}, {', '.join(args)})"

    def short_text_call(self, node: Call, found: Family, args: list[str]) -> str | None:
        """A call with literals on a text so short that it costs nothing: no overload to find."""
        literals = [child.value for child in node.children()[1:] if isinstance(child, Literal)]
        overload = found.chosen_for((str, *map(type, literals)))
        if overload is None or overload.metered or len(literals) != len(args) - 1:
            return None
        if any(isinstance(value, str) and len(value) >= CHARACTERS_A_STEP for value in literals):
            return None
        name = self.fresh()
        given = [name, *args[1:]]
        test = f"({name} := {args[0]}).__class__ is str and len({name}) < {CHARACTERS_A_STEP}"
        if overload.inline:
            run = overload.inline.format(*given)
        else:
            run = f"{self.constant(overload.run)}({', '.join(given)})"
        return f"({run} if {test} else {self.any_call(found, given)})"

    def lazy(self, node: Call, names: Names) -> str:
        """`x.or(y)`, `x.orValue(y)`: y runs only where x has no value."""
        assert node.target is not None
        target = self.fresh()
        self.line(f"{target} = {self.expression(node.target, names)}")
        flat = node.function == "or"
        return self.choice(
            f"{target}.filled",
            lambda: target if flat else f"{target}.value",
            lambda: (
                f"optional({text})"
                if (text := self.expression(node.args[0], names)) and flat
                else text
            ),
        )
