"""Which part of Jinja the template language is, and where its work is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.visitor import NodeTransformer

from bfg_policy.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LANGUAGE = frozenset(
    {
        *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign),
        *(nodes.Extends, nodes.Block, nodes.Include, nodes.Macro, nodes.CallBlock),
        *(nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair),
        *(nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Test, nodes.Call, nodes.Keyword),
        *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr),
        *(nodes.Concat, nodes.Add, nodes.Sub, nodes.Neg),
    }
)
# What becomes a function, and what it counts for: Python compiles these one by one.
_FUNCTIONS = (nodes.Macro, nodes.CallBlock, nodes.Block)
_OF_A_FUNCTION = 20
# Filters of our own in the compiled template; no template can name them, for their blank.
COUNTED, CONSTANT, JOINED = "counted item", "constant text", "joined text"
WEIGHED, SOUGHT, BEGUN = "weighed value", "sought place", "begun body"
# So many parts are gone through in the time of an empty loop turn.
_OF_A_TURN = 8


def guarded(
    tree: nodes.Template, filters: Iterable[str], tests: Iterable[str], most_parts: int
) -> nodes.Template:
    """A parsed template, with the counting put where its loops, look-ups and comparisons are.

    filters, tests: the names that there are; Jinja would say so only where one is used.
    most_parts: how many nodes the tree may have. Raises TemplateSyntaxError for more, and for
    what is not of the language.
    """
    whole: nodes.Template = _Guard(tuple(filters), tuple(tests), most_parts).visit(tree)
    return whole


class _Guard(NodeTransformer):
    def __init__(self, filters: Sequence[str], tests: Sequence[str], most_parts: int) -> None:
        self._filters, self._tests = filters, tests
        self._most, self._parts, self._line = most_parts, 0, 1

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> Any:
        self._parts += _OF_A_FUNCTION if isinstance(node, _FUNCTIONS) else 1
        self._line = node.lineno or self._line  # Jinja tells no line of an operand
        if self._parts > self._most:
            raise TemplateSyntaxError(f"it has more than {self._most} parts", self._line)
        if type(node) not in _LANGUAGE:
            name = type(node).__name__
            raise TemplateSyntaxError(
                f"`{name}` is not part of this template language", node.lineno
            )
        return super().visit(node, *args, **kwargs)

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:  # noqa: N802 - Jinja's way of naming
        _refuse_name("filter", node, self._filters)
        return self.generic_visit(node)

    def visit_Test(self, node: nodes.Test) -> nodes.Node:  # noqa: N802
        _refuse_name("test", node, self._tests)
        return self.generic_visit(node)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        if node.recursive:
            raise TemplateSyntaxError("a loop cannot call itself here", node.lineno)
        turn = 1 + self._turns_within(node)
        node.iter = _through(COUNTED, node.iter, turn)
        return node

    def visit_Body(self, node: Any) -> Any:  # noqa: N802
        """A body that runs as often as somebody calls or includes it."""
        turns = self._turns_within(node)
        if turns:
            begun = _through(BEGUN, nodes.Const(turns, lineno=node.lineno))
            node.body.insert(0, nodes.ExprStmt(begun, lineno=node.lineno))
        return node

    visit_Template = visit_Macro = visit_CallBlock = visit_Block = visit_Body  # noqa: N815

    def _turns_within(self, node: nodes.Node) -> int:
        """What all parts of a node take, each gone through once, in loop turns."""
        before = self._parts
        self.generic_visit(node)
        return (self._parts - before) // _OF_A_TURN

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        # A comparison ends with the smaller side: to weigh all but the last bounds each.
        node.expr = _through(WEIGHED, node.expr)
        for operand, following in zip(node.ops, [*node.ops[1:], None], strict=True):
            if operand.op in {"in", "notin"}:
                operand.expr = _through(SOUGHT, operand.expr)
            elif following is not None:
                operand.expr = _through(WEIGHED, operand.expr)
        return node

    def visit_Pair(self, node: nodes.Pair) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.key = _through(WEIGHED, node.key)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _through(JOINED, nodes.List(list(node.nodes), lineno=node.lineno))

    def visit_Const(self, node: nodes.Const) -> nodes.Node:  # noqa: N802
        return _through(CONSTANT, node) if isinstance(node.value, str) else node

    def visit_Extends(self, node: nodes.Extends | nodes.Include) -> nodes.Node:  # noqa: N802
        if not (isinstance(node.template, nodes.Const) and isinstance(node.template.value, str)):
            raise TemplateSyntaxError("the other template has to be named by a text", node.lineno)
        return node

    visit_Include = visit_Extends  # noqa: N815


def _refuse_name(what: str, node: nodes.Filter | nodes.Test, known: Sequence[str]) -> None:
    if node.name not in known:
        hint = did_you_mean(node.name, known)
        raise TemplateSyntaxError(f"there is no {what} `{node.name}`{hint}", node.lineno)


def _through(name: str, node: Any, *constants: int) -> nodes.Filter:
    given = [nodes.Const(each, lineno=node.lineno) for each in constants]
    return nodes.Filter(node, name, given, [], None, None, lineno=node.lineno)
