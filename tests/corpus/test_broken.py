"""Every broken file of the shared corpus gives one finding, at its place, with its suggestion."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.running import Ran, run
from tests.shared import SHARED, needs_shared

BROKEN = SHARED / "corpus" / "broken"
AT = "2026-11-23T00:00:00Z"
CASES = sorted(BROKEN.glob("*.expect.json")) if BROKEN.is_dir() else []

pytestmark = needs_shared


def _input(case: str, expect: dict[str, Any], folder: Path) -> Path:
    """The case's file, copied or generated into `folder`."""
    if "generator" in expect:
        done = subprocess.run(
            [sys.executable, str(BROKEN / expect["generator"])], capture_output=True, check=True
        )
        path = folder / f"{case}.{'json' if expect.get('json') else 'yaml'}"
        path.write_bytes(done.stdout)
        return path
    (found,) = (
        path
        for path in BROKEN.glob(f"{case}.*")
        if path.suffix in (".yaml", ".json") and ".expect" not in path.name
    )
    return Path(shutil.copy(found, folder))


def _run(case: str, expect: dict[str, Any], folder: Path) -> tuple[Ran, str]:
    """Run the product on a case; also the name of the file that the place should be in."""
    base = BROKEN / "base"
    if "files" in expect:
        shutil.copytree(BROKEN / case, folder / case)
        policies = folder / case / "policies"
        policies = policies if policies.is_dir() else folder / case
        place_in = Path(expect["place_in"]).name
        scenario = folder / case / "scenario.yaml"
        if scenario.exists():
            return _check(scenario, policies), place_in
        return _lint(policies), place_in
    if expect["kind"] == "policy":
        policies = folder / "policies"
        policies.mkdir()
        shutil.copy(base / "policies" / "pack.yaml", policies)
        path = _input(case, expect, policies)
        return _lint(policies), path.name
    path = _input(case, expect, folder)
    return _check(path, base / "policies"), path.name


def _lint(policies: Path) -> Ran:
    return run("lint", "--policies", policies, "--format", "json")


def _check(scenario: Path, policies: Path) -> Ran:
    return run("check", scenario, "--policies", policies, "--at", AT, "--format", "json")


@pytest.mark.parametrize("sidecar", CASES, ids=lambda path: path.name.removesuffix(".expect.json"))
def test_broken(sidecar: Path, tmp_path: Path) -> None:
    case = sidecar.name.removesuffix(".expect.json")
    expect = json.loads(sidecar.read_text(encoding="utf-8"))
    ran, file_name = _run(case, expect, tmp_path)
    for secret in expect.get("must_not_show", []):
        assert secret not in ran.stdout + ran.stderr
    assert ran.code in (expect.get("exit_any") or [expect["exit"]]), ran
    findings = json.loads(ran.stdout)["findings"]
    assert len(findings) in (expect.get("findings_any") or [expect["findings"]]), findings
    if findings:
        _hold(findings, expect, file_name)


def _hold(findings: list[dict[str, Any]], expect: dict[str, Any], file_name: str) -> None:
    lines = expect.get("line_any") or [expect["line"]]
    columns = [expect["column"]] if expect.get("column") is not None else None
    fitting = [
        finding
        for finding in findings
        if finding["line"] in lines and (columns is None or finding["column"] in columns)
    ]
    assert fitting, findings
    finding = fitting[0]
    assert Path(finding["path"]).name == file_name
    said = " ".join(str(finding.get(key, "")) for key in ("message", "hint", "note", "suggestion"))
    for word in expect.get("must_name", []):
        assert word in said
    any_of = expect.get("must_name_any", [])
    assert not any_of or any(word.casefold() in said.casefold() for word in any_of)
    if expect["suggest"] is not None:
        assert expect["suggest"] in said


@pytest.mark.parametrize("scenario", ["scenario.yaml", "scenario.json"])
def test_the_base_is_sound(scenario: str) -> None:
    ran = _check(BROKEN / "base" / scenario, BROKEN / "base" / "policies")
    assert ran.code == 0
    assert json.loads(ran.stdout)["findings"] == []


def test_the_base_policies_are_sound() -> None:
    ran = _lint(BROKEN / "base" / "policies")
    assert (ran.code, json.loads(ran.stdout)["findings"]) == (0, [])
