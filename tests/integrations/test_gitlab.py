"""The GitLab component's script, as GitLab's shell would run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.revisions.repository import Repository
from tests.shared import ROOT

BIN = Path(sys.executable).parent
DEMO = "scenarios/grant-demo-local"
COMPONENT = ROOT / "templates" / "bfg-policy.yml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("policies", "contracts", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def run_script(project: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run all but the installation; the shell stops at the first command that fails."""
    _, body = COMPONENT.read_text(encoding="utf-8").split("\n---\n")
    install, *script = yaml.safe_load(body)["bfg-policy"]["script"]
    assert install.startswith("python -m pip install ")
    environment = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(project),
        "GITLAB_CI": "true",
        "CI": "true",
        "BFG_SCENARIOS": "",
        "BFG_REQUIRE": "",
        "BFG_POLICIES_FROM": "",
        **variables,
    }
    return subprocess.run(
        ["sh", "-e", "-c", "\n".join(script)],
        env=environment,
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"BFG_SCENARIOS": "scenarios/production-go", "BFG_REQUIRE": "production-readiness"}, 0),
        (
            {
                "BFG_SCENARIOS": "scenarios/grant-demo-local",
                "BFG_REQUIRE": "dry-run infrastructure",
            },
            1,
        ),
        ({"BFG_SCENARIOS": f"{DEMO} scenarios/production-go"}, 0),
        ({"BFG_SCENARIOS": "scenarios/nowhere"}, 2),
        ({"BFG_SCENARIOS": DEMO, "BFG_REQUIRE": "*"}, 2),
        ({"BFG_SCENARIOS": "$(touch${IFS}pwned) `touch pwned`"}, 2),
    ],
)
def test_the_component_judges(project: Path, variables: dict[str, str], code: int) -> None:
    done = run_script(project, **variables)
    assert done.returncode == code, done.stdout + done.stderr
    assert not (project / "pwned").exists()
    if code < 2:
        report = json.loads((project / "gl-code-quality-report.json").read_text())
        assert isinstance(report, list)
        assert (project / "bfg-policy.junit.xml").read_text().startswith("<?xml")


@pytest.mark.parametrize(("revision", "code"), [("", 0), ("main", 1), ("--help", 4)])
def test_the_policies_of_a_revision_judge(project: Path, revision: str, code: int) -> None:
    """A merge request that asks for less is judged by what its target asks for."""
    repository = Repository(project)
    repository.edit("policies/pack.yaml", "require: []", "require: [production-readiness]")
    repository.commit()
    repository.edit("policies/pack.yaml", "require: [production-readiness]", "require: []")
    done = run_script(project, BFG_SCENARIOS=DEMO, BFG_POLICIES_FROM=revision)
    assert done.returncode == code, done.stdout + done.stderr
