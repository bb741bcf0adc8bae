"""Running tests: what passes, what fails and how that is told, and who shares the work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.testing import shop


def failures(folder: Path, suite: dict[str, Any]) -> list[tuple[str, str]]:
    shop.write(folder, suite)
    found = shop.results(folder)
    assert found["failed"] == (1 if found["tests"][0]["failures"] else 0)
    return [(each["code"], each["message"]) for each in found["tests"][0]["failures"]]


LESS = {"set": "till.float", "to": 0}


@pytest.mark.parametrize(
    ("change", "expect"),
    [
        (None, {"gates": {"*": "ready"}, "verdict": "OPEN", "ready": 4, "findings": []}),
        (LESS, {"gates": {"*": "ready", "shop/*": "blocked", "shop/till": "next",
                          "shop/alarm": "ready", "opening/open": "blocked"}}),
        (LESS, {"decisions": {"opening": "CLOSED"}, "ready": 1}),
        (None, {"also": {"opening": {"music": "loud"}}}),
        (None, {"passes": True}),
        (LESS, {"passes": False}),
        ({"tamper": "evidence.alarm.siren.loudness", "to": 99},
         {"passes": False, "findings": ["BFG501"]}),
        ({"tamper": "till.float", "to": 0}, {"gates": {"shop/till": "next (rule-false)"}}),
        ({"set": "till.flaot", "to": 0}, {"findings": ["BFG201"]}),
        ({"remove": "actors"}, {"findings": ["BFG202"]}),
        ({"tamper": "evidence.alarm.siren.loudness", "to": 99},
         {"gates": {"shop/alarm": "invalid (evidence-invalid)"}, "findings": ["BFG501"]}),
        ({"tamper": "snapshot.tables.goods", "to": []}, {"findings": ["BFG530"]}),
        ({"append": "acceptances",
          "value": {"gate": "shop/shelves", "by": "nobody", "at": shop.AT}},
         {"gates": {"shop/shelves": "invalid"}, "findings": ["BFG510"]}),
    ],
)  # fmt: skip
def test_what_passes(change: Any, expect: Any, tmp_path: Path) -> None:
    assert failures(tmp_path, shop.one(change, expect)) == []


@pytest.mark.parametrize(
    ("change", "expect", "said"),
    [
        (None, {"gates": {"shop/till": "next"}}, "`shop/till` is ready (proved), not next"),
        (LESS, {"gates": {"shop/till": "next (proof-missing)"}},
         "`shop/till` is next (rule-false), not next (proof-missing)"),
        (LESS, {"gates": {"shop/*": "ready"}},
         "`shop/till` is next (rule-false), not ready; nor is `shop/shelves`"),
        (None, {"verdict": "CLOSED"}, "the verdict is OPEN, not CLOSED"),
        (None, {"decisions": {"opening": "CLOSED"}}, "`opening` says OPEN, not CLOSED"),
        (None, {"passes": False}, "`check` passes"),
        (LESS, {"passes": True}, "`check` does not pass"),
        ({"set": "till.flaot", "to": 0}, {"passes": False, "findings": ["BFG201"]},
         "the scenario cannot be judged, so this cannot be"),
        (None, {"also": {"opening": {"lights": "dark"}}},
         "with OPEN of `opening`, `lights` is `bright`, not `dark`"),
        (LESS, {"also": {"opening": {"music": "loud"}}},
         "with CLOSED of `opening`, `music` is not said, not `loud`"),
        ({"set": "till.flaot", "to": 0},
         {"also": {"opening": {"music": "loud"}}, "findings": ["BFG201"]},
         "the scenario cannot be judged, so this cannot be"),
        (None, {"owners": {"shop/till": "owner"}}, "`shop/till` is owned by clerk, not owner"),
        (None, {"owners": {"shop": "owner"}}, "`shop` is owned by clerk, not owner"),
        (None, {"ready": 3}, "4 gates are ready, not 3"),
        (None, {"findings": ["BFG505"]}, "BFG505 was expected and is not found"),
        ({"tamper": "evidence.alarm.siren.loudness", "to": 99}, {"ready": 2},
         ("BFG501 was not expected: evidence `alarm` is not what its digest says: it was changed"
          " afterwards")),
        ({"set": "till.flaot", "to": 0}, {"verdict": "OPEN"},
         "BFG201 was not expected: unknown field `flaot`"),
        ({"set": "till.flaot", "to": 0}, {"verdict": "OPEN", "findings": ["BFG201"]},
         "the scenario cannot be judged, so this cannot be"),
    ],
)  # fmt: skip
def test_what_fails(change: Any, expect: Any, said: str, tmp_path: Path) -> None:
    assert failures(tmp_path, shop.one(change, expect)) == [("BFG532", said)]


def test_an_error_that_nobody_expected_fails_every_test(tmp_path: Path) -> None:
    """Warnings do not: they leave `check` at 0, too."""
    late = {**shop.one(None, {"gates": {"shop/till": "ready"}}), "at": "2026-11-25T00:00:00Z"}
    assert failures(tmp_path / "warning", late) == []
    early = {**late, "at": "2026-11-20T08:00:00Z"}
    ((code, said),) = failures(tmp_path / "error", early)
    assert (code, said[:7]) == ("BFG532", "BFG504 ")


BROKEN = shop.suite(
    {
        "test": "it is closed",
        "change": LESS,
        "expect": {"gates": {"*": "ready"}, "verdict": "OPEN"},
    },
    {
        "test": "a misspelt field",
        "change": {"set": "till.flaot", "to": 1},
        "expect": {"verdict": "OPEN"},
    },
    {
        "test": "a table",
        "expect": {"gates": {"shop/till": "ready"}},
        "cases": [{"change": LESS}, {"case": "of two", "at": shop.AT}],
    },
)


def test_a_failure_tells_what_was_expected_what_came_and_why(
    tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    shop.write(tmp_path, BROKEN)
    ran = shop.tested(tmp_path, "--coverage", "--mutate")
    assert ran.code == 1
    assert ran.stdout == snapshot


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], 12),
        (["TILL"], 2),
        (["nobody did"], 1),
        (["nobody did", "till holds"], 3),
        (["shop:"], 12),
    ],
)
def test_a_part_of_the_name_chooses(words: list[str], names: int, tmp_path: Path) -> None:
    shop.write(tmp_path)
    options = [option for word in words for option in ("-k", word)]
    assert shop.results(tmp_path, *options)["total"] == names


def test_paths_choose_files(tmp_path: Path) -> None:
    shop.write(tmp_path, shop.SUITE, shop.one(None, {"verdict": "OPEN"}))
    assert shop.results(tmp_path, "policies/tests/1.yaml")["total"] == 1
    both = ["policies/tests/1.yaml", "policies/tests", "policies/tests/0.yaml"]
    assert shop.results(tmp_path, *both)["total"] == 13


@pytest.mark.parametrize("option", [(), ("--mutate", "--coverage")])
def test_shared_work_comes_to_the_same(option: tuple[str, ...], tmp_path: Path) -> None:
    shop.write(tmp_path, *({**shop.SUITE, "suite": f"s{index}"} for index in range(6)))
    alone = shop.tested(tmp_path, *option, "--format", "json", "--jobs", "1")
    assert shop.tested(tmp_path, *option, "--format", "json", "--jobs", "3") == alone


def test_a_test_sees_nothing_of_another(tmp_path: Path) -> None:
    """In whatever order they run, and whatever they change."""
    tests: list[dict[str, Any]] = shop.SUITE["tests"]
    shop.write(tmp_path / "one", {**shop.SUITE, "tests": tests})
    shop.write(tmp_path / "other", {**shop.SUITE, "tests": tests[::-1]})
    one, other = (shop.results(tmp_path / name)["tests"] for name in ("one", "other"))
    told = [sorted((test["test"], test["passed"]) for test in each) for each in (one, other)]
    assert told[0] == told[1]
    assert all(test["passed"] for test in one)
