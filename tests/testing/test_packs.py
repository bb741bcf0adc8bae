"""The tests of the packs themselves: all pass, all is covered, nothing is weakened unseen."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.running import run
from tests.shared import ROOT

HOSPITAL = ROOT / "tests" / "packs" / "hospital"
PACKS = {"bfg-control": ROOT, "st-hedwig-laboratory": HOSPITAL}


def results(root: Path, *options: str) -> tuple[int, dict[str, Any]]:
    ran = run("test", "--policies", "policies", "--format", "json", *options, cwd=root)
    return ran.code, json.loads(ran.stdout)


@pytest.mark.parametrize("pack", PACKS)
def test_they_pass_and_cover_everything(pack: str) -> None:
    code, found = results(PACKS[pack], "--min-coverage", "100")
    assert [test for test in found["tests"] if not test["passed"]] == []
    assert found["coverage"]["missing"] == []
    assert (code, found["pack"]["id"], found["findings"]) == (0, pack, [])


@pytest.mark.slow
@pytest.mark.parametrize(("pack", "least"), [("bfg-control", 500), ("st-hedwig-laboratory", 120)])
def test_whatever_is_weakened_is_noticed(pack: str, least: int) -> None:
    code, found = results(PACKS[pack], "--mutate")
    assert (code, found["mutation"]["survivors"], found["findings"]) == (0, [], [])
    assert found["mutation"]["total"] >= least
    assert all(each["because"] for each in found["mutation"]["explained"])


def test_every_board_of_the_pack_has_a_suite_or_is_told_with_another() -> None:
    """A reviewer of a policy looks for its tests under its own name."""
    boards = {path.stem for path in (ROOT / "policies").glob("*.yaml")}
    suites = {path.stem for path in (ROOT / "policies" / "tests").glob("*.yaml")}
    assert suites - boards == set()
    assert boards - suites == {"data-cutover-batches"}  # tested in data-cutover.yaml


def test_they_are_no_part_of_the_pack(tmp_path: Path) -> None:
    """Its digest is that of what judges: tests come and go without making it another pack."""
    before = results(HOSPITAL)[1]["pack"]
    for part in ("policies", "contracts", "scenarios"):
        for file in (HOSPITAL / part).rglob("*.*"):
            copy = tmp_path / file.relative_to(HOSPITAL)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    (suite,) = (tmp_path / "policies" / "tests").glob("*.yaml")
    suite.write_text(suite.read_text(encoding="utf-8") + "# another\n", encoding="utf-8")
    assert results(tmp_path)[1]["pack"] == before


def test_the_packaged_pack_is_tested_from_anywhere(tmp_path: Path) -> None:
    ran = run("test", "--format", "json", cwd=tmp_path)
    found = json.loads(ran.stdout)
    assert (ran.code, found["failed"], found["pack"]["id"]) == (0, 0, "bfg-control")
    assert found["tests"][0]["path"].startswith("policies/tests/")


def examples() -> list[str]:
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    fences = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    return [text for text in fences if re.search(r"^suite:", text, re.MULTILINE)]


def test_the_example_of_the_documentation_passes(tmp_path: Path) -> None:
    for part in ("policies", "contracts"):
        shutil.copytree(ROOT / part, tmp_path / part)
    (example,) = examples()
    suite = tmp_path / "policies" / "tests" / "example.yaml"
    suite.write_text(example, encoding="utf-8")
    ran = run("test", suite, cwd=tmp_path)
    assert ran.code == 0, ran.stdout
