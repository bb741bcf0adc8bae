"""Where formats go: files, standard output, and the summary of a CI step."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from bfg_policy.cli import summaries
from bfg_policy.reporters import REPORTERS
from tests.running import Ran, run
from tests.shared import ROOT

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-11-23T10:00:00Z"
SUMMARY = "GITHUB_STEP_SUMMARY"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("policies", "contracts", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def check(project: Path, *more: str, **environment: str) -> Ran:
    demo = "scenarios/grant-demo-local"
    return run("check", demo, "--at", AT, *more, cwd=project, environment=environment)


def test_all_formats_at_once(project: Path) -> None:
    options = [part for form in REPORTERS for part in ("--output", f"{form}={form}.out")]
    ran = check(project, *options)
    assert ran.code == 0
    for form in REPORTERS:
        assert (project / f"{form}.out").read_text() == check(project, "--format", form).stdout


@pytest.mark.parametrize(
    ("paths", "name"),
    [(("-", "-"), "standard output"), (("x", "x"), "`x`"), (("x", "scenarios/../x"), "../x`")],
)
def test_two_formats_never_go_to_one_place(
    project: Path, paths: tuple[str, str], name: str
) -> None:
    """The last would take the place of the first, and readers would find another format."""
    first, second = paths
    ran = check(project, "--output", f"json={first}", "--output", f"sarif={second}")
    assert (ran.code, ran.stdout) == (2, "")
    assert "only one format can go to " in ran.stderr
    assert name in ran.stderr
    assert not (project / "x").exists()


@pytest.mark.parametrize("form", REPORTERS)
@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI"])
def test_a_ci_system_changes_nothing_of_harmless_output(
    project: Path, form: str, variable: str
) -> None:
    plain = check(project, "--format", form)
    assert check(project, "--format", form, **{variable: "true"}).stdout == plain.stdout


@pytest.mark.parametrize("form", REPORTERS)
def test_colour_is_of_text_alone(project: Path, form: str) -> None:
    ran = check(project, "--format", form, "--color", "always")
    assert ("\x1b" in ran.stdout) is (form == "text")


@pytest.mark.parametrize("form", REPORTERS)
def test_lint_of_a_sound_pack_writes_a_document(project: Path, form: str) -> None:
    ran = run("lint", "--format", form, cwd=project)
    assert ran.code == 0
    assert ran.stdout.endswith("\n")
    if form in ("json", "sarif", "gitlab"):
        json.loads(ran.stdout)


# The summary of a step.


def test_a_step_gets_a_summary_beside_what_is_shown(project: Path) -> None:
    path = project / "summary.md"
    path.write_text("# Of the step before\n")
    ran = check(project, **{SUMMARY: str(path)})
    assert ran.stdout == check(project).stdout
    report = check(project, "--format", "markdown").stdout
    assert path.read_text() == "# Of the step before\n" + report


def test_lint_gets_one_too_and_so_do_findings(project: Path) -> None:
    path = project / "summary.md"
    run("lint", cwd=project, environment={SUMMARY: str(path)})
    assert path.read_text() == "# 0 findings\n"
    (project / "scenarios/grant-demo-local/scenario.yaml").write_text("scenario: [\n")
    assert check(project, **{SUMMARY: str(path)}).code == 4
    assert "| `BFG103` error |" in path.read_text()


def test_a_summary_has_room_for_what_is_left_of_a_mebibyte(project: Path) -> None:
    path = project / "summary.md"
    path.write_bytes(b"x" * (summaries.MOST_BYTES - 2_000))
    assert check(project, **{SUMMARY: str(path)}).code == 0
    assert path.stat().st_size <= summaries.MOST_BYTES
    assert path.read_text().endswith("lines have no room.*\n")
    path.write_bytes(b"x" * summaries.MOST_BYTES)
    assert check(project, **{SUMMARY: str(path)}).code == 0
    assert path.stat().st_size == summaries.MOST_BYTES


@pytest.mark.parametrize("kind", ["folder", "link", "no folder"])
def test_a_summary_that_cannot_be_written_fails_nothing_and_is_said(
    project: Path, kind: str
) -> None:
    path = project / "summary.md"
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(project / "elsewhere.md")
    else:
        path = project / "none" / "summary.md"
    ran = check(project, **{SUMMARY: str(path)})
    assert ran.code == 0
    assert ran.stdout == check(project).stdout
    assert ran.stderr.startswith("bfg-policy: no summary is written: cannot write: ")
    assert not (project / "elsewhere.md").exists()


def test_a_template_that_fails_does_not_fail_the_check(project: Path) -> None:
    (project / "policies" / "templates" / "readiness.md.j2").write_text("{{ nope }}")
    path = project / "summary.md"
    ran = check(project, **{SUMMARY: str(path)})
    assert (ran.code, "cannot be rendered" in ran.stderr) == (0, True)
    assert not path.exists()


def test_no_other_command_writes_a_summary(project: Path) -> None:
    path = project / "summary.md"
    environment = {SUMMARY: str(path)}
    run("render", "scenarios/grant-demo-local", "--at", AT, cwd=project, environment=environment)
    run("explain", "BFG101", cwd=project, environment=environment)
    assert not path.exists()
