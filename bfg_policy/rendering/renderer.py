"""Templates by name, rendered with plain data; whatever goes wrong is one finding at its line."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from bfg_policy.errors import Finding, Place, Related, RenderError
from bfg_policy.rendering import markdown, quoting
from bfg_policy.rendering.data import FUNCTIONS, READING_FILTERS
from bfg_policy.rendering.limits import Limits
from bfg_policy.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType, TracebackType

    from bfg_policy.rendering.sandbox import Sandbox

_Made = TypeVar("_Made")

ENGINE = "engine/"
LEAST = Limits()
# Ours, by the name that templates use; the sandbox adds what it keeps of Jinja's.
FILTERS: dict[str, Callable[..., object]] = {
    **quoting.FILTERS,
    **markdown.FILTERS,
    **READING_FILTERS,
}


class Renderer:
    """The templates of one pack, and the packaged ones as `engine/NAME`.

    templates, engine: sources by name, without `.j2`. limits: what one rendering may cost.
    paths: where the templates stand, for people; those of the engine are part of the program.
    find: where the input has a value, if that can be told; a value that is refused stands there.
    """

    def __init__(
        self,
        templates: Mapping[str, str],
        engine: Mapping[str, str],
        limits: Limits = LEAST,
        paths: Mapping[str, str] | None = None,
        find: Callable[[object], Place | None] = lambda _: None,
    ) -> None:
        self._find = find
        self._paths = dict(paths or {})
        self._sources = {**templates, **{ENGINE + name: text for name, text in engine.items()}}
        self._limits = limits

    def known(self, name: str) -> bool:
        """Whether there is a template of this name."""
        return name in self._sources

    def render(self, name: str, context: Mapping[str, object]) -> str:
        """The text that a template makes of plain data: mappings, lists, text, numbers, null.

        Raises RenderError with one finding: BFG602 for a value that its output language refuses,
        BFG601 for everything else that is wrong with the template.
        """
        return self._told(name, lambda: str(self._sandbox.rendered(name, context)))

    def check(self, name: str) -> tuple[str, ...]:
        """See that a template is written in the language, whatever data it will be given.

        Returns the names of the templates that it includes or extends. Raises RenderError with
        one finding (BFG601).
        """
        return self._told(name, lambda: self._sandbox.compile_alone(name))

    def _told(self, name: str, work: Callable[[], _Made]) -> _Made:
        """What some work on a template gives; what goes wrong is raised as `render` says."""
        try:
            return work()
        except quoting.Refused as refused:
            line, written = self._place(name, refused), self._find(refused.value)
            raise RenderError(
                Finding(
                    "BFG602",
                    f"a value cannot be written in {refused.language}: {refused.why}",
                    written or line,
                    note=f"so `{name}` is not rendered",
                    hint="correct the value, or what the template writes",
                    related=(Related(line, "the template writes it here"),) if written else (),
                )
            ) from None
        # A template is a program of strangers: whatever it raises is a fault of the template.
        except Exception as error:
            raise RenderError(
                Finding(
                    "BFG601",
                    f"template `{name}` cannot be rendered: {_words(error)}",
                    self._place(name, error),
                    hint="correct the template; what it can use is in docs/templates.md",
                )
            ) from None

    @cached_property
    def _sandbox(self) -> Sandbox:
        # Jinja is heavy, and most runs render nothing.
        from bfg_policy.rendering.sandbox import Sandbox

        return Sandbox(self._sources, FILTERS, FUNCTIONS, self._limits)

    def _place(self, name: str, error: Exception) -> Place:
        """The innermost line of a template that an error comes from."""
        where, line = name, None
        if type(error).__name__ in {"TemplateSyntaxError", "TemplateAssertionError"}:
            where, line = vars(error)["name"] or name, vars(error)["lineno"]
        for frame, compiled_line in _frames(error.__traceback__):
            template = frame.f_globals.get("__jinja_template__")
            if template is not None:
                where, line = template.name, template.get_corresponding_lineno(compiled_line)
        lines = self._sources.get(where, "").splitlines()
        excerpt = lines[line - 1] if line and line <= len(lines) else None
        path = self._paths.get(where, f"templates/{where}.j2")
        return Place(path, line, None, 1, excerpt)


def _frames(traceback: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while traceback is not None:
        yield traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next


def _words(error: Exception) -> str:
    if isinstance(error, RecursionError | SyntaxError):
        return "it nests too deeply"
    if isinstance(error, MemoryError):
        return "it takes too much memory"
    kind = type(error).__name__
    if kind == "TemplateNotFound":
        return f"there is no template `{error}`"
    if kind == "SecurityError":
        return "it calls what cannot be called here"
    # The whole text of a syntax error would tell the line once more.
    told = getattr(error, "message", None) or error
    return " ".join(redact(str(told)).split()) or kind
