"""The `markdown` format: the report without packets, and a table of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.errors import Finding, Place
from bfg_policy.packets import report_text
from bfg_policy.reporters import Findings, Judged, format_result
from tests.rendering.github import Shown
from tests.rendering.hostile import strings
from tests.rendering.judgements import FUTURE, library

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


def test_a_judgement_is_the_report() -> None:
    judgement = library()
    assert format_result("markdown", Judged(*judgement)) == report_text(*judgement)


def test_findings(snapshot: SnapshotAssertion) -> None:
    misspelt = Finding("BFG201", "unknown field `x|y`", Place("a b.yaml", 1, 2), suggestion="xy")
    assert format_result("markdown", Findings((FUTURE, misspelt))) == snapshot


def test_no_findings() -> None:
    assert format_result("markdown", Findings(())) == "# 0 findings\n"


def test_hostile_findings_stay_in_their_cells() -> None:
    findings = [Finding("BFG101", text, Place(text, 1), note=text, hint=text) for text in strings()]
    shown = Shown(format_result("markdown", Findings(tuple(findings))))
    assert shown.blocks == [
        *("h1", "table", "thead", "tr", "th", "th", "th", "th", "tbody"),
        *(("tr", "td", "td", "td", "td") * len(findings)),
    ]
