"""A comparison as people and machines read it: whole, within the limits, and inert."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bfg_policy.comparison.types import (
    Cause,
    Comparison,
    DecisionMove,
    Move,
    PacketChange,
    Weakness,
)
from bfg_policy.errors import Finding, Place
from bfg_policy.reporters import Compared, format_result
from bfg_policy.reporters.comparing_markdown import MOST_CHARACTERS
from tests.comparison.lab import compared, written
from tests.evaluation.lab import gates, record, scenario
from tests.rendering.github import Shown
from tests.rendering.hostile import OURS, strings
from tests.reporters.test_json import validator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syrupy.assertion import SnapshotAssertion

FORMATS = ("text", "json", "markdown")


CONFIRMED: dict[str, Any] = {
    "title": {"en": "Confirmed"},
    "rule": "ok && count > 2",
    "accept": True,
}
SEEN: dict[str, Any] = {
    "evidence": {"contract": "Probe.v1", "fresh_for": "2d", "target": "live"},
    "rule": "evidence.seen.level > 2",
}
DECISION = [{"code": "NO-GO", "until": ["main"]}, {"code": "GO"}]
TEMPLATE = "ok={{ scenario.ok | line }}\nready={{ board.progress | line }}\n"
FINAL = {
    "policy": "final",
    "owner": "chief",
    "gates": {"all": {"needs": ["main"]}, "ok": {"rule": "ok"}},
}
ACCEPTED = {"gate": "main/confirmed", "by": "ann", "at": "2026-11-20T10:00:00Z"}


def board(**made: dict[str, Any]) -> dict[str, Any]:
    packet = {"template": "note.txt", "path": "note.txt"}
    return {**gates(**made), "decision": DECISION, "packet": packet}


def folder(policy: dict[str, Any], document: dict[str, Any], **pack: Any) -> Path:
    made = written([policy, FINAL], document, verdict="main", **pack)
    (made / "policies/templates").mkdir()
    (made / "policies/templates/note.txt.j2").write_text(TEMPLATE)
    return made


@pytest.fixture(scope="module")
def before() -> Path:
    live = record(target={"adapter": "reactor", "kind": "live"})
    return folder(
        board(confirmed=CONFIRMED, seen=SEEN, last={"rule": "ok", "needs": ["seen"]}),
        scenario(ok=True, count=3, evidence={"probe": live}, acceptances=[ACCEPTED]),
        require=["main"],
    )


@pytest.fixture(scope="module")
def worse(before: Path) -> Comparison:
    """A change that makes everything worse at once."""
    shorter = {"contract": "Probe.v1", "fresh_for": "9d"}
    after = folder(
        board(
            confirmed={**CONFIRMED, "rule": "ok"},
            seen={**SEEN, "evidence": shorter},
            last={"rule": "ok"},
        ),
        scenario(ok=False, count=3, evidence={"probe": record(sha256="0" * 64)}),
        waivers={"approvers": ["chief", "tech"]},
    )
    return compared(before, after)


@pytest.fixture(scope="module")
def same(before: Path) -> Comparison:
    return compared(before, before)


def scrubbed(comparison: Comparison, form: str) -> str:
    """Without digests, which any change of the pack changes."""
    return re.sub(r"\b[0-9a-f]{64}\b", "SHA-256", text(comparison, form))


def text(comparison: Comparison, form: str) -> str:
    return format_result(form, Compared(comparison))


@pytest.mark.parametrize("form", FORMATS)
def test_everything_worse(worse: Comparison, form: str, snapshot: SnapshotAssertion) -> None:
    assert scrubbed(worse, form) == snapshot


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_changed(same: Comparison, form: str, snapshot: SnapshotAssertion) -> None:
    assert scrubbed(same, form) == snapshot


@pytest.mark.parametrize("form", FORMATS)
def test_no_base(same: Comparison, form: str, snapshot: SnapshotAssertion) -> None:
    finding = Finding("BFG402", "there is no `okk`", Place("main:policies/a.yaml", 3, 11, 3))
    alone = Comparison(None, same.head, "main", base_findings=(finding, finding))
    assert scrubbed(alone, form) == snapshot


def test_every_comparison_obeys_its_contract(worse: Comparison, same: Comparison) -> None:
    alone = Comparison(None, same.head, "main", base_findings=(Finding("BFG402", "x"),))
    for comparison in (worse, same, alone, worse._replace(fail_on=frozenset({"weakened"}))):
        validator("readiness_diff.v1").validate(json.loads(text(comparison, "json")))


def test_notices_are_what_there_is_to_look_at(worse: Comparison) -> None:
    told = [(each.code, each.severity) for each in worse.notices]
    assert told.count(("BFG642", "warning")) == len(worse.weakened) == 6
    assert told.count(("BFG641", "warning")) == len(worse.regressed) == 5
    strict = worse._replace(fail_on=frozenset({"regressed"}))
    assert {each.code for each in strict.notices if each.is_error} == {"BFG641"}
    assert (worse.fails, strict.fails) == (False, True)


def test_the_first_lines_are_enough(worse: Comparison) -> None:
    first, second, third, *_ = text(worse, "markdown").splitlines()
    assert first == "<!-- bfg-policy:one -->"
    assert second.startswith("### GO → NO-GO for `reactor` · 5 → 0 of 5 ready")
    assert third.startswith("**Next:** ")


def many(comparison: Comparison, count: int, words: str) -> Comparison:
    """The same with so many of everything."""
    place = Place(f"policies/{words}.yaml", 3, 5)
    gate = next(iter(comparison.after.gates))
    causes = (Cause("fact", words, place), Cause("policy", words, place))
    return comparison._replace(
        moves=tuple(Move(f"b{index}/{gate}", "next", "ready", causes) for index in range(count)),
        weakened=tuple(Weakness("rule", gate, words, place, words) for _ in range(count)),
        findings=tuple(Finding("BFG501", words, place) for _ in range(count)),
        decisions=tuple(DecisionMove(f"b{index}", words, words) for index in range(count)),
        packets=tuple(PacketChange(f"{words}{i}", "b", "changed", ("+x",)) for i in range(count)),
    )


@pytest.mark.parametrize(("count", "words"), [(30, "w"), (3_000, "word"), (500, "long " * 400)])
def test_a_comment_fits_and_tells_what_was_cut(same: Comparison, count: int, words: str) -> None:
    comment = text(many(same, count, words), "markdown")
    assert len(comment) <= MOST_CHARACTERS
    assert comment.startswith("<!-- bfg-policy:one -->\n### ")
    assert f"**Weakened policy:** {count} places" in comment
    if count > 200:
        assert " more rows." in comment


def test_the_worst_comes_first(same: Comparison) -> None:
    moves = tuple(Move(f"b{index}/x", "next", "ready", ()) for index in range(60))
    worst = Move("main/last", "ready", "next", (Cause("fact", "it changed"),))
    comment = text(same._replace(moves=(*moves, worst)), "markdown")
    rows = [line for line in comment.splitlines() if line.startswith("| `")]
    assert rows[0].startswith("| `main/last` | **ready** | **next** |")


def hostile(comparison: Comparison, listed: Sequence[str]) -> Comparison:
    """The same with a row of each text everywhere, and the first of them in the headline."""
    base, first = comparison.base, listed[0]
    assert base is not None
    readiness = comparison.after._replace(target=first, verdict=first)
    return comparison._replace(
        base=base._replace(name=first),
        head=comparison.head._replace(name=first, readiness=readiness),
        base_name=first,
        moves=tuple(
            Move(f"b{i}/{each}", "ready", None, (Cause("fact", each, Place(each, 3)),))
            for i, each in enumerate(listed)
        ),
        weakened=tuple(Weakness("role", each, each, Place(each, 3), each) for each in listed),
        findings=tuple(Finding("BFG501", each, Place(each), note=each) for each in listed),
        decisions=tuple(DecisionMove(each, each, each) for each in listed),
        packets=tuple(PacketChange(each, each, "changed", (f"+{each}",)) for each in listed),
    )


def chunks() -> list[list[str]]:
    """Every hostile text: ours by themselves, all others some at a time."""
    others = [each[:120] for each in strings() if each not in OURS]
    return [*([each] for each in OURS), *(others[at : at + 10] for at in range(0, len(others), 10))]


def test_no_text_becomes_markup(same: Comparison) -> None:
    for listed in chunks():
        shown = Shown(text(hostile(same, listed), "markdown"))
        plain = Shown(text(hostile(same, ["plain"] * len(listed)), "markdown"))
        assert shown.blocks == plain.blocks, repr(listed)
        assert shown.attributes == plain.attributes


def test_no_text_is_a_command_to_a_terminal(same: Comparison) -> None:
    for listed in chunks():
        for form in ("text", "json"):
            written = text(hostile(same, listed), form)
            assert not any(ord(each) < 32 and each != "\n" for each in written)
            assert not any("\x7f" <= each <= "\x9f" or each in "\u202e\u2066" for each in written)
