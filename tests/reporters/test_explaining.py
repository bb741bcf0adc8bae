"""Why a gate is what it is: what it asks for, and the way down to the root causes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bfg_policy import pipeline
from bfg_policy.reporters import Judged, Style
from bfg_policy.reporters.explaining import explain_gate
from tests.rendering.judgements import library

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

ROOT = Path(__file__).parents[2]
HOSPITAL = ROOT / "tests/packs/hospital"
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def early() -> Judged:
    loaded = pipeline.open_pack(HOSPITAL / "policies", None, ROOT)
    scenario = HOSPITAL / "scenarios/early.yaml"
    return Judged(*pipeline.judge_scenario(loaded, scenario, AT, ROOT))


@pytest.mark.parametrize(
    "gate",
    [
        "result-interface/turnaround",  # evidence of a live target, and a rule
        "staff-training/emergency-drill",  # acceptance by one actor
        "go-live/privacy-assessment",  # a rule and acceptance by a role
        "go-live/go",  # blocked by boards and gates
        "overview/result-interface",  # nothing but a need
    ],
)
def test_a_real_gate(snapshot: SnapshotAssertion, early: Judged, gate: str) -> None:
    assert explain_gate(early, gate) == snapshot


@pytest.mark.parametrize(
    ("fresh_for", "words"),
    [
        (timedelta(days=30), "at most 30d old"),
        (timedelta(hours=36), "at most 36h old"),
        (timedelta(minutes=90), "at most 90m old"),
        (timedelta(seconds=61), "at most 61s old"),
    ],
)
def test_how_old_evidence_may_be(early: Judged, fresh_for: timedelta, words: str) -> None:
    gate_id = "result-interface/turnaround"
    gate = early.pack.gates[gate_id]
    assert gate.evidence is not None
    demand = gate.evidence._replace(fresh_for=fresh_for)
    gates = {**early.pack.gates, gate_id: gate._replace(evidence=demand)}
    judged = early._replace(pack=early.pack._replace(gates=gates))
    assert words in explain_gate(judged, gate_id)


def judged_with_needs(needs: dict[str, tuple[str, ...]]) -> Judged:
    """A judgement of blocked gates `x/…` that wait for one another."""
    pack, scenario, readiness = library()
    blocked = readiness.gates["launch/open"]._replace(root_causes=("pilot/import",))
    gates = {gate: blocked._replace(id=gate, board="x") for gate in needs}
    return Judged(
        pack._replace(
            needs={**pack.needs, **needs},
            gates={**pack.gates, **dict.fromkeys(needs, pack.gates["launch/open"])},
        ),
        scenario,
        readiness._replace(gates={**readiness.gates, **gates}),
    )


def test_a_deep_chain_is_cut() -> None:
    chain: dict[str, tuple[str, ...]] = {f"x/{index}": (f"x/{index + 1}",) for index in range(5000)}
    chain["x/5000"] = ("pilot/import",)
    told = explain_gate(judged_with_needs(chain), "x/0")
    assert "x/12  blocked" in told
    assert "x/13" not in told


def test_a_wide_tree_is_cut_and_says_so() -> None:
    wide: dict[str, tuple[str, ...]] = {f"x/{index}": ("pilot/import",) for index in range(1, 500)}
    told = explain_gate(judged_with_needs({"x/0": tuple(wide), **wide}), "x/0", Style(width=80))
    tree = told[told.index("It waits for") : told.index("What to do")].strip().splitlines()
    assert len(tree) == 102
    assert tree[-1] == "  … and more: name one of these gates to go on from it"


def test_each_node_is_drawn_once() -> None:
    needs: dict[str, tuple[str, ...]] = {
        "x/a": ("x/b", "x/c", "x/d"),
        "x/b": ("x/d",),
        "x/c": ("x/d", "x/b"),
        "x/d": ("pilot/import",),
    }
    told = explain_gate(judged_with_needs(needs), "x/a").split("\n\n")[1]
    assert told == (
        "It waits for\n"
        "  ├─ x/b  blocked\n"
        "  │  └─ x/d  blocked\n"
        "  │     └─ pilot/import  next\n"
        "  ├─ x/c  blocked by d, b above\n"
        "  └─ x/d  as above"
    )


def test_an_unknown_gate_is_an_error() -> None:
    with pytest.raises(KeyError):
        explain_gate(Judged(*library()), "no/gate")
