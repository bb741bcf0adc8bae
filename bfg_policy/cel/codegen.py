"""One Python function for each rule, straight on dicts and lists.

The function only has to be right where nothing goes wrong: it raises at anything else, and then
the closures run the rule again and say what it was, or absorb it. That is why a field is a plain
subscript and `&&` a plain `and`: whatever CEL would make an error, Python makes an exception.
Where Python would carry on (a bool is an int, a text has elements) there is a test of the class.

The source is made of this module's own words and of numbered names alone. Fields, variables and
literals of a rule come in as default arguments, so no text of a policy is ever compiled, and rules
of one shape share their code.
"""

from __future__ import annotations

from bfg_policy.cel import runtime
from bfg_policy.cel.errors import Failure
from bfg_policy.cel.functions import family
from bfg_policy.cel.functions.optionals import LAZY
from bfg_policy.cel.functions.strings import matcher
from bfg_policy.cel.scope import weight
from bfg_policy.cel.syntax import (
    Binary,
    Bind,
    Call,
    Comprehension,
    Conditional,
    Expr,
    Has,
    Ident,
    Index,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Node,
    OptMap,
    Select,
    Unary,
    literal_pattern,
)
from bfg_policy.cel.values import CHARACTERS_A_STEP, TYPE_VALUES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType
    from typing import Any

    from bfg_policy.cel.values import Meter

    Function = Callable[[Mapping[str, object], Meter], object]
    Names = Mapping[str, str]

_KEPT = 1_000
_codes: dict[str, CodeType] = {}
_FunctionType: Any = type(lambda: None)

#: Below this, Python's exact comparison of int and float is that of two doubles.
_EXACT = 2**53
_RELATIONS = frozenset(("==", "!=", "<", "<=", ">", ">=", "in"))


def generate(expr: Expr) -> Function | None:
    """A function of variables and meter, or None where Python cannot compile the rule.

    It gives the rule's value or raises any `Exception`, which says only that the closures have
    to decide.
    """
    writer = _Writer()
    try:
        source = writer.function(expr.root)
        code = _codes.get(source)
        if code is None:
            module = compile(source, "<rule>", "exec")
            code = next(part for part in module.co_consts if hasattr(part, "co_code"))
            if len(_codes) >= _KEPT:
                _codes.clear()
            _codes[source] = code
    except (SyntaxError, RecursionError, MemoryError, Failure):
        # Deeper than Python's own limits, or a pattern that never works.
        return None
    function: Function = _FunctionType(code, vars(runtime), "rule", tuple(writer.constants))
    return function


def source_of(expr: Expr) -> str:
    """The Python source of a rule, for people who want to see it."""
    return _Writer().function(expr.root)


class _Writer:
    """Writes one function.

    Each method gives a Python expression for its node, evaluated at most once. What an
    expression cannot do (loops, and parts that run only in some cases) it writes to `lines`
    before.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.indent = 1
        self.counter = 0
        self.constants: list[object] = []
        self.known: dict[tuple[type, object], str] = {}

    def function(self, root: Node) -> str:
        result = self.expression(root, {})
        names = "".join(f", k{number}" for number in range(len(self.constants)))
        body = "\n".join([*self.lines, f"    return {result}"])
        return f"def rule(b, m{names}):\n{body}\n"

    # Building blocks.

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    def fresh(self) -> str:
        self.counter += 1
        return f"t{self.counter}"

    def constant(self, value: object) -> str:
        key = (type(value), value)
        name = self.known.get(key)
        if name is None:
            name = self.known[key] = f"k{len(self.constants)}"
            self.constants.append(value)
        return name

    def expression(self, node: Node, names: Names) -> str:
        return _WRITERS[type(node)](self, node, names)

    def atom(self, node: Node, names: Names) -> tuple[str, str]:
        """An expression that is evaluated first, and the name of its value from then on."""
        text = self.expression(node, names)
        if text.isidentifier():
            return text, text
        name = self.fresh()
        return f"({name} := {text})", name

    def condition(self, node: Node, names: Names) -> str:
        """An expression that is True or False, or raises."""
        text = self.expression(node, names)
        return text if _is_bool(node) else f"truth({text})"

    def apart(self, write: Callable[[], str]) -> tuple[str, list[str]]:
        """An expression and the lines before it, which are not written yet."""
        outer, self.lines = self.lines, []
        self.indent += 1
        text = write()
        inner, self.lines = self.lines, outer
        self.indent -= 1
        return text, inner

    def choice(self, condition: str, yes: Callable[[], str], no: Callable[[], str]) -> str:
        """One of two expressions, of which the other is not evaluated."""
        yes_text, yes_lines = self.apart(yes)
        no_text, no_lines = self.apart(no)
        if not yes_lines and not no_lines:
            return f"({yes_text} if {condition} else {no_text})"
        result = self.fresh()
        self.line(f"if {condition}:")
        self.lines += yes_lines
        self.line(f"    {result} = {yes_text}")
        self.line("else:")
        self.lines += no_lines
        self.line(f"    {result} = {no_text}")
        return result

    # Values and names.

    def literal(self, node: Literal, names: Names) -> str:  # noqa: ARG002
        value = node.value
        if value is None or value is True or value is False:
            return str(value)
        return self.constant(value)

    def ident(self, node: Ident, names: Names) -> str:
        local = None if node.absolute else names.get(node.name)
        if local is not None:
            return local
        name = self.constant(node.name)
        if node.name in TYPE_VALUES:
            return f"b.get({name}, {self.constant(TYPE_VALUES[node.name])})"
        return f"b[{name}]"

    def select(self, node: Select, names: Names) -> str:
        operand = self.expression(node.operand, names)
        field = self.constant(node.field)
        return f"optional_field({operand}, {field})" if node.optional else f"{operand}[{field}]"

    def has(self, node: Has, names: Names) -> str:
        first, name = self.atom(node.select.operand, names)
        field = self.constant(node.select.field)
        return f"({field} in {name} if {first}.__class__ is dict else has({name}, {field}))"

    def index(self, node: Index, names: Names) -> str:
        operand = self.expression(node.operand, names)
        if isinstance(node.key, Literal) and isinstance(node.key.value, str) and not node.optional:
            return f"{operand}[{self.constant(node.key.value)}]"
        key = self.expression(node.key, names)
        return f"{'optional_item' if node.optional else 'item'}({operand}, {key})"

    def list_literal(self, node: ListLiteral, names: Names) -> str:
        items = [self.expression(item, names) for item in node.items]
        for position in node.optional:
            items[position] = f"*filled({items[position]})"
        return f"[{', '.join(items)}]"

    def map_literal(self, node: MapLiteral, names: Names) -> str:
        entries = [
            f"({self.expression(key, names)}, {self.expression(value, names)}, {optional})"
            for key, value, optional in node.entries
        ]
        return f"new_map([{', '.join(entries)}])"

    # Operators.

    def unary(self, node: Unary, names: Names) -> str:
        if node.operator == "-":
            return f"negate({self.expression(node.operand, names)})"
        return f"(not {self.condition(node.operand, names)})"

    def binary(self, node: Binary, names: Names) -> str:
        if node.operator in ("==", "!="):
            return self.equality(node, names)
        left = self.expression(node.left, names)
        right = self.expression(node.right, names)
        if node.operator == "in":
            return f"contains({right}, {left}, m)"
        if node.operator in _RELATIONS:
            return self.order(node, left, right)
        return f"{_ARITHMETIC[node.operator]}({left}, {right}, m)"

    def order(self, node: Binary, left: str, right: str) -> str:
        """A comparison with a small int is Python's own where the other side is an int."""
        name = self.fresh()
        for number, other, swapped in ((node.right, left, False), (node.left, right, True)):
            if isinstance(number, Literal) and type(number.value) is int:
                value = self.constant(number.value)
                fast = (
                    f"{value} {node.operator} {name}"
                    if swapped
                    else f"{name} {node.operator} {value}"
                )
                sides = (value, name) if swapped else (name, value)
                slow = _ordered(node.operator, *sides)
                return f"({fast} if ({name} := {other}).__class__ is int else {slow})"
        return _ordered(node.operator, left, right)

    def equality(self, node: Binary, names: Names) -> str:
        negative = "not " if node.operator == "!=" else ""
        for literal, other in ((node.right, node.left), (node.left, node.right)):
            if isinstance(literal, Literal):
                text = self.literal_equality(literal.value, other, names)
                if text is not None:
                    return f"({negative}{text})"
        left = self.expression(node.left, names)
        right = self.expression(node.right, names)
        return f"({negative}equals({left}, {right}, m))"

    def literal_equality(self, value: object, other: Node, names: Names) -> str | None:
        """A test against a literal that Python's own `==` answers as CEL would, or None."""
        if value is None or value is True or value is False:
            return f"{self.expression(other, names)} is {value}"
        if isinstance(value, str) and len(value) < CHARACTERS_A_STEP:
            return f"{self.expression(other, names)} == {self.constant(value)}"
        if isinstance(value, int | float) and abs(value) < _EXACT:
            if value not in (0, 1):
                return f"{self.expression(other, names)} == {self.constant(value)}"
            # In Python, 0 and 1 equal the bools too.
            first, name = self.atom(other, names)
            return f"({first} == {self.constant(value)} and {name}.__class__ is not bool)"
        return None

    def logic(self, node: Logic, names: Names) -> str:
        """`and` or `or` in one expression as far as no term needs lines of its own."""
        word = " and " if node.operator == "&&" else " or "
        texts = [self.condition(node.terms[0], names)]
        result = ""
        for term in node.terms[1:]:
            text, lines = self.apart(lambda term=term: self.condition(term, names))  # type: ignore[misc]
            if lines:
                result = result or self.fresh()
                self.line(f"{result} = {word.join(texts)}")
                self.line(f"if {'' if node.operator == '&&' else 'not '}{result}:")
                self.lines += lines
                self.line(f"    {result} = {text}")
                texts = [result]
            else:
                texts.append(text)
        return texts[0] if len(texts) == 1 else f"({word.join(texts)})"

    def conditional(self, node: Conditional, names: Names) -> str:
        return self.choice(
            self.condition(node.condition, names),
            lambda: self.expression(node.then, names),
            lambda: self.expression(node.other, names),
        )

    # Functions and macros.

    def call(self, node: Call, names: Names) -> str:
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
            return f"({run}(m, {name}) if ({name} := {args[0]}).__class__ is str else unusual())"
        return f"{self.constant(found.call)}(m, {', '.join(args)})"

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

    def bind(self, node: Bind, names: Names) -> str:
        """The value is worked out at once: where it has none, the closures see who asks."""
        name = self.fresh()
        self.line(f"{name} = {self.expression(node.value, names)}")
        return self.expression(node.body, {**names, node.name: name})

    def opt_map(self, node: OptMap, names: Names) -> str:
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
        source, result = self.fresh(), self.fresh()
        bound = [self.fresh() for _ in node.names]
        inner = {**names, **dict(zip(node.names, bound, strict=True))}
        self.line(f"{source} = {self.expression(node.source, names)}")
        if len(bound) == 1:
            self.line(f"if {source}.__class__ is not list: {source} = keys({source})")
        self.line(f"m.charge(len({source}) * {weight(node)})")
        self.line(f"{result} = {_STARTS[node.macro]}")
        steps = source if len(bound) == 1 else f"pairs({source})"
        self.line(f"for {', '.join(bound)} in {steps}:")
        self.indent += 1
        self.body(node, inner, result, bound)
        self.indent -= 1
        if node.macro == "exists_one":
            return f"({result} == 1)"
        if node.macro == "sortBy":
            return f"sorted_by(m, {result})"
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


_ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "modulo"}
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


def _ordered(operator: str, left: str, right: str) -> str:
    if operator in (">", ">="):
        left, right = right, left
    return f"{'less' if operator in '<>' else 'less_or_equal'}({left}, {right})"


def _is_bool(node: Node) -> bool:
    """Whether a node's expression is True or False whatever the data."""
    if isinstance(node, Has | Logic):
        return True
    if isinstance(node, Binary):
        return node.operator in _RELATIONS
    if isinstance(node, Unary):
        return node.operator == "!"
    if isinstance(node, Literal):
        return isinstance(node.value, bool)
    if isinstance(node, Comprehension):
        return node.macro in ("all", "exists", "exists_one")
    if isinstance(node, Call):
        found = family(node.function, member=node.target is not None)
        return found is not None and all(over.result == "bool" for over in found.overloads)
    return False


_WRITERS: dict[type[Node], Callable[..., str]] = {
    Literal: _Writer.literal,
    Ident: _Writer.ident,
    Select: _Writer.select,
    Has: _Writer.has,
    Index: _Writer.index,
    Call: _Writer.call,
    ListLiteral: _Writer.list_literal,
    MapLiteral: _Writer.map_literal,
    Unary: _Writer.unary,
    Binary: _Writer.binary,
    Logic: _Writer.logic,
    Conditional: _Writer.conditional,
    Comprehension: _Writer.comprehension,
    Bind: _Writer.bind,
    OptMap: _Writer.opt_map,
}
