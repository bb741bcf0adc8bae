"""Generated code of macros: loops and local names."""

from __future__ import annotations

from bfg_policy.cel.codegen.writer import Writer
from bfg_policy.cel.scope import weight

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bfg_policy.cel.codegen.writer import Names
    from bfg_policy.cel.syntax import Bind, Comprehension, OptMap


_STARTS = {
    "all": "True",
    "exists": "False",
    "exists_one": "0",
    "transformMap": "{}",
    "transformMapEntry": "{}",
    **dict.fromkeys(("filter", "map", "sortBy", "transformList"), "[]"),
}
_COLLECT = {
    "map": "{result}.append({value})",
    "transformList": "{result}.append({value})",
    "transformMap": "add_entry({result}, {first}, {value})",
    "transformMapEntry": "add_entries(m, {result}, {value})",
    "sortBy": "{result}.append(({value}, {first}))",
}


class Macros(Writer):
    """Writes macros."""

    def bind(self, node: Bind, names: Names) -> str:
        """The value is worked out at once: where it has none, the closures see who asks."""
        name = self.fresh()
        self.line(f"{name} = {self.expression(node.value, names)}")
        return self.expression(node.body, {**names, node.name: name})

    def opt_map(self, node: OptMap, names: Names) -> str:
        """`optMap` or `optFlatMap`."""
        target, name = self.fresh(), self.fresh()
        self.line(f"{target} = optional({self.expression(node.target, names)})")
        self.line(f"{name} = {target}.value")
        made = "optional" if node.flat else "Optional"
        inner = {**names, node.name: name}
        return self.choice(
            f"{target}.filled",
            lambda: f"{made}({self.expression(node.body, inner)})",
            lambda: target,
        )

    def comprehension(self, node: Comprehension, names: Names) -> str:
        """A macro: a loop before, and the name of its result."""
        source, result = self.fresh(), self.fresh()
        bound = [self.fresh() for _ in node.names]
        inner = {**names, **dict(zip(node.names, bound, strict=True))}
        self.line(f"{source} = {self.expression(node.source, names)}")
        if len(bound) == 1:
            self.line(f"if {source}.__class__ is not list: {source} = keys({source})")
        self.line(f"{self.meter()}.left -= len({source}) * {weight(node)}")
        self.line("if m.left < 0: unusual()")
        self.line(f"{result} = {_STARTS[node.macro]}")
        steps = source if len(bound) == 1 else f"pairs({source})"
        self.line(f"for {', '.join(bound)} in {steps}:")
        self.indent += 1
        self.body(node, inner, result, bound)
        self.indent -= 1
        if node.macro == "exists_one":
            return f"({result} == 1)"
        if node.macro == "sortBy":
            return f"sorted_by({self.meter()}, {result})"
        return result

    def body(self, node: Comprehension, names: Names, result: str, bound: list[str]) -> None:
        """What happens to one element."""
        if node.condition is not None:
            condition = self.condition(node.condition, names)
            self.line(f"if {'not ' if node.macro == 'all' else ''}{condition}:")
            self.indent += 1
        macro = node.macro
        if macro in ("all", "exists"):
            self.line(f"{result} = {macro == 'exists'}")
            self.line("break")
        elif macro == "exists_one":
            self.line(f"{result} += 1")
        elif node.result is None:
            self.line(f"{result}.append({bound[-1]})")
        else:
            value = self.expression(node.result, names)
            self.line(_COLLECT[macro].format(result=result, value=value, first=bound[0]))
        if node.condition is not None:
            self.indent -= 1
