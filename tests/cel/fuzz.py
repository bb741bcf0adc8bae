"""Random programs over random data, for holding evaluators against each other.

Programs are built by type, so that most of them mean something, and now and then by no type at
all, so that every kind of error is met. The same seed gives the same programs and data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

Names = Mapping[str, str]

TYPES = ("bool", "int", "uint", "double", "string", "list", "map", "time", "span", "null")
_WORDS = ("", "a", "b", "ab", "id", "zz", "Ünï", "eu-1", "0", "7", "true", "a b")
_INTS = ("0", "1", "2", "3", "-1", "7", "9223372036854775807", "-9223372036854775808", "64")
_DOUBLES = ("0.0", "1.0", "-1.5", "2.5", "1e3", "1e300", "0.1", "3.0")
_UINTS = ("0u", "1u", "2u", "18446744073709551615u")
_PATTERNS = ("a", "^a", "b$", "[a-z]+", "", "(a|b)*", r"\\d", "^$")
_TIMES = ("2026-01-31T09:00:00Z", "1969-12-31T23:59:59.5Z", "2024-02-29T00:00:00+02:00")
_SPANS = ("1h", "-1h30m", "0s", "1.5s", "90m", "1ms")
_FIELDS = {
    "bool": ("ok", "late"),
    "int": ("n", "big"),
    "double": ("ratio",),
    "string": ("name", "kind"),
    "list": ("items", "tags"),
    "map": ("claims", "deep"),
    "null": ("none",),
}


def seeded(seed: int) -> Random:
    """The same choices every time."""
    return Random(seed)  # noqa: S311  (nothing secret is chosen)


class Programs:
    """Makes expressions. rng: where all choices come from."""

    def __init__(self, rng: Random, depth: int = 4) -> None:
        self.rng = rng
        self.depth = depth
        self.counter = 0

    def program(self) -> str:
        """The text of one expression."""
        self.counter = 0
        wanted = "bool" if self.rng.random() < 0.6 else self.rng.choice(TYPES)
        return self.make(wanted, self.depth, {})

    def make(self, wanted: str, depth: int, names: Names) -> str:
        """An expression of a type, or of some other one now and then."""
        if self.rng.random() < 0.03:
            wanted = self.rng.choice(TYPES)
        if depth <= 0 or self.rng.random() < 0.15:
            return self.leaf(wanted, names)
        makers = _MAKERS.get(wanted, ()) + _ANY
        return self.rng.choice(makers)(self, wanted, depth - 1, names)

    def leaf(self, wanted: str, names: Names) -> str:
        local = [name for name, kind in names.items() if kind in (wanted, "any")]
        if local and self.rng.random() < 0.6:
            return self.field(self.rng.choice(local), wanted, names)
        if wanted in _FIELDS and self.rng.random() < 0.5:
            return f"s.{self.rng.choice(_FIELDS[wanted])}"
        return self.literal(wanted)

    def field(self, name: str, wanted: str, names: Names) -> str:
        """A local itself, or a field of one that stands for an element."""
        if names[name] == "any" and wanted in _FIELDS and self.rng.random() < 0.7:
            return f"{name}.{self.rng.choice(_FIELDS[wanted])}"
        return name

    def literal(self, wanted: str) -> str:
        pick = self.rng.choice
        match wanted:
            case "bool":
                return pick(("true", "false"))
            case "int":
                return pick(_INTS)
            case "uint":
                return pick(_UINTS)
            case "double":
                return pick(_DOUBLES)
            case "string":
                return f"'{pick(_WORDS)}'"
            case "list":
                return pick(("[]", "[1, 2]", "['a', 'b']", "[1, 2u, 3.0]", "[true, null]"))
            case "map":
                return pick(("{}", "{'a': 1}", "{1: 'a', 2u: 'b'}", "{'a': {'b': [1]}}"))
            case "time":
                return f"timestamp('{pick(_TIMES)}')"
            case "span":
                return f"duration('{pick(_SPANS)}')"
            case _:
                return "null"

    def fresh(self) -> str:
        self.counter += 1
        return f"x{self.counter}"

    # One method for each form; wanted is the type that it has to give.

    def conditional(self, wanted: str, depth: int, names: Names) -> str:
        condition = self.make("bool", depth, names)
        return f"({condition} ? {self.make(wanted, depth, names)} : {self.leaf(wanted, names)})"

    def bind(self, wanted: str, depth: int, names: Names) -> str:
        kind, name = self.rng.choice(TYPES), self.fresh()
        body = self.make(wanted, depth, {**names, name: kind})
        return f"cel.bind({name}, {self.make(kind, depth, names)}, {body})"

    def index(self, wanted: str, depth: int, names: Names) -> str:
        if self.rng.random() < 0.5:
            return f"s.claims[{self.make('string', depth, names)}]"
        items = ", ".join(self.leaf(wanted, names) for _ in range(3))
        return f"[{items}][{self.make('int', 0, names)}]"

    def optional(self, wanted: str, depth: int, names: Names) -> str:
        field = self.rng.choice(("name", "n", "claims", "zz"))
        other = self.make(wanted, depth, names)
        return self.rng.choice(
            (
                f"s.?{field}.orValue({other})",
                f"s[?'{field}'].or(optional.of({other})).value()",
                f"optional.of({other}).optMap(o, o).value()",
            )
        )

    def logic(self, _: str, depth: int, names: Names) -> str:
        word = self.rng.choice((" && ", " || "))
        terms = [self.make("bool", depth, names) for _ in range(self.rng.choice((2, 2, 3)))]
        return f"({word.join(terms)})"

    def invert(self, _: str, depth: int, names: Names) -> str:
        return f"!{self.make('bool', depth, names)}"

    def equal(self, _: str, depth: int, names: Names) -> str:
        kind = self.rng.choice(TYPES)
        other = self.rng.choice((kind, kind, kind, "int", "double"))
        word = self.rng.choice(("==", "!="))
        return f"({self.make(kind, depth, names)} {word} {self.make(other, depth, names)})"

    def order(self, _: str, depth: int, names: Names) -> str:
        kind = self.rng.choice(("int", "int", "double", "uint", "string", "bool", "time", "span"))
        other = self.rng.choice((kind, kind, "int", "double", "uint")) if kind in _NUMBERS else kind
        word = self.rng.choice(("<", "<=", ">", ">="))
        return f"({self.make(kind, depth, names)} {word} {self.make(other, depth, names)})"

    def within(self, _: str, depth: int, names: Names) -> str:
        kind = self.rng.choice(("int", "string", "double", "uint"))
        container = self.make(self.rng.choice(("list", "map")), depth, names)
        return f"({self.make(kind, depth, names)} in {container})"

    def has(self, _: str, depth: int, names: Names) -> str:  # noqa: ARG002
        whole = self.rng.choice(("s", "s.claims", "s.deep", *names))
        return f"has({whole}.{self.rng.choice(_WORDS_AS_FIELDS)})"

    def quantifier(self, _: str, depth: int, names: Names) -> str:
        macro = self.rng.choice(("all", "exists", "exists_one"))
        name = self.fresh()
        body = self.make("bool", depth, {**names, name: "any"})
        return f"{self.source(depth, names)}.{macro}({name}, {body})"

    def two_names(self, _: str, depth: int, names: Names) -> str:
        macro = self.rng.choice(("all", "exists", "existsOne"))
        first, second = self.fresh(), self.fresh()
        body = self.make("bool", depth, {**names, first: "int", second: "any"})
        return f"{self.source(depth, names)}.{macro}({first}, {second}, {body})"

    def text_test(self, _: str, depth: int, names: Names) -> str:
        text = self.make("string", depth, names)
        if self.rng.random() < 0.4:
            return f"{text}.matches('{self.rng.choice(_PATTERNS)}')"
        function = self.rng.choice(("contains", "startsWith", "endsWith"))
        return f"{text}.{function}({self.make('string', depth, names)})"

    def source(self, depth: int, names: Names) -> str:
        return "s.items" if self.rng.random() < 0.4 else self.make("list", depth, names)

    def arithmetic(self, wanted: str, depth: int, names: Names) -> str:
        words = "+-*/" if wanted == "double" else "+-*/%"
        left, right = self.make(wanted, depth, names), self.make(wanted, depth, names)
        return f"({left} {self.rng.choice(words)} {right})"

    def minus(self, wanted: str, depth: int, names: Names) -> str:
        return f"(-({self.make(wanted, depth, names)}))"

    def size(self, _: str, depth: int, names: Names) -> str:
        sized = self.make(self.rng.choice(("list", "map", "string")), depth, names)
        return self.rng.choice((f"size({sized})", f"{sized}.size()"))

    def convert(self, wanted: str, depth: int, names: Names) -> str:
        kind = self.rng.choice(("int", "uint", "double", "string"))
        return f"{wanted}({self.make(kind, depth, names)})"

    def position(self, _: str, depth: int, names: Names) -> str:
        text = self.make("string", depth, names)
        return f"{text}.indexOf({self.make('string', depth, names)})"

    def concatenation(self, wanted: str, depth: int, names: Names) -> str:
        return f"({self.make(wanted, depth, names)} + {self.make(wanted, depth, names)})"

    def text(self, _: str, depth: int, names: Names) -> str:
        text = self.make("string", depth, names)
        return text + self.rng.choice(
            (
                ".lowerAscii()",
                ".upperAscii()",
                ".trim()",
                ".replace('a', 'bb')",
                ".substring(1)",
                ".charAt(0)",
                ".split('b').join('-')",
            )
        )

    def listed(self, _: str, depth: int, names: Names) -> str:
        kind = self.rng.choice(TYPES)
        return f"[{', '.join(self.make(kind, depth, names) for _ in range(self.rng.randrange(4)))}]"

    def mapped(self, _: str, depth: int, names: Names) -> str:
        name = self.fresh()
        inner = {**names, name: "any"}
        if self.rng.random() < 0.5:
            return f"{self.source(depth, names)}.filter({name}, {self.make('bool', depth, inner)})"
        kind = self.rng.choice(TYPES)
        return f"{self.source(depth, names)}.map({name}, {self.make(kind, depth, inner)})"

    def keyed(self, _: str, depth: int, names: Names) -> str:
        kind = self.rng.choice(("string", "int", "uint"))
        key, value = self.make(kind, depth, names), self.make("int", depth, names)
        return f"{{{key}: {value}}}"

    def shift_time(self, _: str, depth: int, names: Names) -> str:
        word = self.rng.choice("+-")
        return f"({self.make('time', depth, names)} {word} {self.make('span', depth, names)})"

    def difference(self, _: str, depth: int, names: Names) -> str:
        return f"({self.make('time', depth, names)} - {self.make('time', depth, names)})"


Maker = Callable[[Programs, str, int, Names], str]

_NUMBERS = frozenset(("int", "double", "uint"))
_WORDS_AS_FIELDS = ("name", "n", "zz", "a", "ok", "deep")
_ANY: tuple[Maker, ...] = (Programs.conditional, Programs.bind, Programs.index, Programs.optional)
_NUMERIC: tuple[Maker, ...] = (Programs.arithmetic, Programs.arithmetic, Programs.convert)
_MAKERS: dict[str, tuple[Maker, ...]] = {
    "bool": (
        *(Programs.logic,) * 4,
        *(Programs.equal,) * 3,
        *(Programs.order,) * 2,
        *(Programs.quantifier,) * 3,
        Programs.invert,
        Programs.within,
        Programs.has,
        Programs.two_names,
        Programs.text_test,
    ),
    "int": (*_NUMERIC, Programs.minus, Programs.size, Programs.position),
    "uint": _NUMERIC,
    "double": (*_NUMERIC, Programs.minus),
    "string": (Programs.concatenation, Programs.text, Programs.convert),
    "list": (Programs.listed, Programs.mapped, Programs.mapped, Programs.concatenation),
    "map": (Programs.keyed,),
    "time": (Programs.shift_time,),
    "span": (Programs.difference, Programs.concatenation),
}


def data(rng: Random) -> dict[str, object]:
    """The variables of a program: one object `s`, of which anything may be absent."""

    def element() -> dict[str, object]:
        return some({"name": word(), "n": rng.choice((0, 1, 2, 7)), "ok": rng.random() < 0.5})

    def some(whole: dict[str, object]) -> dict[str, object]:
        return {key: value for key, value in whole.items() if rng.random() < 0.9}

    def word() -> str:
        return rng.choice(_WORDS)

    return {
        "s": some(
            {
                "ok": rng.random() < 0.5,
                "late": rng.random() < 0.5,
                "n": rng.choice((0, 1, 2, 3, -5)),
                "big": 2**62,
                "ratio": rng.choice((0.0, 1.0, 2.5, -0.25)),
                "name": word(),
                "kind": rng.choice(("a", "b")),
                "items": [element() for _ in range(rng.randrange(4))],
                "tags": [word() for _ in range(rng.randrange(3))],
                "claims": {word(): rng.choice((word(), 1, True)) for _ in range(rng.randrange(3))},
                "deep": {"a": {"b": [1, 2, {"c": None}]}},
                "none": None,
            }
        )
    }
