"""The template language: Jinja without anything that could reach Python, or run without end.

A template may come from a pull request. It sees plain data and our filters, and nothing else:
a dot reaches a mapping's key and never an attribute, nothing but macros, blocks and our
functions can be called, every step is counted, and only quoted text is written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from jinja2 import DictLoader, Template, nodes, pass_context
from jinja2.exceptions import TemplateSyntaxError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as JINJA_TESTS

from bfg_policy.rendering.language import (
    BEGUN,
    CONSTANT,
    COUNTED,
    JOINED,
    SOUGHT,
    WEIGHED,
    guarded,
)
from bfg_policy.rendering.limits import Limits, OverLimit
from bfg_policy.rendering.metering import Meter
from bfg_policy.rendering.quoting import Quoted, Refused
from bfg_policy.rendering.undefined import Unknown, refuse_unknown
from bfg_policy.source.shown import cut
from bfg_policy.suggestions import did_you_mean

_JINJA_FILTERS = ("list", "map", "reject", "rejectattr", "select", "selectattr")
# These take no longer for a long list than for a short one.
_SHORT_FILTERS = ("first", "items", "last", "length")
# These hold every item against others, and make a copy of each text in small letters.
_COMPARING_FILTERS = ("groupby", "max", "min", "sort", "unique")
_JINJA_TESTS = (
    *("defined", "eq", "equalto", "false", "ge", "gt", "in", "integer", "le", "lt", "mapping"),
    *("ne", "none", "sequence", "string", "true", "undefined"),
)
_LOOP_NAMES = frozenset({"index", "index0", "first", "last", "length", "revindex"})
_LARGEST = 2**63
# What a call and the loading of another template cost, in loop turns.
_CALL, _LOAD = 10, 20


@pass_context  # so that Jinja does not call it while it compiles
def _written(_context: Context, value: object) -> str:
    """What `{{ }}` writes: quoted text and whole numbers, and nothing else."""
    if isinstance(value, Quoted):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    refuse_unknown((value,))
    kind = "text that no filter has quoted" if isinstance(value, str) else "no text"
    raise Refused("the output", f"it is {kind}; end the expression with its language's filter")


class Sandbox(ImmutableSandboxedEnvironment):
    """A Jinja environment over some sources by name, for one rendering at a time.

    filters, functions: ours, by the name that templates use.
    """

    intercepted_binops = frozenset({"+", "-"})

    def __init__(
        self,
        sources: Mapping[str, str],
        filters: Mapping[str, Callable[..., object]],
        functions: Mapping[str, Callable[..., object]],
        limits: Limits,
    ) -> None:
        super().__init__(
            loader=DictLoader(sources),
            undefined=Unknown,
            finalize=_written,
            autoescape=False,
            optimized=False,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._limits = limits
        self._meter = meter = Meter(limits)
        self._names: Collection[str] = ()
        self._functions = tuple(functions.values())
        self.globals = dict(functions)
        self.filters = {name: meter.stepping(JINJA_FILTERS[name]) for name in _JINJA_FILTERS}
        self.filters |= {each: meter.glancing(JINJA_FILTERS[each]) for each in _SHORT_FILTERS}
        self.filters |= {each: meter.comparing(JINJA_FILTERS[each]) for each in _COMPARING_FILTERS}
        self.filters |= {name: meter.reading(each) for name, each in filters.items()}
        self.filters |= {"join": self._join, "sum": self._sum, JOINED: self._join}
        self.filters |= {COUNTED: meter.counted, BEGUN: meter.step, CONSTANT: Quoted}
        self.filters |= {WEIGHED: meter.weighed, SOUGHT: meter.sought}
        self.tests = {name: meter.testing(JINJA_TESTS[name]) for name in _JINJA_TESTS}
        self.tests["in"] = meter.is_in
        self.concat = meter.text_of  # type: ignore[method-assign]
        self.undefined = self._unknown  # type: ignore[assignment]

    def rendered(self, name: str, context: Mapping[str, object]) -> str:
        """The text of a template. Raises what Jinja raises, Refused and OverLimit."""
        self._meter.begin()
        self._names = tuple(context)
        template = self.get_template(name)
        # Not Template.render: it would rewrite the traceback, which tells us the line.
        return self._meter.text_of(template.root_render_func(template.new_context(dict(context))))

    def compile_alone(self, name: str) -> tuple[str, ...]:
        """See that a template can be compiled, and that those it names are there.

        Returns the names of those that it includes or extends. Raises what Jinja raises.
        """
        named = set()
        self._meter.begin()
        self.get_template(name)
        assert self.loader is not None
        source, _, _ = self.loader.get_source(self, name)
        known = self.loader.list_templates()
        for node in self.parse(source).find_all((nodes.Extends, nodes.Include)):
            other = vars(node)["template"].as_const()
            if other not in known and not vars(node).get("ignore_missing", False):
                message = f"there is no template `{other}`{did_you_mean(other, known)}"
                raise TemplateSyntaxError(message, node.lineno)
            named.add(other)
        return tuple(sorted(named))

    def get_template(self, *args: Any, **kwargs: Any) -> Template:
        """A template by name; loading one counts."""
        self._meter.step(_LOAD)
        return super().get_template(*args, **kwargs)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > self._limits.source:
            raise TemplateSyntaxError(f"it is longer than {self._limits.source} characters", 1)
        tree = super()._parse(source, name, filename)
        return guarded(tree, self.filters, self.tests, self._limits.parts)

    def _join(self, values: Iterable[object], separator: str = Quoted()) -> str:
        """Values one after another; quoted only where every part of it is."""
        parts: list[str] = []
        for value in values:
            self._meter.step()
            refuse_unknown((value,))
            if parts:
                parts.append(separator)
            parts.append(_text(value))
        whole = self._meter.text_of(parts)
        return whole if all(isinstance(part, Quoted) for part in parts) else str(whole)

    def _sum(self, values: Iterable[object]) -> object:
        total: object = 0
        for value in values:
            total = self.call_binop(None, "+", total, value)
        return total

    def call_binop(self, _context: Context | None, operator: str, left: Any, right: Any) -> object:
        """A sum or difference of whole numbers; `+` makes no lists or texts here."""
        self._meter.step()
        refuse_unknown((left, right))
        for value in (left, right):
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"`{operator}` is for whole numbers; `~` joins texts")
        result: int = left + right if operator == "+" else left - right
        if abs(result) >= _LARGEST:
            raise OverLimit("a number becomes too large")
        return result

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """What a macro, a block or one of our functions gives; calling counts."""
        self._meter.step(_CALL)
        refuse_unknown((function, *args))
        if not isinstance(function, Macro | BlockReference):
            for value in (*args[1:], *kwargs.values()):
                self._meter.weigh(value)
        return super().call(context, function, *args, **kwargs)

    def is_safe_callable(self, obj: object) -> bool:
        """Whether a template may call it: nothing is safe but what is named here."""
        return isinstance(obj, Macro | BlockReference) or any(
            obj is each for each in self._functions
        )

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What a dot reaches: a mapping's key, or one of `loop`'s numbers."""
        if isinstance(obj, LoopContext) and attribute in _LOOP_NAMES:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """What brackets reach: a mapping's key, or a list's item."""
        self._meter.step()
        refuse_unknown((obj,))
        if not isinstance(argument, str | int):
            return self._unknown(f"what stands in the brackets is {_kind(argument)}")
        if isinstance(obj, Mapping):
            if isinstance(argument, str) and argument in obj:
                return obj[argument]
            return self._unknown(name=cut(str(argument)), among=obj)
        if isinstance(obj, list | tuple) and isinstance(argument, int):
            if -len(obj) <= argument < len(obj):
                return obj[argument]
            return self._unknown(f"there is no item {argument} in a list of {len(obj)}")
        return self._unknown(f"`{cut(str(argument))}` cannot be asked of {_kind(obj)}")

    def _unknown(
        self,
        hint: str | None = None,
        obj: object = None,
        name: str | None = None,
        exc: object = None,
        among: Collection[str] | None = None,
    ) -> Unknown:
        """What stands for a name that is not there; called as Jinja calls its undefined type.

        among: the names that could have been meant; without them, the context's.
        """
        del obj, exc  # they would word the message, and we do
        return Unknown(hint, name, self._names if among is None else among)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Quoted(value)
    raise Refused("a joined text", f"a part of it is {_kind(value)}")


def _kind(value: object) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        *((str, "text"), (list, "a list"), (Mapping, "a mapping"), (bool, "true or false")),
        *((int, "a number"), (float, "a number"), (type(None), "nothing (null)")),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "this")
