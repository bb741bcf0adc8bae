"""The `markdown` format of several scenarios: a row each, and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.packets.context import finding_data
from bfg_policy.rendering.engine import engine_templates
from bfg_policy.rendering.limits import Limits
from bfg_policy.rendering.renderer import ENGINE, Renderer
from bfg_policy.reporters.excerpts import tally
from bfg_policy.reporters.results import Several
from bfg_policy.reporters.views import view_of

if TYPE_CHECKING:
    from bfg_policy.reporters.results import Entry, Result, Style

Data = dict[str, object]


def report(result: Result, _style: Style) -> str:
    """Several scenarios as GitHub's Markdown."""
    assert isinstance(result, Several)
    view = view_of(result)
    findings = [finding_data(finding) for group in view.groups for finding in group.findings]
    context: Data = {
        "title": view.title,
        "summary": view.summary,
        "exit": result.exit,
        "entries": list(map(_entry, result.names, result.entries)),
        "findings": findings,
    }
    limits = Limits.of_gates(len(result.entries) + len(findings))
    return Renderer({}, engine_templates(), limits).render(f"{ENGINE}several.md", context)


def _entry(name: str, entry: Entry) -> Data:
    readiness = entry.readiness
    if readiness is None:
        told = f"not judged: {tally(entry.findings)}"
        unknown = dict.fromkeys(("verdict", "progress", "next"))
        return {"exit": entry.exit, "name": name, "told": told, **unknown}
    return {
        "exit": entry.exit,
        "name": name,
        "verdict": readiness.verdict,
        "progress": f"{readiness.ready} of {readiness.total}",
        "next": readiness.next_action,
        "told": tally(readiness.findings),
    }
