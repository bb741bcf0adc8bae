"""Results to format: of the pack, of mistakes, and a hand-made one with any text in every field."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bfg_policy.errors import BfgPolicyError, Finding, Place, Related
from bfg_policy.pipeline import judge_scenario
from bfg_policy.readiness import Approval
from bfg_policy.reporters import Entry, Findings, Judged, Several
from tests.bfg.documents import AT, pack
from tests.rendering.judgements import library
from tests.shared import ROOT

if TYPE_CHECKING:
    from pathlib import Path

REQUIRED = ("production-readiness", "dry-run")


@cache
def reference(name: str = "grant-demo-local", required: tuple[str, ...] = ()) -> Judged:
    """A scenario of the repository, judged."""
    judged = judge_scenario(pack(), ROOT / "scenarios" / name, AT, ROOT)
    return Judged(judged.pack, judged.scenario, judged.readiness, required)


def entry(path: str | Path, required: tuple[str, ...] = ()) -> Entry:
    """One scenario of several."""
    try:
        judged = judge_scenario(pack(), ROOT / path, AT, ROOT)
    except BfgPolicyError as error:
        return Entry(str(path), None, error.findings, 4)
    result = Judged(judged.pack, judged.scenario, judged.readiness, required)
    return Entry(str(path), judged.readiness, judged.readiness.findings, int(not result.is_met))


def several(*entries: Entry, required: tuple[str, ...] = ()) -> Several:
    """Some scenarios with nothing wrong between them."""
    return Several(entries, required, (), max(each.exit for each in entries))


def telling(text: str) -> Judged:
    """The library half way, with one text wherever strangers write any."""
    pack, scenario, readiness = library(
        findings=(
            _finding(text),
            _finding(text)._replace(severity="warning", place=Place("b.yaml", 3)),
            _finding(text)._replace(severity="note", place=Place()),
        )
    )
    gates = {
        gate.id: gate._replace(
            key=f"{gate.key}{text}",
            title={"en": text},
            remedy={"en": text},
            owner=text,
            because=text,
            needs=(text,),
            waiver=Approval(text, None, gate.waiver.expires, text) if gate.waiver else None,
            source=gate.source._replace(path=text or "x.yaml"),
        )
        for gate in readiness.gates.values()
    }
    readiness = readiness._replace(
        scenario=text, target=text, verdict=text or None, gates=gates, next_action=None
    )
    return Judged(pack, scenario, readiness, ("launch",))


def _finding(text: str) -> Finding:
    place = Place(text or "a.yaml", 7, 3, max(len(text), 1), f"  {text}: x")
    return Finding(
        "BFG201",
        text or "a message",
        place,
        note=text or None,
        hint=text or None,
        suggestion=text or None,
        related=(Related(place._replace(line=9), text),),
    )


def wrong(count: int) -> Findings:
    """So many errors in one file."""
    return Findings(
        tuple(
            Finding(
                "BFG201",
                f"unknown field `x{index}`",
                Place("a.yaml", index + 1, 1, 2, f"x{index}: 1"),
            )
            for index in range(count)
        )
    )
