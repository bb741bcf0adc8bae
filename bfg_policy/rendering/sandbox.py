"""The template language: Jinja without anything that could reach Python, or run without end.

A template may come from a pull request. It sees plain data and our filters, and nothing else:
a dot reaches a mapping's key and never an attribute, nothing but macros, blocks and our
functions can be called, every step is counted, and only quoted text is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

from jinja2 import DictLoader, StrictUndefined, Template, nodes, pass_context
from jinja2.exceptions import TemplateSyntaxError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as JINJA_TESTS

from bfg_policy.rendering.language import CONSTANT, COUNTED, JOINED, guarded
from bfg_policy.rendering.limits import Limits, OverLimit
from bfg_policy.rendering.quoting import Quoted, Refused
from bfg_policy.suggestions import closest

_JINJA_FILTERS = (
    *("first", "groupby", "items", "last", "length", "list", "map", "max", "min", "reject"),
    *("rejectattr", "select", "selectattr", "sort", "unique"),
)
_JINJA_TESTS = (
    *("defined", "eq", "equalto", "false", "ge", "gt", "in", "integer", "le", "lt", "mapping"),
    *("ne", "none", "sequence", "string", "true", "undefined"),
)
_LOOP_NAMES = frozenset({"index", "index0", "first", "last", "length", "revindex"})
_LARGEST = 2**63
# What a call and the loading of another template cost, in loop turns.
_CALL, _LOAD = 10, 20


class _Unknown(StrictUndefined):
    """A name that is not there: any use of it but `is defined` is an error, in our own words."""

    @property
    def _undefined_message(self) -> str:
        return self._undefined_hint or f"there is no `{self._undefined_name}`"


@pass_context  # so that Jinja does not call it while it compiles
def _written(_context: Context, value: object) -> str:
    """What `{{ }}` writes: quoted text and whole numbers, and nothing else."""
    if isinstance(value, Quoted):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    _refuse_unknown((value,))
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
            undefined=_Unknown,
            finalize=_written,
            autoescape=False,
            optimized=False,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._limits = limits
        self._steps = 0
        self._names: Sequence[str] = ()
        self._functions = tuple(functions.values())
        self.globals = dict(functions)
        self.filters = {name: self._stepping(JINJA_FILTERS[name]) for name in _JINJA_FILTERS}
        self.filters |= {name: self._stepping(each) for name, each in filters.items()}
        self.filters |= {"join": self._join, "sum": self._sum, JOINED: self._join}
        self.filters |= {COUNTED: self._counted, CONSTANT: Quoted}
        self.tests = {name: JINJA_TESTS[name] for name in _JINJA_TESTS}
        self.concat = self._concatenated  # type: ignore[method-assign]
        self.undefined = self._unknown  # type: ignore[assignment]

    def rendered(self, name: str, context: Mapping[str, object]) -> str:
        """The text of a template. Raises what Jinja raises, Refused and OverLimit."""
        self._steps, self._names = 0, tuple(context)
        template = self.get_template(name)
        # Not Template.render: it would rewrite the traceback, which tells us the line.
        return self._concatenated(template.root_render_func(template.new_context(dict(context))))

    def get_template(self, *args: Any, **kwargs: Any) -> Template:
        """A template by name; loading one counts."""
        self._step(_LOAD)
        return super().get_template(*args, **kwargs)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > self._limits.source:
            raise TemplateSyntaxError(f"it is longer than {self._limits.source} characters", 1)
        tree = super()._parse(source, name, filename)
        return guarded(tree, self.filters, self.tests)

    def _step(self, count: int = 1) -> None:
        self._steps += count
        if self._steps > self._limits.steps:
            raise OverLimit(f"it takes more than {self._limits.steps} steps")

    def _stepping(self, function: Callable[..., object]) -> Callable[..., object]:
        # Jinja marks the filters that it passes a context first; `wraps` keeps the mark.
        @wraps(function)
        def counted(*args: Any, **kwargs: Any) -> object:
            self._step(1 + sum(_size(each) for each in args[:2]))
            _refuse_unknown(args)
            return function(*args, **kwargs)

        return counted

    def _counted(self, value: Any) -> object:
        if not isinstance(value, str | Mapping):
            value = list(value)
        self._step(1 + len(value))
        return value

    def _concatenated(self, pieces: Iterable[str]) -> Quoted:
        listed: list[str] = []
        room = self._limits.written
        for piece in pieces:
            room -= len(piece)
            if room < 0:
                raise OverLimit(f"it writes more than {self._limits.written} characters")
            listed.append(piece)
        return Quoted("".join(listed))

    def _join(self, values: Iterable[object], separator: str = Quoted()) -> str:
        """Values one after another; quoted only where every part of it is."""
        parts: list[str] = []
        for value in values:
            self._step()
            _refuse_unknown((value,))
            if parts:
                parts.append(separator)
            parts.append(_text(value))
        whole = self._concatenated(parts)
        return whole if all(isinstance(part, Quoted) for part in parts) else str(whole)

    def _sum(self, values: Iterable[object]) -> object:
        total: object = 0
        for value in values:
            total = self.call_binop(None, "+", total, value)
        return total

    def call_binop(self, _context: Context | None, operator: str, left: Any, right: Any) -> object:
        """A sum or difference of whole numbers; `+` makes no lists or texts here."""
        self._step()
        _refuse_unknown((left, right))
        for value in (left, right):
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"`{operator}` is for whole numbers; `~` joins texts")
        result: int = left + right if operator == "+" else left - right
        if abs(result) >= _LARGEST:
            raise OverLimit("a number becomes too large")
        return result

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """What a macro, a block or one of our functions gives; calling counts."""
        self._step(_CALL)
        _refuse_unknown((function, *args))
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
        _refuse_unknown((obj,))
        if isinstance(obj, Mapping):
            if isinstance(argument, str) and argument in obj:
                return obj[argument]
            return self._unknown(name=str(argument), among=tuple(obj))
        if isinstance(obj, list | tuple) and isinstance(argument, int):
            if -len(obj) <= argument < len(obj):
                return obj[argument]
            return self._unknown(f"there is no item {argument} in a list of {len(obj)}")
        return self._unknown(f"`{argument}` cannot be asked of {_kind(obj)}")

    def _unknown(
        self,
        hint: str | None = None,
        obj: object = None,
        name: str | None = None,
        exc: object = None,
        among: Sequence[str] | None = None,
    ) -> _Unknown:
        """What stands for a name that is not there; called as Jinja calls its undefined type.

        among: the names that could have been meant; without them, the context's.
        """
        del obj, exc  # they would word the message, and we do
        if hint is None and name is not None:
            meant = closest(name, self._names if among is None else among)
            hint = f"there is no `{name}`" + (f"; did you mean `{meant}`?" if meant else "")
        return _Unknown(hint, name=name)


def _refuse_unknown(values: Iterable[object]) -> None:
    for value in values:
        if isinstance(value, Undefined):
            str(value)  # raises what it is


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | list | tuple | dict) else 0


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
