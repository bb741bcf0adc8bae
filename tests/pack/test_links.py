"""What is wrong with a pack as a whole: each mistake one finding, at its token."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bfg_policy.errors import BfgPolicyError, Finding
from bfg_policy.pipeline import open_pack

PACK = """\
pack: lab
roles: [chief, tech]
"""
FIRST = """\
policy: first
owner: chief
gates:
  a: {accept: true}
  b: {needs: [a]}
  first: {needs: [b]}
"""
SECOND = """\
policy: second
owner: tech
gates:
  a: {needs: [first/a, first/*]}
  c: {needs: [first], owner: chief}
"""


def findings(folder: Path, **files: str) -> tuple[Finding, ...]:
    """All findings of a pack of these files, errors or warnings; `_` in a name stands for `/`."""
    whole = {"pack": PACK, "first": FIRST, "second": SECOND, **files}
    policies = folder / "policies"
    (policies / "templates").mkdir(parents=True)
    for name, text in whole.items():
        if text:
            (policies / f"{name}.yaml").write_text(text, encoding="utf-8")
    (policies / "templates" / "sheet.txt.j2").write_text("x\n")
    contracts = folder / "contracts"
    contracts.mkdir()
    facts = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"ok": {"type": "boolean"}},
    }
    (contracts / "LabFacts.v1.schema.json").write_text(json.dumps(facts))
    try:
        return open_pack(policies, None, folder).warnings
    except BfgPolicyError as error:
        return error.findings


def told(found: tuple[Finding, ...]) -> list[tuple[str, str, str | None]]:
    """Code, `line:column` and suggestion of each."""
    return [(f.code, f"{f.place.line}:{f.place.column}", f.suggestion) for f in found]


def test_a_sound_pack_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path) == ()


LADDER = FIRST + "decision:\n"

CASES: dict[str, tuple[dict[str, str], list[tuple[str, str, str | None]]]] = {
    "need of no gate": (
        {"first": FIRST.replace("[a]", "[paperwork]")},
        [("BFG301", "5:15", None)],
    ),
    "need one edit away": (
        {"second": SECOND.replace("first/a", "frist/a")},
        [("BFG301", "4:15", "first/a")],
    ),
    "need of a gate of a right board": (
        {"second": SECOND.replace("first/a", "first/z")},
        [("BFG301", "4:15", None)],
    ),
    "need of a whole board one edit away": (
        {"second": SECOND.replace("first/*", "firsts/*")},
        [("BFG301", "4:24", "first/*")],
    ),
    "the same need twice, in two spellings": (
        {"second": SECOND.replace("[first]", "[first, first/*]")},
        [("BFG301", "5:22", None)],
    ),
    "a gate needs itself": (
        {"first": FIRST.replace("needs: [a]", "needs: [b]")},
        [("BFG302", "5:15", None)],
    ),
    "a gate needs its own board": (
        {"first": FIRST.replace("needs: [a]", "needs: [first/*]")},
        [("BFG302", "5:15", None)],
    ),
    "two boards need each other": (
        {"first": FIRST.replace("needs: [a]", "needs: [second/c]")},
        [("BFG302", "5:15", None)],
    ),
    "two policies with one id": (
        {"third": FIRST.replace("policy: first", "policy: second")},
        [("BFG303", "1:9", None)],
    ),
    "owner of a board": (
        {"first": FIRST.replace("owner: chief", "owner: chieff")},
        [("BFG304", "2:8", "chief")],
    ),
    "owner of a gate": (
        {"second": SECOND.replace("owner: chief", "owner: Chief")},
        [],
    ),
    "approver": (
        {"pack": PACK + "waivers: {approvers: [boss]}\n"},
        [("BFG304", "3:23", None)],
    ),
    "never waived": (
        {"pack": PACK + "waivers: {never: [first/aa]}\n"},
        [("BFG301", "3:19", "first/a")],
    ),
    "boards, verdict, scores and require": (
        {"pack": PACK + "boards: [firs]\nverdict: secnd\nscores: {s: thrd}\nrequire: [fist]\n"},
        [
            ("BFG301", "3:10", "first"),
            ("BFG301", "6:11", "first"),
            ("BFG301", "5:13", None),
            ("BFG301", "4:10", "second"),
        ],
    ),
    "a verdict that decides nothing": (
        {"pack": PACK + "verdict: first\n"},
        [("BFG309", "3:10", None)],
    ),
    "a score of gates that need no board": (
        {
            "pack": PACK + "scores: {s: second}\n",
            "second": SECOND.replace("first/a, first/*", "first/a"),
        },
        [("BFG309", "4:3", None)],
    ),
    "no such facts": (
        {
            "pack": PACK + "facts: LabFact.v1\n",
            "first": FIRST.replace("{accept: true}", "{rule: ok}"),
        },
        [("BFG206", "3:8", "LabFacts.v1")],
    ),
    "no such evidence": (
        {
            "first": FIRST.replace(
                "{accept: true}",
                "{rule: evidence.x, evidence: {contract: LabFacts.v2, fresh_for: 1d}}",
            )
        },
        [("BFG206", "4:46", "LabFacts.v1")],
    ),
    "evidence that no rule reads": (
        {
            "first": FIRST.replace(
                "{accept: true}", "{evidence: {contract: LabFacts.v1, fresh_for: 1d}}"
            )
        },
        [("BFG308", "4:7", None)],
    ),
    "a rule that looks at nothing": (
        {"first": FIRST.replace("{accept: true}", '{rule: "[1, 2].size() < 3"}')},
        [("BFG408", "4:14", None)],
    ),
    "the actor by name": (
        {"first": FIRST.replace("{accept: true}", "{accept: {actor: \"'ann'\"}}")},
        [],
    ),
    "a gate that asks for nothing": (
        {"first": FIRST.replace("{accept: true}", "{labels: {k: v}}")},
        [("BFG308", "4:3", None)],
    ),
    "a policy misspelt where it is given": (
        {
            "pack": PACK + "boards: [first, second]\nverdict: second\n",
            "second": SECOND.replace("policy: second", "policy: secnd"),
        },
        [("BFG301", "1:9", "second")],
    ),
    "a board misspelt where it is listed": (
        {"pack": PACK + "boards: [first, secnd]\n"},
        [("BFG301", "3:17", "second")],
    ),
    "a role misspelt where it is listed": (
        {"pack": PACK.replace("chief", "chiefs"), "second": SECOND},
        [("BFG304", "2:9", "chief")],
    ),
    "a gate misspelt where it is given": (
        {
            "first": FIRST.replace("  a: {accept: true}", "  aa: {accept: true}"),
            "second": SECOND.replace("first/a, ", ""),
        },
        [("BFG301", "5:15", "aa")],
    ),
    "a board that is gone": (
        {"second": SECOND.replace("[first/a, first/*]", "[third/a, third/*]")},
        [("BFG301", "4:15", None)],
    ),
    "an empty list of needs": (
        {"first": FIRST.replace("{accept: true}", "{needs: []}")},
        [("BFG308", "4:3", None)],
    ),
    "a rule and a need at once": (
        {
            "pack": PACK + "facts: LabFacts.v1\n",
            "first": FIRST.replace("{accept: true}", "{rule: okk}").replace("[a]", "[aa]"),
        },
        [("BFG301", "5:15", "a"), ("BFG402", "4:13", "ok")],
    ),
    "until of no board": (
        {
            "first": LADDER
            + "- {code: WAIT, until: [frist]}\n- {code: GO, until: [first]}\n- {code: X}\n"
        },
        [("BFG301", "8:24", "first")],
    ),
    "like no board": (
        {"first": LADDER + "- {like: secund, until: [first]}\n- {code: X}\n"},
        [("BFG301", "8:10", "second")],
    ),
    "like a board without a ladder": (
        {"first": LADDER + "- {like: second, until: [first]}\n- {code: X}\n"},
        [("BFG305", "8:10", None)],
    ),
    "like itself": (
        {"first": LADDER + "- {like: first, until: [first]}\n- {code: X}\n"},
        [("BFG305", "8:10", None)],
    ),
    "a code and like": (
        {"first": LADDER + "- {code: W, until: [first]}\n- {code: X, like: first}\n"},
        [("BFG305", "9:13", None), ("BFG305", "9:19", None)],
    ),
    "no last entry": (
        {"first": LADDER + "- {code: W, until: [first]}\n"},
        [("BFG305", "8:13", None)],
    ),
    "an entry that is never reached": (
        {"first": LADDER + "- {code: W, until: [first]}\n- {code: X}\n- {code: Z}\n"},
        [("BFG305", "9:3", None)],
    ),
    "GO while the board is not ready": (
        {"first": LADDER + "- {code: W, until: [second]}\n- {code: GO}\n"},
        [("BFG305", "7:1", None)],
    ),
    "GO after all gates one by one": (
        {"first": LADDER + "- {code: W, until: [first/a, first/b, first/first]}\n- {code: GO}\n"},
        [],
    ),
    "GO before the end": (
        {"first": LADDER + "- {code: GO, until: [first]}\n- {code: GO}\n"},
        [("BFG305", "8:10", None)],
    ),
    "GO of another board before the end": (
        {
            "first": LADDER + "- {like: second, until: [first, third]}\n- {code: GO}\n",
            "second": SECOND + "decision: [{code: W, until: [second]}, {code: GO}]\n",
            "third": "policy: third\nowner: tech\ngates: {a: {accept: true}}\n",
        },
        [("BFG305", "8:10", None)],
    ),
    "another board's word while that one is not ready, the same at the end": (
        {
            "first": LADDER
            + "- {like: second, until: [second]}\n- {code: X, until: [first]}\n- {code: GO}\n",
            "second": "policy: second\nowner: tech\ngates: {a: {accept: true}}\n"
            "decision: [{code: W, until: [second]}, {code: GO}]\n",
        },
        [],
    ),
    "no such template": (
        {"first": FIRST + "packet: {template: sheat.txt, path: x.txt}\n"},
        [("BFG306", "7:20", "sheet.txt")],
    ),
    "two packets at one path": (
        {
            "first": FIRST + "packet: {template: sheet.txt, path: sql/x.txt}\n",
            "second": SECOND + "packet: {template: sheet.txt, path: SQL/X.txt}\n",
        },
        [("BFG306", "6:37", None)],
    ),
    "a packet where another one needs a folder": (
        {
            "first": FIRST + "packet: {template: sheet.txt, path: x/y.txt}\n",
            "second": SECOND + "packet: {template: sheet.txt, path: x}\n",
        },
        [("BFG306", "6:37", None)],
    ),
    "a packet inside another one": (
        {
            "first": FIRST + "packet: {template: sheet.txt, path: x}\n",
            "second": SECOND + "packet: {template: sheet.txt, path: x/y.txt}\n",
        },
        [("BFG306", "6:37", None)],
    ),
    "a packet over the report": (
        {"first": FIRST + "packet: {template: sheet.txt, path: readiness.md}\n"},
        [("BFG306", "7:37", None)],
    ),
}
# A role begins with a small letter, so its contract refuses `Chief` before links are looked at.
CASES["owner of a gate"] = (CASES["owner of a gate"][0], [("BFG205", "5:30", "chief")])


@pytest.mark.parametrize("case", CASES)
def test_one_mistake_is_one_finding(tmp_path: Path, case: str) -> None:
    files, expected = CASES[case]
    assert sorted(told(findings(tmp_path, **files))) == sorted(expected)


def test_a_circle_names_at_most_twenty_ids(tmp_path: Path) -> None:
    ring = "policy: first\nowner: chief\ngates:\n" + "".join(
        f"  g{index}: {{needs: [g{(index + 1) % 50}]}}\n" for index in range(50)
    )
    (found,) = findings(tmp_path, first=ring, second="")
    assert found.message.count("`first/g") == 21
    assert "30 more" in found.message


@pytest.mark.parametrize("missing", ["pack", "policies"])
def test_a_folder_without_a_pack_cannot_be_judged(tmp_path: Path, missing: str) -> None:
    files = {"pack": ""} if missing == "pack" else {"first": "", "second": ""}
    (found,) = findings(tmp_path, **files)
    assert found.code == "BFG101"
