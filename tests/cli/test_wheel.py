"""The wheel: it carries contracts, policies and templates, and works far from any checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.shared import ROOT

AT = "2026-11-20T12:00:00Z"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel, as an installer lays it out."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder, ROOT], check=True, capture_output=True)
    (wheel,) = folder.glob("bfg_policy-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def execute(installed: Path, cwd: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(installed), "PATH": os.environ["PATH"], "HOME": str(cwd)}
    command = [sys.executable, "-m", "bfg_policy", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_packaged_pack_judges_a_scenario_from_an_empty_folder(
    installed: Path, tmp_path: Path
) -> None:
    scenario = ROOT / "scenarios" / "production-go"
    ran = execute(installed, tmp_path, "check", scenario, "--at", AT, "--format", "json")
    assert (ran.returncode, ran.stderr) == (0, "")
    result = json.loads(ran.stdout)
    assert (result["verdict"], result["ready"]) == ("GO", 85)
    source = result["gates"]["dry-run/schema-map"]["source"]["path"]
    assert source == "bfg_policy/data/policies/dry-run.yaml"


@pytest.mark.slow
def test_everything_else_works_there_too(installed: Path, tmp_path: Path) -> None:
    scenario = ROOT / "scenarios" / "grant-demo-local"
    assert execute(installed, tmp_path, "lint").returncode == 0
    assert execute(installed, tmp_path, "check").returncode == 3
    assert execute(installed, tmp_path, "render", scenario, "--at", AT).returncode == 0
    report = tmp_path / "reports" / "grant-demo-local" / "release.env"
    committed = ROOT / "reports" / "grant-demo-local" / "release.env"
    assert report.read_bytes() == committed.read_bytes()
    ran = execute(installed, tmp_path, "explain", "dry-run/schema-map", scenario, "--at", AT)
    assert ran.stdout.startswith("dry-run/schema-map is blocked")
    page = execute(installed, tmp_path, "explain", "BFG201")
    assert page.stdout == (ROOT / "docs" / "findings" / "BFG201.md").read_text(encoding="utf-8")
    assert execute(installed, tmp_path, "--version").stdout == "bfg-policy, version 0.1.0\n"


@pytest.mark.slow
def test_a_new_pack_begins_there(installed: Path, tmp_path: Path) -> None:
    made = execute(installed, tmp_path, "init", "--at", AT)
    assert (made.returncode, made.stderr) == (0, "")
    for command in (["lint"], ["check"], ["test"], ["render", "--check", "--at", AT]):
        ran = execute(installed, tmp_path, *command)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    written = execute(installed, tmp_path, "docs")
    assert "docs/boards/service.md" in written.stdout


@pytest.mark.slow
def test_nothing_that_is_not_needed_is_in_the_wheel(installed: Path) -> None:
    top = {path.name for path in installed.iterdir()}
    assert top == {"bfg_policy", "bfg_policy-0.1.0.dist-info"}
    data = {path.name for path in (installed / "bfg_policy" / "data").iterdir()}
    assert data == {"contracts", "findings", "policies"}
