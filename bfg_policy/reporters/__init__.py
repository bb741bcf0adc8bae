"""Results -> text: one module a format, and one table of them, each loaded when it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from bfg_policy.reporters.results import PLAIN, Findings, Judged, Result, Style

# Every format, and the module whose `report(result, style)` writes it.
REPORTERS: Mapping[str, str] = {
    "text": "bfg_policy.reporters.text",
    "json": "bfg_policy.reporters.json",
    "markdown": "bfg_policy.reporters.markdown",
}

Reporter = Callable[[Result, Style], str]


def format_result(format_name: str, result: Result, style: Style = PLAIN) -> str:
    """A result in one of REPORTERS' formats, with its last line end.

    style: counts for `text` alone. Raises RenderError where `markdown` cannot be rendered.
    """
    report: Reporter = import_module(REPORTERS[format_name]).report
    return report(result, style)


__all__ = ["PLAIN", "REPORTERS", "Findings", "Judged", "Result", "Style", "format_result"]
