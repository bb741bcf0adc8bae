"""The `markdown` format: the readiness report without its packets, or a table of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.packets import report_text
from bfg_policy.packets.context import finding_data
from bfg_policy.rendering.engine import engine_templates
from bfg_policy.rendering.limits import Limits
from bfg_policy.rendering.renderer import ENGINE, Renderer
from bfg_policy.reporters.results import Findings, Judged

if TYPE_CHECKING:
    from bfg_policy.reporters.results import Result, Style


def report(result: Result, _style: Style) -> str:
    """The result as GitHub's Markdown. Raises RenderError where a pack's template fails."""
    if isinstance(result, Judged):
        return report_text(result.pack, result.scenario, result.readiness)
    assert isinstance(result, Findings)
    findings = [finding_data(finding) for finding in result.findings]
    renderer = Renderer({}, engine_templates(), Limits.of_gates(len(findings)))
    return renderer.render(f"{ENGINE}findings.md", {"findings": findings})
