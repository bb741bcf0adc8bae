"""Packets and the report: whole outputs of small judgements, and what every one must carry."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from itertools import cycle, repeat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bfg_policy.errors import Finding, Place, RenderError
from bfg_policy.pack import Packet
from bfg_policy.packets import context, packet_files, recorded_instant, report_text
from bfg_policy.rendering.data import FUNCTIONS
from bfg_policy.rendering.renderer import FILTERS

from .github import Shown
from .hostile import strings
from .judgements import DIGEST, library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syrupy.assertion import SnapshotAssertion

OPENING = {
    "board.txt": "{{ board.id | line }}\nchecksum={{ snapshot.checksum | line }}\n",
    "facts.env": "# {{ snapshot.checksum | line }}\nTARGET={{ target | env }}\n",
}
PACKETS = {
    "launch": Packet("board.txt", "sheets/launch.txt"),
    "pilot": Packet("facts.env", "pilot.env"),
}


@pytest.mark.parametrize("is_ready", [False, True], ids=["half-way", "ready"])
def test_the_report(snapshot: SnapshotAssertion, is_ready: bool) -> None:
    files = packet_files(*library(is_ready=is_ready, templates=OPENING, packets=PACKETS))
    assert files["readiness.md"] == snapshot


def test_packets_carry_the_checksum_and_the_report_their_digests() -> None:
    files = packet_files(*library(templates=OPENING, packets=PACKETS))
    assert list(files) == ["pilot.env", "readiness.md", "sheets/launch.txt"]
    assert files["sheets/launch.txt"] == f"launch\nchecksum=bfg-{DIGEST[:8]}\n"
    assert files["pilot.env"] == f"# bfg-{DIGEST[:8]}\nTARGET=koha-24\n"
    for path in ("pilot.env", "sheets/launch.txt"):
        assert sha256(files[path].encode()).hexdigest() in files["readiness.md"]


def test_a_report_by_itself_is_the_same_without_packets() -> None:
    judgement = library(templates=OPENING, packets=PACKETS)
    whole = packet_files(*judgement)["readiness.md"]
    before, _, after = whole.partition("## Packets")
    assert report_text(*judgement) == before + after[after.index("## Provenance") :]


def test_a_pack_extends_the_report() -> None:
    own = (
        '{% extends "engine/readiness.md" %}{% block heading %}\n# Opening: {{ verdict | md }}\n'
        "{% endblock %}{% block sections %}\n## Ours\n\n{{ status(gates['pilot/import']) }}\n"
        "{% endblock %}"
    )
    text = report_text(*library(templates={"readiness.md": own}))
    assert text.splitlines()[1] == "# Opening: `NOT_YET`"
    assert "## Ours\n\n**next**\n" in text


def test_the_instant_is_read_from_the_first_line() -> None:
    text = report_text(*library())
    assert recorded_instant(text) == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert recorded_instant(text.replace("at=2026-11", "at=2026-13")) is None
    assert recorded_instant("\n" + text) is None
    assert recorded_instant("") is None


def test_without_a_snapshot_it_is_not_recorded() -> None:
    files = packet_files(*library(document={"snapshot": {}}, templates=OPENING, packets=PACKETS))
    assert files["sheets/launch.txt"] == "launch\nchecksum=not recorded\n"
    assert "| snapshot | not recorded |" in files["readiness.md"]


def test_rows_are_counted_from_the_payload_where_there_is_one() -> None:
    tables: dict[str, list[object]] = {"titles": [{}, {}], "returns": [{}], "other": [{}]}
    template = {
        "rows.txt": "{{ snapshot.rows.titles }} {{ snapshot.rows.loans }} {{ snapshot.total }}"
    }
    packets = {"launch": Packet("rows.txt", "rows.txt")}

    def rows(snapshot: dict[str, object]) -> str:
        judgement = library(document={"snapshot": snapshot}, templates=template, packets=packets)
        return packet_files(*judgement)["rows.txt"]

    assert rows({"tables": tables}) == "2 1 3"
    assert rows({"rows": {"titles": 7}}) == "7 0 7"


def test_every_template_that_fails_is_told_of_at_once() -> None:
    broken = {"board.txt": "{{ nmae }}", "facts.env": "{{ 'a b' | env }}"}
    with pytest.raises(RenderError) as caught:
        packet_files(*library(templates=broken, packets=PACKETS))
    assert [finding.code for finding in caught.value.findings] == ["BFG602", "BFG601"]


def test_no_verdict_board_is_no_verdict() -> None:
    text = report_text(*library(verdict=None))
    assert text.splitlines()[1] == "# 2 of 6 gates ready for `koha-24`"


def test_no_hostile_string_changes_the_report() -> None:
    """In every free text of a scenario: the same elements, and the same cells."""
    harmless = _elements(repeat("harmless"))
    waiting = [text for text in strings() if len(text) < 2000]
    while waiting:
        texts, waiting = waiting[:_FREE_TEXTS], waiting[_FREE_TEXTS:]
        assert _elements(cycle(texts)) == harmless, ascii(texts)


_FREE_TEXTS = 25


def _elements(texts: Iterator[str]) -> list[str]:
    """The elements but code of a report that has the next of some texts in each free text."""
    pack, scenario, readiness = library()
    gates = {
        gate_id: gate._replace(
            title={"en": next(texts)},
            because=next(texts),
            remedy={"en": next(texts)} if gate.remedy else {},
            waiver=gate.waiver and gate.waiver._replace(text=next(texts), by=next(texts)),
        )
        for gate_id, gate in readiness.gates.items()
    }
    actors = {
        key: actor._replace(
            name=next(texts),
            desk=next(texts),
            permissions=tuple(next(texts) for _ in actor.permissions),
        )
        for key, actor in scenario.actors.items()
    }
    place = Place(next(texts), 1, 1)
    finding = Finding("BFG504", next(texts), place, note=next(texts), hint=next(texts))
    readiness = readiness._replace(gates=gates, target=next(texts), findings=(finding,))
    scenario = scenario._replace(actors=actors, tenant=next(texts), target=readiness.target)
    report = report_text(pack, scenario, readiness)
    return Shown(report).blocks


def test_the_page_about_templates_names_all_that_they_see() -> None:
    page = (Path(__file__).parents[2] / "docs/templates.md").read_text(encoding="utf-8")
    documented = context.__doc__ or ""
    table = documented[documented.index("| name | is |") :].strip()
    written, _, way_on = page.rpartition("\n\nNext: ")
    assert written.endswith(table)
    assert way_on.count("\n") == 1
    named = set(re.findall(r"`(\w+)`", table))
    data = context.build_context(*library())
    boards, gates, actors = (data[key] for key in ("boards", "gates", "actors"))
    seen = {*data, *boards["pilot"], *gates["pilot/import"], *actors[0]}  # type: ignore[index]
    assert seen <= named
    for name in (*FILTERS, *FUNCTIONS):
        assert f"`{name}" in page
