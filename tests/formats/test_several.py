"""`check` over several scenarios: each is judged, and the exit code is the worst of theirs."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.reporters.test_json import validator
from tests.running import Ran, run
from tests.shared import ROOT

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-11-23T10:00:00Z"
DEMO, STAGING, GO = (
    *("scenarios/grant-demo-local", "scenarios/staging-rehearsal", "scenarios/production-go"),
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("policies", "contracts", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def check(project: Path, *arguments: str | Path, stdin: bytes = b"") -> Ran:
    return run("check", *arguments, "--at", AT, cwd=project, stdin=stdin)


def as_set(ran: Ran) -> dict[str, Any]:
    """A `ReadinessSet.v1` that obeys its contract."""
    document: dict[str, Any] = json.loads(ran.stdout)
    validator("readiness_set.v1").validate(document)
    assert document["contract"] == "ReadinessSet.v1"
    assert document["summary"]["exit"] == ran.code
    return document


def test_each_result_is_what_it_is_alone(project: Path) -> None:
    document = as_set(check(project, DEMO, STAGING, GO, "--format", "json"))
    for entry, path in zip(document["results"], (DEMO, STAGING, GO), strict=True):
        alone = check(project, path, "--format", "json")
        assert entry == {"path": path, "exit": alone.code, "result": json.loads(alone.stdout)}
    results = [entry["result"] for entry in document["results"]]
    assert document["summary"] == {
        "exit": 0,
        "scenarios": 3,
        "judged": 3,
        "verdicts": {"GO": 1, "NO-GO": 2},
        "ready": sum(each["ready"] for each in results),
        "total": 3 * 85,
        "counts": {
            status: sum(each["counts"][status] for each in results)
            for status in ("ready", "waived", "next", "blocked", "invalid")
        },
        "findings": {"error": 0, "warning": 0, "note": 0},
    }


def test_one_scenario_is_no_set(project: Path) -> None:
    for arguments in ([DEMO], [DEMO, DEMO], [DEMO, f"{DEMO}/"]):
        ran = check(project, *arguments, "--format", "json")
        assert json.loads(ran.stdout)["contract"] == "Readiness.v1"


def test_what_cannot_be_judged_hides_none_of_the_others(project: Path) -> None:
    (project / "bad.yaml").write_text("scenario: [\n")
    (project / "none").mkdir()
    document = as_set(check(project, "bad.yaml", DEMO, "none", GO, "--format", "json"))
    assert [entry["exit"] for entry in document["results"]] == [4, 0, 3, 0]
    kinds = [entry["result"]["contract"] for entry in document["results"]]
    assert kinds == ["Findings.v1", "Readiness.v1", "Findings.v1", "Readiness.v1"]
    assert document["summary"]["judged"] == 2
    assert document["summary"]["findings"]["error"] == 2


EXITS: list[tuple[int, list[str]]] = [
    (0, [DEMO, GO]),
    (0, [GO, "-", "--require", "dry-run"]),
    (1, [DEMO, GO, "--require", "dry-run"]),
    (3, [DEMO, "none", "--require", "dry-run"]),
    (4, [DEMO, "none", "bad.yaml", "--require", "dry-run"]),
    (2, [DEMO, "no/such/scenario"]),
    (2, [DEMO, "bad.yaml", "--require", "no-such-board"]),
]


@pytest.mark.parametrize(("code", "arguments"), EXITS, ids=str)
def test_the_exit_code_is_the_worst(project: Path, code: int, arguments: list[str]) -> None:
    (project / "bad.yaml").write_text("scenario: [\n")
    (project / "none").mkdir()
    ran = check(project, *arguments, stdin=_stdin())
    assert ran.code == code, ran
    assert "Traceback" not in ran.stdout + ran.stderr


def _stdin() -> bytes:
    from tests.bfg.documents import ready

    return json.dumps({**ready(), "scenario": "from-stdin"}).encode()


def test_two_scenarios_of_one_id_are_told(project: Path) -> None:
    shutil.copytree(project / GO, project / "scenarios" / "twin")
    ran = check(project, GO, DEMO, "scenarios/twin", "--format", "json")
    document = as_set(ran)
    (finding,) = document["findings"]
    assert (ran.code, finding["code"]) == (1, "BFG330")
    assert finding["path"] == "scenarios/twin/scenario.yaml"
    assert finding["related"][0]["path"] == f"{GO}/scenario.yaml"
    text = check(project, GO, "scenarios/twin").stdout
    assert f"production-go ({GO})" in text
    assert text.endswith("exit 1: 1 error between them\n")


def test_what_is_wrong_with_the_policies_is_told_once(project: Path) -> None:
    policy = project / "policies" / "adapter-connection.yaml"
    policy.write_text(re.sub("rule: .*", "rule: 1 < 2", policy.read_text(), count=1))
    document = as_set(check(project, DEMO, GO, "--format", "json"))
    for entry in document["results"]:
        assert [each["severity"] for each in entry["result"]["findings"]] == ["warning"]
    assert document["summary"]["findings"] == {"error": 0, "warning": 1, "note": 0}
    text = check(project, DEMO, GO).stdout
    assert text.count("warning[") == 1
    assert text.count("1 warning below") == 2


def test_nothing_is_judged_where_the_policies_are_broken(project: Path) -> None:
    (project / "policies" / "dry-run.yaml").write_text("policy: [\n")
    ran = check(project, DEMO, GO, "--format", "json")
    assert (ran.code, json.loads(ran.stdout)["contract"]) == (4, "Findings.v1")


def test_a_reader_of_text_sees_a_line_each_and_the_findings(project: Path) -> None:
    acceptances = project / GO / "acceptances"
    forged = {"gate": "cutover-rehearsal/db-schema", "by": "driver_tarasenko", "at": AT}
    (acceptances / "zzz.json").write_text(json.dumps(forged))
    ran = check(project, DEMO, GO)
    lines = ran.stdout.splitlines()
    assert lines[1].split()[:3] == ["0", "17/85", "NO-GO"]
    assert lines[2].split()[0] == "1"
    assert "1 error below" in lines[2]
    assert "error[BFG510]" in ran.stdout
    assert lines[-1] == "exit 1: the worst of them"
