"""Readiness -> {path: text}: the readiness report, and the packet of every board that has one.

All are templates over one context (see `packets.context`), so all carry the same snapshot's
checksum. Nothing here reads a clock or writes a file.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from bfg_policy.errors import Finding, RenderError
from bfg_policy.pack.types import REPORT
from bfg_policy.packets.context import Data, build_context
from bfg_policy.rendering.engine import engine_templates
from bfg_policy.rendering.limits import Limits
from bfg_policy.rendering.renderer import ENGINE, Renderer

if TYPE_CHECKING:
    from bfg_policy.pack import Pack
    from bfg_policy.readiness import Readiness
    from bfg_policy.scenario import Scenario

_INSTANT = re.compile(r"<!-- bfg-policy: scenario=[^ \n]* at=([^ \n]+) -->")


def packet_files(pack: Pack, scenario: Scenario, readiness: Readiness) -> dict[str, str]:
    """Every packet by its path below the report's folder, and `readiness.md`, sorted by path.

    Raises RenderError with one finding for each template that cannot be rendered.
    """
    renderer = _renderer(pack)
    context = build_context(pack, scenario, readiness)
    findings: list[Finding] = []

    def rendered(template: str, **more: object) -> str:
        try:
            return renderer.render(template, {**context, **more})
        except RenderError as error:
            findings.extend(error.findings)
            return ""

    files: dict[str, str] = {}
    packets: list[Data] = []
    boards = context["boards"]
    assert isinstance(boards, dict)
    for board in pack.boards.values():
        if board.packet is not None:
            text = rendered(board.packet.template, board=boards[board.id])
            files[board.packet.path] = text
            digest = sha256(text.encode("utf-8")).hexdigest()
            packets.append({"path": board.packet.path, "board": board.id, "sha256": digest})
    files[REPORT] = rendered(_report_template(pack), packets=packets)
    if findings:
        raise RenderError(findings)
    return dict(sorted(files.items()))


def report_text(pack: Pack, scenario: Scenario, readiness: Readiness) -> str:
    """The readiness report by itself, without the packets' section. Raises RenderError."""
    return _renderer(pack).render(_report_template(pack), build_context(pack, scenario, readiness))


def recorded_instant(text: str) -> str | None:
    """The instant that a rendered report was judged at, from its first line; None without one."""
    match = _INSTANT.match(text)
    return match[1] if match else None


def _renderer(pack: Pack) -> Renderer:
    limits = Limits.of_gates(len(pack.gates))
    return Renderer(pack.templates, engine_templates(), limits, pack.template_paths)


def _report_template(pack: Pack) -> str:
    return REPORT if REPORT in pack.templates else ENGINE + REPORT
