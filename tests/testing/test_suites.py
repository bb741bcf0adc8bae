"""Suites that are wrong: one finding a mistake, at the token, and what was probably meant."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.testing import shop

READY: dict[str, Any] = {"gates": {"*": "ready"}}
FINE = {"test": "a", "expect": READY}


def gates(**expected: str) -> dict[str, Any]:
    return shop.one(
        None, {"gates": {key.replace("__", "/"): each for key, each in expected.items()}}
    )


def also(**expected: dict[str, str]) -> dict[str, Any]:
    return shop.one(None, {"also": expected})


def findings(folder: Path) -> list[dict[str, Any]]:
    ran = shop.tested(folder, "--format", "json")
    assert ran.code == 4, ran.stdout
    listed: list[dict[str, Any]] = json.loads(ran.stdout)["findings"]
    return listed


def token(folder: Path, finding: dict[str, Any]) -> str:
    """What stands at the finding's place, to the end of the word."""
    line = (folder / finding["path"]).read_text(encoding="utf-8").splitlines()[finding["line"] - 1]
    rest: str = line[finding["column"] - 1 :]
    return rest.split(",", maxsplit=1)[0].rstrip(":").strip("'")


@pytest.mark.parametrize(
    ("suite", "code", "at", "suggestion"),
    [
        (gates(shop__tlil="ready"), "BFG340", "shop/tlil: ready", "shop/till"),
        (shop.one(None, {"gates": {"shpo/*": "ready"}}), "BFG340", "shpo/*: ready", "shop/*"),
        (shop.one(None, {"gates": {"shop/till": "raedy"}}), "BFG343", "raedy", "ready"),
        (
            shop.one(None, {"gates": {"shop/till": "next (rule-flase)"}}),
            "BFG343",
            "rule-flase)",
            "rule-false",
        ),
        (shop.one(None, {"decisions": {"openin": "OPEN"}}), "BFG340", "openin: OPEN", "opening"),
        (shop.one(None, {"decisions": {"opening": "OPNE"}}), "BFG343", "OPNE", "OPEN"),
        (shop.one(None, {"decisions": {"shop": "OPEN"}}), "BFG343", "OPEN", None),
        (also(openin={"lights": "dark"}), "BFG340", "openin", "opening"),
        (also(shop={"lights": "dark"}), "BFG343", "lights: dark", None),
        (also(opening={"lihgts": "dark"}), "BFG343", "lihgts: dark", "lights"),
        (also(opening={"lights": "brihgt"}), "BFG343", "brihgt", "bright"),
        (shop.one(None, {"verdict": "OPENED"}), "BFG343", "OPENED", "OPEN"),
        (shop.one(None, {"owners": {"shop/till": "clrek"}}), "BFG340", "clrek", "clerk"),
        (shop.one(None, {"owners": {"shpo": "clerk"}}), "BFG340", "shpo: clerk", "shop"),
        (shop.one(None, {"findings": ["BFG999"]}), "BFG343", "BFG999", None),
        (shop.one({"set": "tlil.float", "to": 1}, READY), "BFG341", "tlil.float", "till.float"),
        (shop.one({"remove": "shelves.id=tpo"}, READY), "BFG341", "id=tpo", "shelves.id=top"),
        (shop.one({"append": "target", "value": 1}, READY), "BFG341", "target", None),
        (
            shop.one({"accept": "shop/tlil", "by": "carl"}, READY),
            "BFG340",
            "shop/tlil",
            "shop/till",
        ),
        (shop.one({"accept": "shop/shelves", "by": "cral"}, READY), "BFG340", "cral", "carl"),
        (
            shop.one(
                {
                    "waive": "shop/till",
                    "requested_by": "carl",
                    "approved_by": "nobody",
                    "expires": "2026-12-01T00:00:00Z",
                },
                READY,
            ),
            "BFG340",
            "nobody",
            None,
        ),
        (shop.one({"set": "target", "to": 1, "by": "x"}, READY), "BFG344", "by: x", None),
        (
            shop.one({"remove": "till", "accept": "shop/till", "by": "carl"}, READY),
            "BFG344",
            "accept: shop/till",
            None,
        ),
        (shop.one({"to": 1}, READY), "BFG344", "to: 1", None),
        (shop.one({"set": "target"}, READY), "BFG202", "set: target", None),
        (shop.one({"sett": "target", "to": 1}, READY), "BFG201", "sett: target", "set"),
        (shop.one(None, None), "BFG343", "test: one", None),
        (shop.one([], READY), "BFG205", "[]", None),
        (shop.one(None, READY, at="2026-02-30T00:00:00Z"), "BFG205", "2026-02-30T00:00:00Z", None),
        (
            shop.suite({"test": "a", "expect": READY}, {"test": "a", "expect": READY}),
            "BFG342",
            "a",
            None,
        ),
        (
            shop.suite({"test": "a", "expect": READY, "cases": [{"case": "2"}, {"at": shop.AT}]}),
            "BFG342",
            "at: '2026-11-20T12:00:00Z",
            None,
        ),
        (
            shop.suite(
                {"test": "a", "expect": READY},
                survivors=[{"mutant": "x", "because": "one"}, {"mutant": "x", "because": "two"}],
            ),
            "BFG342",
            "x",
            None,
        ),
        (shop.suite(FINE, scenario="base/opne.yaml"), "BFG345", "base/opne.yaml", None),
        (shop.suite(FINE, scenario="../../../x.yaml"), "BFG345", "../../../x.yaml", None),
        (shop.suite(FINE, scenario="/etc/passwd"), "BFG345", "/etc/passwd", None),
        (shop.suite(), "BFG205", "[]", None),
    ],
    ids=lambda each: "suite" if isinstance(each, dict) else str(each),
)
def test_one_mistake_one_finding(
    suite: dict[str, Any],
    code: str,
    at: str,
    suggestion: str | None,
    tmp_path: Path,
    snapshot: SnapshotAssertion,
) -> None:
    shop.write(tmp_path, suite)
    found = findings(tmp_path)
    assert [finding["code"] for finding in found] == [code], found
    assert token(tmp_path, found[0]) == at
    assert found[0].get("suggestion") == suggestion
    assert found[0]["message"] == snapshot


def test_all_mistakes_are_told_at_once(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    wrong = shop.suite(
        {"test": "a", "expect": {"gates": {"shop/tlil": "ready", "*": "raedy"}}},
        {"test": "a", "change": [{"remove": "tlil"}, {"set": "x"}], "expect": READY},
    )
    del wrong["tests"][1]["change"][1]
    shop.write(tmp_path, wrong, {**shop.one(None, READY), "suite": "mine"})
    ran = shop.tested(tmp_path)
    assert ran.code == 4
    assert ran.stdout == snapshot


def test_what_cases_have_in_common_is_wrong_once(tmp_path: Path) -> None:
    rows = [{"case": str(index)} for index in range(30)]
    test = {"test": "a", "change": {"remove": "tlil"}, "expect": {"verdict": "OPNE"}, "cases": rows}
    shop.write(tmp_path, shop.suite(test))
    assert sorted(each["code"] for each in findings(tmp_path)) == ["BFG341", "BFG343"]


def test_more_than_anybody_reads_is_cut_short(tmp_path: Path) -> None:
    wrong = [{"test": str(i), "change": {"remove": "x"}, "expect": READY} for i in range(150)]
    shop.write(tmp_path, shop.suite(*wrong))
    found = findings(tmp_path)
    assert len([each for each in found if each["severity"] == "error"]) == 100
    (note,) = (each["message"] for each in found if each["severity"] == "note")
    assert note == "there are 50 more findings, which are not shown"


def test_a_link_is_no_way_out(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    project = shop.write(tmp_path / "project", shop.one(None, READY))
    base = project / "policies" / "tests" / "base" / "open.yaml"
    outside.write_bytes(base.read_bytes())
    base.unlink()
    base.symlink_to(outside)
    (found,) = findings(project)
    assert (found["code"], "symbolic link" in found["message"]) == ("BFG345", True)
    suite = project / "policies" / "tests" / "0.yaml"
    suite.rename(tmp_path / "suite.yaml")
    suite.symlink_to(tmp_path / "suite.yaml")
    (found,) = findings(project)
    assert (found["code"], found["path"]) == ("BFG101", "policies/tests/0.yaml")


def test_a_base_that_cannot_be_judged_is_told_once(tmp_path: Path) -> None:
    bad = {**shop.scenario(), "tll": 1}
    shop.write(tmp_path, shop.SUITE, **{"policies/tests/base/open.yaml": bad})
    (found,) = findings(tmp_path)
    assert (found["code"], found["path"]) == ("BFG201", "policies/tests/base/open.yaml")


def test_a_base_can_stand_in_the_suite_itself(tmp_path: Path) -> None:
    shop.write(tmp_path, {**shop.SUITE, "scenario": shop.scenario()})
    assert shop.results(tmp_path)["failed"] == 0


@pytest.mark.parametrize("name", ["scenario folder", "beside the policies"])
def test_a_base_can_be_a_scenario_of_the_project(name: str, tmp_path: Path) -> None:
    shop.write(
        tmp_path,
        {**shop.SUITE, "scenario": "../../scenarios/open"},
        **{"scenarios/open/scenario.yaml": shop.scenario()},
    )
    assert shop.results(tmp_path)["failed"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere"], 2, "there is no file or folder `nowhere` of tests"),
        (["x" * 300], 2, "there is no file or folder"),
        (["policies/templates"], 3, "there are no tests"),
        (["contracts"], 4, "this file is not read: here, files end in `.yaml`"),
        (["-k", "no such test"], 3, "no test has such a name"),
        (["--filter", "no such test"], 3, "no test has such a name"),
        (["--mutate", "-k", "till"], 2, "`--mutate` takes all tests"),
        (["--min-coverage", "101"], 2, "101"),
        (["--jobs", "0"], 2, "0"),
        (["policies/shop.yaml"], 4, "unknown field"),
    ],
)
def test_what_cannot_be_run(arguments: list[str], code: int, said: str, tmp_path: Path) -> None:
    shop.write(tmp_path, **{"policies/templates/note.txt.j2": "nothing"})
    ran = shop.tested(tmp_path, *arguments)
    assert ran.code == code
    assert said in ran.stdout + ran.stderr


@pytest.mark.parametrize("has_folder", [True, False])
def test_without_tests(tmp_path: Path, *, has_folder: bool) -> None:
    shop.write(tmp_path)
    shutil.rmtree(tmp_path / "policies" / "tests")
    if has_folder:
        (tmp_path / "policies" / "tests").mkdir()
    ran = shop.tested(tmp_path)
    assert (ran.code, "there are no tests" in ran.stdout) == (3, True), ran.stdout


def test_a_suite_that_would_not_be_read_is_refused(tmp_path: Path) -> None:
    shop.write(tmp_path)
    (tmp_path / "policies" / "tests" / "more.yml").write_text("suite: more\n")
    (found,) = findings(tmp_path)
    assert (found["code"], found["path"]) == ("BFG115", "policies/tests/more.yml")
