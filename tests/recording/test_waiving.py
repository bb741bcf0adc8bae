"""`waive`: what is shown and written, what is refused, and that nothing else changes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from bfg_policy import writer
from tests.recording.project import AT, SCENARIO, copied, files
from tests.running import Ran, run

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

GATE = "data-cutover-batches/audit-trail"
ASKED = ("--as", "user_dispatcher_marek")
APPROVED = ("--approved-by", "user_md_anna")
REASON = ("--reason", "The audit trail begins with the cutover: nothing is lost.")
EXPIRES = ("--expires", "30d")
ALL = (*ASKED, *APPROVED, *REASON, *EXPIRES)
FILE = SCENARIO / "scenario.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copied(tmp_path)


def waive(project: Path, *arguments: str) -> Ran:
    return run("waive", *arguments, *AT, cwd=project)


def status(project: Path, gate: str) -> str:
    ran = run("check", *AT, "--format", "json", cwd=project)
    return str(json.loads(ran.stdout)["gates"][gate]["status"])


def test_a_waiver_is_shown_written_and_judged(project: Path, snapshot: SnapshotAssertion) -> None:
    before = (project / FILE).read_text()
    ran = waive(project, GATE, *ALL)
    assert ran == snapshot
    after = (project / FILE).read_text()
    assert after.startswith(before)
    assert yaml.safe_load(after)["waivers"] == [
        {
            "gate": GATE,
            "reason": REASON[1],
            "requested_by": "user_dispatcher_marek",
            "approved_by": "user_md_anna",
            "expires": "2026-12-23T12:00:00Z",
        }
    ]
    assert status(project, GATE) == "waived"
    assert waive(project, "operations-replay", *ALL).code == 0
    assert len(yaml.safe_load((project / FILE).read_text())["waivers"]) == 2


def test_a_dry_run_writes_nothing(project: Path) -> None:
    before = files(project)
    dry = waive(project, GATE, *ALL, "--dry-run")
    assert files(project) == before
    real = waive(project, GATE, *ALL)
    assert dry.stdout == real.stdout.replace("changed sc", "would change sc")
    assert (dry.code, real.code) == (0, 0)


def changed(arguments: tuple[str, ...], option: str, value: str) -> list[str]:
    listed = list(arguments)
    listed[listed.index(option) + 1] = value
    return listed


# The arguments, the exit code, and what is said; none of them writes anything.
REFUSED: list[tuple[list[str], int, str]] = [
    ([GATE, *changed(ALL, "--as", "user_md_anna")], 1, "BFG521"),
    ([GATE, *changed(ALL, "--approved-by", "user_accountant_olena")], 1, "BFG522"),
    ([GATE, *changed(ALL, "--as", "user_dispatcher_mark")], 2, "did you mean `user_dispatcher_ma"),
    ([GATE, *changed(ALL, "--approved-by", "Anna Kowalska")], 2, "did you mean `user_md_anna`"),
    ([GATE, *changed(ALL, "--expires", "2026-11-23T12:00:00Z")], 2, "is over at the instant"),
    ([GATE, *changed(ALL, "--expires", "2026-11-23")], 2, "is no duration and no instant"),
    ([GATE, *changed(ALL, "--reason", "")], 2, "it is empty"),
    ([GATE, *changed(ALL, "--reason", "x" * 4001)], 4, "BFG205"),
    ([GATE, *changed(ALL, "--reason", "AKIA" + "IOSFODNN7EXAMPLE")], 4, "BFG701"),
    (["production-readiness/go-no-go", *ALL], 1, "BFG520"),
    (["release-handoff/dry-run-transcript", *ALL], 1, "BFG526"),
    (["release-handoff/env-vars", *ALL], 1, "there is nothing to waive of `release-handoff/env"),
    (["data-cutover-batches/audit-trial", *ALL], 2, "did you mean `data-cutover-batches/audit-tr"),
    ([GATE, *ALL[:-2]], 2, "Missing option '--expires'"),
    ([GATE, *ALL[2:]], 2, "Missing option '--as'"),
]


@pytest.mark.parametrize(("arguments", "code", "words"), REFUSED, ids=lambda each: str(each)[:50])
def test_what_is_refused_writes_nothing(
    project: Path, arguments: list[str], code: int, words: str
) -> None:
    before = files(project)
    ran = waive(project, *arguments)
    assert ran.code == code, ran
    assert words in ran.stdout + ran.stderr
    assert "AKIA" not in ran.stdout
    assert files(project) == before


def test_the_longest_waiver_counts_so_a_shorter_one_is_refused(project: Path) -> None:
    assert waive(project, GATE, *ALL).code == 0
    same = waive(project, GATE, *ALL)
    assert same.code == 1
    assert "it is waived until 2026-12-23T12:00:00Z" in same.stdout
    assert waive(project, GATE, *changed(ALL, "--expires", "31d")).code == 0


def test_invalid_proof_is_never_waived(project: Path) -> None:
    forged = project / SCENARIO / "acceptances" / "forged.json"
    forged.parent.mkdir()
    given = {"by": "user_md_anna", "at": "2026-11-20T00:00:00Z"}
    forged.write_text(json.dumps({"gate": "cutover-rehearsal/db-schema", **given}))
    ran = waive(project, "cutover-rehearsal/db-schema", *ALL)
    assert ran.code == 1
    assert "never stands in for proof that is invalid" in ran.stdout


def test_before_its_time_is_told(project: Path) -> None:
    ran = waive(project, "dry-run/export-snapshot", *ALL)
    assert ran.code == 0
    assert "warning[BFG543]" in ran.stdout


def test_the_scenario_may_follow_the_gate(project: Path) -> None:
    shutil.copytree(project / SCENARIO, project / "scenarios" / "other")
    before = (project / FILE).read_text()
    ran = waive(project, GATE, "scenarios/other", *ALL)
    assert (ran.code, "changed scenarios/other/scenario.yaml" in ran.stdout) == (0, True)
    assert (project / FILE).read_text() == before
    ran = waive(project, GATE, "dry-run/schema-map", *ALL)
    assert (ran.code, "one gate at a time, and not `dry-run/sch" in ran.stderr) == (2, True)


def test_a_scenario_of_one_file_is_told_what_to_add(project: Path) -> None:
    path = project / "one.yaml"
    document = yaml.safe_load((project / FILE).read_text())
    document["snapshot"].update(json.loads((project / SCENARIO / "snapshot.json").read_text()))
    path.write_text(yaml.safe_dump(document))
    before = path.read_text()
    ran = waive(project, GATE, *ALL, "--scenario", "one.yaml")
    assert ran.code == 2
    assert path.read_text() == before
    path.write_text(before + ran.stdout.partition("add to it:\n\n")[2])
    checked = json.loads(run("check", "one.yaml", *AT, "--format", "json", cwd=project).stdout)
    assert checked["gates"][GATE]["status"] == "waived"


def test_what_would_change_more_is_refused_with_what_to_add(project: Path) -> None:
    """The last value's text has no line end, and would get one by anything below it."""
    line = "release_environment: local-demo\n"
    text = (project / FILE).read_text()
    assert line in text
    (project / FILE).write_text(text.replace(line, "") + "release_environment: |\n  local-demo")
    before = files(project)
    ran = waive(project, GATE, *ALL)
    assert ran.code == 4
    assert "BFG546" in ran.stdout
    assert f"requested_by: {ASKED[1]}" in ran.stdout
    assert files(project) == before


def test_a_byte_order_mark_stays(project: Path) -> None:
    path = project / FILE
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert waive(project, GATE, *ALL).code == 0
    assert path.read_bytes().count(b"\xef\xbb\xbf") == 1
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_who_finds_another_at_work_gives_up_and_writes_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_LOCK_ATTEMPTS", 2)
    before = files(project)
    with writer.locked(project / SCENARIO):
        ran = waive(project, GATE, *ALL)
    assert ran.code == 74
    assert "another run is writing there" in ran.stderr
    assert files(project) == before


def test_of_several_at_once_none_is_lost(project: Path) -> None:
    gates = ["audit-trail", "operations-replay", "finance-ledger", "db-schema", "secrets-auth"]
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "bfg_policy", "waive", gate, *ALL, *AT],
            cwd=project,
            stdout=subprocess.DEVNULL,
        )
        for gate in gates
    ]
    assert [each.wait() for each in runs] == [0] * len(gates)
    written = yaml.safe_load((project / FILE).read_text())["waivers"]
    assert sorted(each["gate"].partition("/")[2] for each in written) == sorted(gates)
