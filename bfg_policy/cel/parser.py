"""Tokens to a syntax tree: precedence, macros, limits, and errors that say what was expected."""

from __future__ import annotations

from bfg_policy.cel.errors import CelProblem, CelSyntaxError
from bfg_policy.cel.lexer import END, LITERAL, NAME, QUOTED_NAME, RESERVED, Token, tokens
from bfg_policy.cel.literals import too_large
from bfg_policy.cel.macros import NAMESPACES, expand
from bfg_policy.cel.syntax import (
    Binary,
    Call,
    Conditional,
    Expr,
    Ident,
    Index,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Node,
    Select,
    Unary,
)
from bfg_policy.cel.values import INT_MAX

#: Code points in one rule, and levels of its tree.
MAX_LENGTH = 10_000
MAX_DEPTH = 100

#: How tight each operator binds.
_LEVELS = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 3),
    **dict.fromkeys("+-", 4),
    **dict.fromkeys("*/%", 5),
}
_LOOSEST = 1
_CLOSERS = {"(": ")", "[": "]", "{": "}"}

#: Words of other languages, and what CEL writes instead.
_WORDS = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "AND": "&&",
    "OR": "||",
    "NOT": "!",
    "is": "==",
    "eq": "==",
}


def parse(text: str) -> Expr:
    """The syntax tree of an expression.

    Raises `CelSyntaxError` with the first problem: not an expression, or over a limit.
    """
    if len(text) > MAX_LENGTH:
        message = f"this rule has {len(text)} characters; at most {MAX_LENGTH} are allowed"
        raise CelSyntaxError(CelProblem("limit", message, MAX_LENGTH, len(text)))
    return Expr(text, _Parser(text).parse())


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.position = 0
        self.token = self.tokens[0]
        self.nesting = 0
        #: The brackets that are open, innermost last.
        self.open: list[Token] = []

    def parse(self) -> Node:
        if self.token.kind == END:
            raise self.error("expected an expression, found nothing", self.token)
        root = self.expression()
        if self.token.kind != END:
            raise self.unexpected("an operator or the end")
        return root

    # Reading tokens.

    def advance(self) -> Token:
        token = self.token
        self.position += 1
        self.token = self.tokens[min(self.position, len(self.tokens) - 1)]
        return token

    def peek(self) -> Token:
        return self.tokens[min(self.position + 1, len(self.tokens) - 1)]

    def take(self, kind: str) -> bool:
        if self.token.kind == kind:
            self.advance()
            return True
        return False

    @property
    def last_end(self) -> int:
        return self.tokens[self.position - 1].end

    def open_bracket(self) -> None:
        self.open.append(self.advance())

    def close_bracket(self, expected: str) -> None:
        """Go past the closer of the innermost bracket, or say what was expected."""
        closer = _CLOSERS[self.open[-1].kind]
        if self.token.kind != closer:
            raise self.unexpected(f"{expected} or `{closer}`")
        self.advance()
        self.open.pop()

    # Errors.

    def error(self, message: str, token: Token, **more: str) -> CelSyntaxError:
        problem = CelProblem("syntax", message, token.start, token.end)
        problem.suggestion = more.get("suggestion")
        problem.hint = more.get("hint")
        return CelSyntaxError(problem)

    def unexpected(self, expected: str) -> CelSyntaxError:
        """What to say where the text cannot go on with the token that stands there."""
        token = self.token
        if token.kind == NAME and str(token.value) in _WORDS:
            return self.word(token)
        if token.kind == END and self.open:
            opener = self.open[-1]
            closer = _CLOSERS[opener.kind]
            return self.error(
                f"`{opener.kind}` is never closed: expected `{closer}`",
                opener,
                hint=f"Put `{closer}` where the part ends.",
            )
        found = "the end" if token.kind == END else f"`{self.text[token.start : token.end][:40]}`"
        return self.error(f"expected {expected}, found {found}", token)

    def word(self, token: Token) -> CelSyntaxError:
        word = str(token.value)
        meant = _WORDS[word]
        if meant == "!" and self.peek().kind == "in":
            hint = "Write !(a in b) for: not in."
            return self.error(f"`{word}` is not an operator of CEL", token, hint=hint)
        return self.error(f"`{word}` is not an operator of CEL", token, suggestion=meant)

    def too_deep(self, start: int, end: int) -> CelSyntaxError:
        message = f"this rule nests more than {MAX_DEPTH} levels deep"
        return CelSyntaxError(CelProblem("limit", message, start, end))

    def bounded(self, node: Node) -> Node:
        if node.depth > MAX_DEPTH:
            raise self.too_deep(node.start, node.end)
        return node

    # The grammar, from loose to tight.

    def expression(self) -> Node:
        """`a ? b : c`, or anything tighter."""
        start = self.token.start
        self.nesting += 1
        if self.nesting > MAX_DEPTH:
            raise self.too_deep(start, self.token.end)
        node = self.operation(_LOOSEST)
        if self.take("?"):
            then = self.operation(_LOOSEST)
            if not self.take(":"):
                raise self.unexpected("`:` of the `?`")
            other = self.expression()
            node = self.bounded(Conditional(node, then, other, (start, self.last_end)))
        self.nesting -= 1
        return node

    def operation(self, loosest: int) -> Node:
        """Operands joined by operators that bind at least so tight, from left to right."""
        start = self.token.start
        node = self.unary()
        while (level := _LEVELS.get(self.token.kind, 0)) >= loosest:
            operator = self.advance()
            right = self.operation(level + 1)
            if operator.kind in ("&&", "||"):
                node = self.chain(operator.kind, [node, right], level, start)
            else:
                place = (start, self.last_end)
                node = self.bounded(Binary(operator.kind, node, right, operator.start, place))
        return node

    def chain(self, operator: str, terms: list[Node], level: int, start: int) -> Node:
        """The rest of a chain of `&&`, or of `||`, as one node."""
        while self.take(operator):
            terms.append(self.operation(level + 1))
        return self.bounded(Logic(operator, tuple(terms), (start, self.last_end)))

    def unary(self) -> Node:
        """Any number of `!`, or of `-`; as in the other engines, two of a kind are none.

        A minus before a number belongs to the number.
        """
        sign = self.token
        if sign.kind not in ("!", "-"):
            return self.member()
        count = 0
        while self.token.kind == sign.kind and not self.is_negative_number():
            self.advance()
            count += 1
        if self.token.kind in ("!", "-") and not self.is_negative_number():
            raise self.unexpected("a value")
        node = self.member()
        if count % 2:
            node = self.bounded(Unary(sign.kind, node, (sign.start, self.last_end)))
        return node

    def is_negative_number(self) -> bool:
        following = self.peek()
        return (
            self.token.kind == "-"
            and following.kind == LITERAL
            and type(following.value) in (int, float)
        )

    def member(self) -> Node:
        """A primary with all its `.field`, `.call(…)` and `[index]`."""
        start = self.token.start
        node = self.primary()
        while True:
            if self.token.kind == ".":
                node = self.selection(node, start)
            elif self.token.kind == "[":
                self.open_bracket()
                optional = self.take("?")
                key = self.expression()
                self.close_bracket("an operator")
                node = Index(node, key, (start, self.last_end), optional=optional)
            else:
                return node
            self.bounded(node)

    def selection(self, operand: Node, start: int) -> Node:
        self.advance()
        optional = self.take("?")
        token = self.token
        if token.kind == QUOTED_NAME or (optional and token.kind in (NAME, "in")):
            self.advance()
            name = str(token.value)
            return Select(operand, name, token.start, (start, token.end), optional=optional)
        if token.kind not in (NAME, "in"):
            raise self.unexpected("the name of a field after `.`")
        self.advance()
        name = str(token.value)
        if self.token.kind != "(":
            return Select(operand, name, token.start, (start, token.end))
        args = self.arguments()
        return self.call(operand, token, args, start)

    def primary(self) -> Node:
        token = self.token
        if token.kind == LITERAL:
            return self.literal()
        if token.kind == "-":
            self.advance()
            return self.literal(token)
        if token.kind == "(":
            self.open_bracket()
            node = self.expression()
            self.close_bracket("an operator")
            return node
        if token.kind == "[":
            return self.list_literal()
        if token.kind == "{":
            return self.map_literal()
        if token.kind == NAME or (token.kind == "." and self.peek().kind == NAME):
            return self.name()
        raise self.unexpected("a value")

    def literal(self, minus: Token | None = None) -> Literal:
        token = self.advance()
        start = token.start if minus is None else minus.start
        value = token.value
        if minus is not None:
            return Literal(-value, start, token.end)  # type: ignore[operator]  # a number
        if type(value) is int and value > INT_MAX:
            raise CelSyntaxError(too_large("int", start, token.end))
        return Literal(value, start, token.end)

    def name(self) -> Node:
        start = self.token.start
        absolute = self.take(".")
        token = self.advance()
        name = str(token.value)
        if name in _WORDS and self.token.kind in (NAME, LITERAL, "(", "!"):
            raise self.word(token)
        if name in RESERVED:
            raise self.error(f"`{name}` is a reserved word", token)
        if self.token.kind == "(":
            return self.call(None, token, self.arguments(), start)
        return Ident(name, start, token.end, absolute=absolute)

    def arguments(self) -> tuple[Node, ...]:
        self.open_bracket()
        args: list[Node] = []
        while self.token.kind != ")":
            args.append(self.expression())
            if not self.take(","):
                break
            if self.token.kind == ")":
                raise self.unexpected("an argument")
        self.close_bracket("`,`")
        return tuple(args)

    def call(self, target: Node | None, name: Token, args: tuple[Node, ...], start: int) -> Node:
        """A function, a method, a function of a namespace (`math.least`), or a macro."""
        function = str(name.value)
        place = (start, self.last_end)
        if isinstance(target, Ident) and target.name in NAMESPACES and not target.absolute:
            qualified = f"{target.name}.{function}"
            if qualified in NAMESPACES[target.name]:
                target, function = None, qualified
                name = Token(NAME, qualified, start, name.end)
        node = expand(function, target, args, (name.start, name.end), place)
        if node is None:
            node = Call(function, target, args, (name.start, name.end), place)
        return self.bounded(node)

    def list_literal(self) -> Node:
        start = self.token.start
        self.open_bracket()
        items: list[Node] = []
        optional: set[int] = set()
        while self.token.kind != "]":
            if self.take("?"):
                optional.add(len(items))
            items.append(self.expression())
            if not self.take(","):
                break
        self.close_bracket("`,`")
        place = (start, self.last_end)
        return self.bounded(ListLiteral(tuple(items), frozenset(optional), *place))

    def map_literal(self) -> Node:
        start = self.token.start
        self.open_bracket()
        entries: list[tuple[Node, Node, bool]] = []
        while self.token.kind != "}":
            optional = self.take("?")
            key = self.expression()
            if not self.take(":"):
                raise self.unexpected("`:` after the key")
            entries.append((key, self.expression(), optional))
            if not self.take(","):
                break
        self.close_bracket("`,`")
        return self.bounded(MapLiteral(tuple(entries), start, self.last_end))
