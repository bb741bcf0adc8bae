"""Results -> text: one module a format, and one table of them, each loaded when it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from bfg_policy.reporters.results import (
    PLAIN,
    Compared,
    Entry,
    Findings,
    Judged,
    Result,
    Several,
    Style,
    Tested,
)

# Every format, and the module whose `report(result, style)` writes it.
REPORTERS: Mapping[str, str] = {
    "text": "bfg_policy.reporters.text",
    "json": "bfg_policy.reporters.json",
    "sarif": "bfg_policy.reporters.sarif",
    "junit": "bfg_policy.reporters.junit",
    "github": "bfg_policy.reporters.github",
    "gitlab": "bfg_policy.reporters.gitlab",
    "azure": "bfg_policy.reporters.azure",
    "tap": "bfg_policy.reporters.tap",
    "markdown": "bfg_policy.reporters.markdown",
}
# What these lay out in a way of its own, and where. Machine formats have one view of all results.
_OTHERS: Mapping[tuple[str, type], str] = {
    ("text", Several): "bfg_policy.reporters.several_text",
    ("json", Several): "bfg_policy.reporters.several_json",
    ("markdown", Several): "bfg_policy.reporters.several_markdown",
    ("text", Compared): "bfg_policy.reporters.comparing_text",
    ("json", Compared): "bfg_policy.reporters.comparing_json",
    ("markdown", Compared): "bfg_policy.reporters.comparing_markdown",
    ("text", Tested): "bfg_policy.reporters.testing_text",
    ("json", Tested): "bfg_policy.reporters.testing_json",
    ("junit", Tested): "bfg_policy.reporters.testing_junit",
    ("tap", Tested): "bfg_policy.reporters.testing_tap",
    ("markdown", Tested): "bfg_policy.reporters.testing_markdown",
}
# Their lines are commands that a CI system is to obey; nothing else that is printed is.
COMMANDS = frozenset({"github", "azure"})

Reporter = Callable[[Result, Style], str]


def format_result(format_name: str, result: Result, style: Style = PLAIN) -> str:
    """A result in one of REPORTERS' formats, with its last line end.

    style: counts for `text` alone. Raises RenderError where `markdown` cannot be rendered.
    """
    module = _OTHERS.get((format_name, type(result)), REPORTERS[format_name])
    report: Reporter = import_module(module).report
    return report(result, style)


__all__ = [
    "COMMANDS",
    "PLAIN",
    "REPORTERS",
    "Compared",
    "Entry",
    "Findings",
    "Judged",
    "Result",
    "Several",
    "Style",
    "Tested",
    "format_result",
]
