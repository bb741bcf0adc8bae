"""`render`: what it writes, and what `--check` says of what was written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.running import Ran, run
from tests.shared import ROOT

AT = "2026-11-20T12:00:00Z"
SCENARIOS = sorted(path.name for path in (ROOT / "scenarios").iterdir())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("policies", "contracts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "scenarios" / "production-go", tmp_path / "scenarios" / "go")
    assert run("render", "--at", AT, cwd=tmp_path).code == 0
    return tmp_path


def check(project: Path, at: str = AT) -> Ran:
    return run("render", "--check", "--at", at, cwd=project)


PACKETS = {
    "adapter-connection.txt",
    "data-cutover.txt",
    "dry-run-checkpoint.txt",
    "migration-preflight.txt",
    "readiness.md",
    "release.env",
    "rollback.env",
}
SQL = {
    "10_schema.up.sql",
    "20_schema.verify.sql",
    "30_replay.tenants_rbac.sql",
    "31_replay.operations.sql",
    "32_replay.finance.sql",
    "33_replay.audit.sql",
    "40_parity.sql",
    "80_rollback.data.sql",
    "90_schema.down.sql",
    "99_roles.down.sql",
    "README.md",
}


def test_a_report_and_all_packets_are_written(project: Path) -> None:
    written = project / "reports" / "production-go"
    files = {path.relative_to(written).as_posix() for path in written.rglob("*.*")}
    assert files == PACKETS | {f"sql/{name}" for name in SQL}
    assert check(project).code == 0


def test_rendering_again_changes_nothing(project: Path) -> None:
    ran = run("render", "--at", AT, cwd=project)
    assert ran.stdout.count("unchanged") == len(PACKETS) + len(SQL)
    assert "written" not in ran.stdout


def test_a_stale_file_fails_and_shows_the_difference(project: Path) -> None:
    packet = project / "reports" / "production-go" / "release.env"
    packet.write_text(packet.read_text().replace("GO_LOCAL_DEMO", "GO_ANYWAY"))
    ran = check(project)
    assert ran.code == 1
    assert "BFG603" in ran.stdout
    assert "-BFG_RELEASE_DECISION=GO_ANYWAY" in ran.stdout
    assert "+BFG_RELEASE_DECISION=GO_LOCAL_DEMO" in ran.stdout
    assert "GO_ANYWAY" in packet.read_text()


def test_a_difference_is_shown_and_nothing_written(project: Path) -> None:
    folder = project / "reports" / "production-go"
    shown = ("render", "--at", AT, "--diff")
    assert run(*shown, cwd=project) == Ran(0, "", "")
    packet, missing = folder / "release.env", folder / "rollback.env"
    old = packet.read_text()
    packet.write_text(old.replace("GO_LOCAL_DEMO", "GO_ANYWAY"))
    text = missing.read_text()
    missing.unlink()
    ran = run(*shown, cwd=project)
    name = "reports/production-go/release.env"
    assert ran.code == 0
    assert f"--- {name}\n+++ {name}, rendered now\n" in ran.stdout
    assert "\n-BFG_RELEASE_DECISION=GO_ANYWAY\n" in ran.stdout
    assert all(f"+{line}" in ran.stdout.splitlines() for line in text.splitlines())
    assert "GO_ANYWAY" in packet.read_text()
    assert not missing.exists()
    assert run(*shown, "--check", cwd=project).code == 1


@pytest.mark.parametrize("options", [(), ("--diff",)], ids=["cut", "whole"])
def test_a_long_difference_is_cut_unless_all_is_asked_for(
    project: Path, options: tuple[str, ...]
) -> None:
    (project / "reports" / "production-go" / "sql" / "10_schema.up.sql").write_text("")
    ran = run("render", "--check", "--at", AT, *options, cwd=project)
    assert ran.code == 1
    assert ("more lines; `--check --diff` shows all" in ran.stdout) is (options == ())


def test_a_missing_file_fails(project: Path) -> None:
    (project / "reports" / "production-go" / "release.env").unlink()
    ran = check(project)
    assert (ran.code, ran.stdout.count("BFG603: ") or ran.stdout.count("[BFG603]")) == (1, 1)


def test_reports_that_were_never_rendered_fail(project: Path) -> None:
    shutil.rmtree(project / "reports")
    assert check(project).code == 1


def test_a_file_that_nothing_renders_is_a_warning(project: Path) -> None:
    (project / "reports" / "production-go" / "old.txt").write_text("x")
    ran = check(project)
    assert ran.code == 0
    assert "warning[BFG606]" in ran.stdout
    assert "warning[BFG606]" in run("render", "--at", AT, cwd=project).stdout


def test_an_older_report_is_checked_at_its_own_instant_and_warned_about(project: Path) -> None:
    late = "2027-01-01T00:00:00Z"
    ran = check(project, late)
    assert ran.code == 0
    assert "warning[BFG604]" in ran.stdout
    assert "85" in ran.stdout
    assert "warning" not in check(project, "2026-11-21T00:00:00Z").stdout


def test_a_changed_policy_makes_the_report_stale(project: Path) -> None:
    policy = project / "policies" / "release-handoff.yaml"
    policy.write_text(policy.read_text().replace("GO_LOCAL_DEMO", "GO_REMOTE_DEMO"))
    ran = check(project)
    assert ran.code == 1
    assert "GO_REMOTE_DEMO" in ran.stdout


def test_what_cannot_be_judged_writes_nothing(project: Path) -> None:
    shutil.rmtree(project / "reports")
    (project / "scenarios" / "go" / "scenario.yaml").write_text("scenario: [\n")
    assert run("render", cwd=project).code == 4
    assert not (project / "reports").exists()


def test_why_a_report_is_written_and_yet_wrong_is_told(project: Path) -> None:
    record = project / "scenarios" / "go" / "evidence" / "dry_run.json"
    record.write_text(record.read_text().replace('"unmapped": 0', '"unmapped": 1'))
    ran = run("render", "--at", AT, cwd=project)
    assert ran.code == 1
    assert "error[BFG501]: evidence `dry_run` is not what its digest says" in ran.stdout


def test_a_report_that_claims_no_instant_is_stale(project: Path) -> None:
    report = project / "reports" / "production-go" / "readiness.md"
    report.write_text(report.read_text().replace(f"at={AT}", "at=2026-13-45T12:00:00Z", 1))
    ran = check(project)
    assert (ran.code, "error[BFG603]: it is stale" in ran.stdout) == (1, True)


def test_a_linked_report_folder_is_refused(project: Path, tmp_path: Path) -> None:
    shutil.rmtree(project / "reports")
    (tmp_path / "outside").mkdir()
    (project / "reports").symlink_to(tmp_path / "outside")
    ran = run("render", "--at", AT, cwd=project)
    assert ran.code == 74
    assert "BFG605" in ran.stderr
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_linked_report_is_not_read_either(project: Path, tmp_path: Path) -> None:
    report = project / "reports" / "production-go" / "release.env"
    report.unlink()
    (tmp_path / "elsewhere").write_text("what nobody may see\n")
    report.symlink_to(tmp_path / "elsewhere")
    ran = check(project)
    assert ran.code == 1
    assert "what nobody may see" not in ran.stdout


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_committed_reports_are_fresh(scenario: str) -> None:
    ran = run("render", f"scenarios/{scenario}", "--check", "--at", AT, cwd=ROOT)
    assert ran.code == 0, ran.stdout
    assert "error" not in ran.stdout


def test_findings_do_not_keep_a_report_from_being_written(project: Path) -> None:
    forged = {"gate": "dry-run/schema-map", "by": "nobody", "at": AT}
    folder = project / "scenarios" / "go" / "acceptances"
    (folder / "forged.json").write_text(json.dumps(forged))
    ran = run("render", "--at", AT, cwd=project)
    assert ran.code == 1
    report = (project / "reports" / "production-go" / "readiness.md").read_text()
    assert "BFG513" in report
