"""A pack of another kind of company: nothing in the engine knows whose policies it judges."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.running import Ran, run

HOSPITAL = Path(__file__).parent / "hospital"
AT = "2026-11-20T12:00:00Z"
SHEET = Path("sheets", "go-live-sheet.txt")


def check(scenario: str, *options: str | Path, cwd: Path = HOSPITAL) -> Ran:
    """Judge a scenario of the hospital, named as somebody in `cwd` would name it."""
    root = Path() if cwd == HOSPITAL else HOSPITAL
    named = root / "scenarios" / f"{scenario}.yaml"
    return run("check", named, "--policies", root / "policies", "--at", AT, *options, cwd=cwd)


def result(scenario: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(check(scenario, "--format", "json").stdout)
    return found


def test_lint() -> None:
    ran = run("lint", "--policies", "policies", "--format", "json", cwd=HOSPITAL)
    assert (ran.code, json.loads(ran.stdout)["findings"]) == (0, [])


# What stands in a template, and what `lint` says of it; None: only the data will tell.
TEMPLATES: list[tuple[str, str | None]] = [
    ("{% if %}", "Expected an expression"),
    ("{{ board.id | lien }}", "there is no filter `lien`; did you mean `line`?"),
    ("{{ board.id | line", "unexpected end of template"),
    ('{% include "engine/readines.md" %}', "did you mean `engine/readiness.md`?"),
    ('{% include "nothing-like-it" ignore missing %}', None),
    ("{{ bored.id | line }}", None),
]


@pytest.mark.parametrize(("written", "said"), TEMPLATES)
def test_lint_looks_at_the_templates_of_a_pack(
    written: str, said: str | None, tmp_path: Path
) -> None:
    project = shutil.copytree(HOSPITAL, tmp_path / "hospital")
    template = project / "policies/templates/go-live-sheet.txt.j2"
    template.write_text(f"Go-live\n{written}\n", encoding="utf-8")
    ran = run("lint", "--format", "json", cwd=project)
    found = json.loads(ran.stdout)["findings"]
    assert ran.code == (4 if said else 0), ran
    assert [(each["code"], each["path"], each["line"]) for each in found] == (
        [("BFG601", "policies/templates/go-live-sheet.txt.j2", 2)] if said else []
    )
    assert said is None or said in found[0]["message"]
    assert not found or "line 2" not in found[0]["message"]


@pytest.mark.parametrize(
    ("name", "code", "hint"),
    [
        ("go-live-shet.txt.j2", "BFG607", "did you mean `go-live-sheet.txt`?"),
        ("apart.j2", "BFG607", "name it in a policy's `packet`"),
        ("go-live-sheet.txt", "BFG115", "rename it to `*.j2`"),
        ("README.md", None, None),
    ],
)
def test_a_template_that_nothing_uses_is_told(
    name: str, code: str | None, hint: str | None, tmp_path: Path
) -> None:
    project = shutil.copytree(HOSPITAL, tmp_path / "hospital")
    (project / "policies/templates" / name).write_text("Go-live\n", encoding="utf-8")
    ran = run("lint", cwd=project)
    assert ran.code == 0
    assert (f"warning[{code}]" in ran.stdout) is (code is not None)
    assert hint is None or hint in ran.stdout
    assert ran.stdout.count(f" --> policies/templates/{name}\n") == (code is not None)


def test_a_template_that_another_includes_is_used(tmp_path: Path) -> None:
    project = shutil.copytree(HOSPITAL, tmp_path / "hospital")
    for name, text in {
        "go-live-sheet.txt": '{% include "middle.txt" %}',
        "middle.txt": '{% include "end.txt" %}',
        "end.txt": "Go-live",
        "postgres/40_parity.sql": "",
    }.items():
        file = project / "policies/templates" / f"{name}.j2"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{text}\n", encoding="utf-8")
    found = json.loads(run("lint", "--format", "json", cwd=project).stdout)["findings"]
    assert [each["path"] for each in found] == ["policies/templates/postgres/40_parity.sql.j2"]


@pytest.mark.parametrize(
    ("other", "hint"),
    [("Pack.yaml", "rename `Pack.yaml`"), ("beginning.yaml", "write it, or name the folder")],
)
def test_a_pack_without_its_file(other: str, hint: str, tmp_path: Path) -> None:
    project = shutil.copytree(HOSPITAL, tmp_path / "hospital")
    (project / "policies/pack.yaml").rename(project / "policies" / other)
    ran = run("lint", cwd=project)
    assert (ran.code, ran.stdout.count("error[BFG101]: the folder holds no pack.yaml")) == (4, 1)
    assert hint in ran.stdout


def test_a_value_that_no_packet_can_hold_is_told_where_it_stands(tmp_path: Path) -> None:
    """Where several places hold the same text, the template's line is all that can be told."""
    project = shutil.copytree(HOSPITAL, tmp_path / "hospital")
    template = project / "policies/templates/go-live-sheet.txt.j2"
    template.write_text("{{ scenario.actors[0].desk | env }}\n", encoding="utf-8")
    file = project / "scenarios/go.yaml"
    ran = run("render", "scenarios/go.yaml", "--at", AT, cwd=project)
    assert (ran.code, ran.stdout.count("error[BFG602]")) == (4, 1), ran
    assert " --> scenarios/go.yaml:9:" in ran.stdout
    assert " --> policies/templates/go-live-sheet.txt.j2:1\n" in ran.stdout
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("desk: Laboratory", "desk: Internal medicine"), encoding="utf-8")
    again = run("render", "scenarios/go.yaml", "--at", AT, cwd=project).stdout
    assert " --> policies/templates/go-live-sheet.txt.j2:1\n" in again
    assert "scenarios/go.yaml:" not in again


# The pack requires `analyser-validation`; nothing of it is ready early on.
@pytest.mark.parametrize(
    ("scenario", "code", "ready", "waived", "verdict"),
    [
        ("early", 1, 1, 0, "NOT-VALIDATED"),
        ("waiver", 0, 11, 1, "INTERFACE-OPEN"),
        ("go", 0, 16, 0, "GO-LIVE"),
    ],
)
def test_scenarios(scenario: str, code: int, ready: int, waived: int, verdict: str) -> None:
    assert check(scenario).code == code
    found = result(scenario)
    assert (found["ready"], found["total"], found["verdict"]) == (ready, 16, verdict)
    assert found["counts"]["waived"] == waived


def test_go_waits_for_nothing() -> None:
    found = result("go")
    assert {gate["status"] for gate in found["gates"].values()} == {"ready"}
    assert (found["next_action"], found["findings"]) == (None, [])
    # The live turnaround is measured anew every day and a half.
    assert found["next_change"] == {
        "at": "2026-11-21T18:00:01Z",
        "gate": "result-interface/turnaround",
        "why": "evidence-expired",
    }
    assert check("go", "--require", "go-live").code == 0
    assert check("waiver", "--require", "go-live").code == 1


def test_the_whole_result(snapshot: SnapshotAssertion) -> None:
    assert result("waiver") == snapshot


def test_its_own_packet(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    ran = render("waiver", tmp_path)
    assert ran.code == 0, ran
    (sheet,) = tmp_path.rglob(SHEET.name)
    assert sheet.relative_to(tmp_path / "reports" / "lab-waiver") == SHEET
    assert sheet.read_text(encoding="utf-8") == snapshot


def render(scenario: str, cwd: Path) -> Ran:
    return run(
        "render",
        HOSPITAL / "scenarios" / f"{scenario}.yaml",
        "--policies",
        HOSPITAL / "policies",
        "--at",
        AT,
        cwd=cwd,
    )


SCENARIOS = ("early", "waiver", "go")


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("form", ["json", "markdown"])
def test_the_working_directory_changes_only_paths(scenario: str, form: str, tmp_path: Path) -> None:
    here = check(scenario, "--format", form)
    there = check(scenario, "--format", form, cwd=tmp_path)
    assert here.code == there.code
    assert HOSPITAL.as_posix() not in here.stdout
    assert there.stdout.replace(f"{HOSPITAL.as_posix()}/", "") == here.stdout


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_for_people_it_changes_nothing_else(scenario: str, tmp_path: Path) -> None:
    """Text is cut to the terminal's width, so it is held against that of another folder."""
    folders = (tmp_path / "one", tmp_path / "another")
    for folder in folders:
        folder.mkdir()
    one, another = (check(scenario, cwd=folder) for folder in folders)
    assert one == another
