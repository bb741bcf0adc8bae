"""Readiness -> {path: text}: the readiness report, and the packet of every board that has one.

All are templates over one context (see `packets.context`), so all carry the same snapshot's
checksum. Nothing here reads a clock or writes a file.
"""

from __future__ import annotations

import re
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING

from bfg_policy.errors import Finding, Place, RenderError
from bfg_policy.graph import Needs, reachable
from bfg_policy.instants import parse_instant
from bfg_policy.pack.types import REPORT, Packet, PacketSet
from bfg_policy.packets.context import Data, build_context
from bfg_policy.packets.placing import place_of_value
from bfg_policy.rendering.engine import engine_templates
from bfg_policy.rendering.limits import Limits
from bfg_policy.rendering.renderer import ENGINE, Renderer
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bfg_policy.pack import Pack
    from bfg_policy.readiness import Readiness
    from bfg_policy.scenario import Scenario

# All packets as one node, beside the names of templates.
_PACKETS = ""
# The first line of a rendered report.
_OF_REPORT = re.compile(r"<!-- bfg-policy: scenario=([^ \n]*) at=([^ \n]+) -->")


def packet_files(pack: Pack, scenario: Scenario, readiness: Readiness) -> dict[str, str]:
    """Every packet by its path below the report's folder, and `readiness.md`, sorted by path.

    Raises RenderError with the findings of each packet that cannot be rendered.
    """
    renderer = _renderer(pack, scenario, len(readiness.findings))
    context = build_context(pack, scenario, readiness)
    boards = context["boards"]
    assert isinstance(boards, dict)
    findings: list[Finding] = []
    files: dict[str, str] = {}
    packets: list[Data] = []
    for board in pack.boards.values():
        try:
            if isinstance(board.packet, PacketSet):
                texts = _set_files(board.packet, pack, scenario, readiness)
            elif board.packet is not None:
                own = {**context, "board": boards[board.id]}
                texts = {board.packet.path: renderer.render(board.packet.template, own)}
            else:
                continue
        except RenderError as error:
            findings.extend(error.findings)
            continue
        files.update(texts)
        packets.extend(
            {"path": path, "board": board.id, "sha256": sha256(text.encode("utf-8")).hexdigest()}
            for path, text in texts.items()
        )
    try:
        files[REPORT] = renderer.render(_report_template(pack), {**context, "packets": packets})
    except RenderError as error:
        findings.extend(error.findings)
    if findings:
        raise RenderError(findings)
    return dict(sorted(files.items()))


def _set_files(
    packet: PacketSet, pack: Pack, scenario: Scenario, readiness: Readiness
) -> dict[str, str]:
    # Only here: most packs have no database.
    from bfg_policy.packets.database import database_packet

    texts = database_packet(pack, scenario, readiness)
    return {f"{packet.path}/{name}": text for name, text in texts.items()}


def check_templates(pack: Pack) -> tuple[Finding, ...]:
    """The warnings about the pack's templates, whatever they are given: those of no use (BFG607).

    Raises RenderError with one BFG601 for each that is no template.
    """
    renderer = _renderer(pack)
    named: dict[str, tuple[str, ...]] = {}
    findings: list[Finding] = []
    for name in pack.templates:
        try:
            named[name] = renderer.check(name)
        except RenderError as error:
            findings.extend(error.findings)
    if findings:
        raise RenderError(findings)
    return tuple(_unused(pack, named))


def _unused(pack: Pack, named: Needs) -> Iterator[Finding]:
    """named: by template those that it includes or extends."""
    asked = [REPORT]
    for board in pack.boards.values():
        if isinstance(board.packet, Packet):
            asked.append(board.packet.template)
        elif board.packet is not None:
            below = f"{board.packet.set}/"
            asked.extend(name for name in engine_templates() if name.startswith(below))
    nodes: Needs = dict.fromkeys((*asked, *chain.from_iterable(named.values())), ())
    in_use = reachable({**nodes, **named, _PACKETS: asked}, _PACKETS)
    for name in pack.templates:
        if name not in in_use:
            yield Finding(
                "BFG607",
                "no packet and no other template uses this one",
                Place(pack.template_paths[name]),
                severity="warning",
                note="where a packet asks for a name that is not here, the product's own is taken",
                hint="correct its name, name it in a policy's `packet`, or delete it",
                suggestion=closest(name, sorted(in_use)),
            )


def report_text(pack: Pack, scenario: Scenario, readiness: Readiness) -> str:
    """The readiness report by itself, without the packets' section. Raises RenderError."""
    renderer = _renderer(pack, scenario, len(readiness.findings))
    return renderer.render(_report_template(pack), build_context(pack, scenario, readiness))


def recorded_instant(text: str) -> datetime | None:
    """The instant that a rendered report was judged at, from its first line.

    None without one, or where no calendar has it: then the report is not what was rendered.
    """
    match = _OF_REPORT.match(text)
    try:
        return parse_instant(match[2]) if match else None
    except ValueError:
        return None


def recorded_scenario(text: str) -> str | None:
    """The id of the scenario that a rendered report is of, from its first line; None without."""
    match = _OF_REPORT.match(text)
    return match[1] if match else None


def _renderer(pack: Pack, scenario: Scenario | None = None, findings: int = 0) -> Renderer:
    def find(value: object) -> Place | None:
        return place_of_value(scenario, value) if scenario is not None else None

    limits = Limits.of_gates(len(pack.gates) + findings)
    return Renderer(pack.templates, engine_templates(), limits, pack.template_paths, find)


def _report_template(pack: Pack) -> str:
    return REPORT if REPORT in pack.templates else ENGINE + REPORT
