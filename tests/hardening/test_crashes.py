"""SIGKILL at any write: no file lost, cut or half-written, and a second run repairs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.hardening.killing import HERE, Report, kill_everywhere
from tests.running import run

AT = ("--at", "2026-11-23T12:00:00Z")
LATER = ("--at", "2026-11-24T12:00:00Z")
ENDS = ("--expires", "30d")
GATE = "service/handover"
TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.tmp")
SCENARIO = "scenarios/example/scenario.yaml"


class Case(NamedTuple):
    """A command that writes. stride: as for `kill_everywhere`; least: how many files it writes."""

    arguments: tuple[str, ...]
    setting: Mapping[str, str] = {}
    stride: int = 1
    least: int = 1


CASES = {
    "render": Case(("render", *LATER)),
    "check": Case(("check", *LATER, "--output", "json=result.json", "--output", "sarif=new.sarif")),
    "accept": Case(("accept", GATE, "--as", "omar", *LATER)),
    "withdraw": Case(("withdraw", GATE, "--as", "omar", "--note", "Too early.", *LATER)),
    "waive": Case(
        (
            *("waive", "service/load-test", "--as", "omar", "--approved-by", "ada", *ENDS, *AT),
            *("--reason", "Nobody comes before Christmas."),
        )
    ),
    "schema": Case(("schema", "policy.v1", "--write", "contracts"), stride=5),
    "init": Case(("init", "fresh", *AT), stride=13, least=10),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new pack, with an acceptance, an older result, and a contract that is out of date."""
    folder = tmp_path_factory.mktemp("killed") / "project"
    assert run("init", str(folder), *AT).code == 0
    assert run("accept", GATE, "--as", "omar", *AT, cwd=folder).code == 0
    (folder / "result.json").write_text("older\n")
    contract = folder / "contracts" / "common.v1.schema.json"
    contract.write_text(contract.read_text() + "\n")
    return folder


@pytest.fixture(params=CASES, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture(scope="module")
def killed(case: Case, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    work = tmp_path_factory.mktemp("work")
    return kill_everywhere(project, work, case.arguments, case.setting, case.stride)


def files(folder: Path | str) -> dict[str, bytes]:
    """Everything below a folder but what a killed run leaves behind hidden."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not TEMPORARY.fullmatch(path.name)
    }


def test_every_file_is_whole_wherever_it_is_killed(
    killed: Report, case: Case, project: Path
) -> None:
    before, after = files(project), files(killed.folder)
    assert killed.code == 0
    assert killed.steps.count("replace") >= case.least
    assert len(killed.killed) >= 7 * min(case.least, 3)
    assert before != after
    for each in killed.killed:
        left = files(each.folder)
        assert before.keys() - left.keys() <= before.keys() - after.keys(), each
        for name, data in left.items():
            assert data in (before.get(name), after.get(name)), (each, name)


def test_a_second_run_repairs(killed: Report, case: Case) -> None:
    after = files(killed.folder)
    for each in killed.killed:
        repaired = files(each.repaired)
        assert {name: repaired.get(name) for name in after} == after, each
        if each.again != 0:  # refused, for all was done when it was killed
            assert files(each.folder) == after, each
            assert case.arguments[0] in {"accept", "withdraw", "waive", "init"}


def test_what_is_written_is_on_the_disk_before_it_takes_its_name(killed: Report) -> None:
    steps = [step for step in killed.steps if step != "mkdir"]
    once = ["open", "write", "write", "fsync", "replace", "fsync"]
    assert steps == once * (len(steps) // len(once))


def test_a_summary_that_is_cut_leaves_what_stood_there(project: Path, tmp_path: Path) -> None:
    """The file is not ours, and is added to: GitHub wants it so."""
    told = kill_everywhere(
        project, tmp_path, ["check", *AT], {"GITHUB_STEP_SUMMARY": "result.json"}
    )
    assert told.steps == ["open", "write", "write"]
    whole = Path(told.folder, "result.json").read_text()
    assert whole.startswith("older\n<!--")
    for each in told.killed:
        assert whole.startswith(Path(each.folder, "result.json").read_text()), each
        assert Path(each.folder, "result.json").read_text().startswith("older\n"), each


def test_a_cut_entry_of_the_cache_is_none(project: Path, tmp_path: Path) -> None:
    """Killed in the cache's own writing, too: what is left is not believed or is whole."""
    told = kill_everywhere(
        project, tmp_path, ["check", *AT], {"XDG_CACHE_HOME": f"{HERE}.cache"}, stride=3
    )
    assert told.code == 0
    assert "replace" in told.steps
    for each in told.killed:
        assert each.again == 0
        assert len(list(Path(f"{each.folder}.cache").rglob("*.pack"))) == 1
