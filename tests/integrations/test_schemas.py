"""Every file that another system reads is what that system's own schema says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bfg_policy.scaffolding import WORKFLOWS, new_pack
from tests.shared import ROOT

BIN = Path(sys.executable).parent
GITLAB = ROOT / "templates" / "bfg-policy.yml"


def holds(path: Path, schema: str) -> None:
    done = subprocess.run(
        [str(BIN / "check-jsonschema"), "--builtin-schema", schema, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_action() -> None:
    holds(ROOT / "action.yml", "vendor.github-actions")


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "github").glob("*.yml")))
def test_the_example_workflows(path: Path) -> None:
    holds(path, "vendor.github-workflows")


@pytest.mark.parametrize("ci", WORKFLOWS)
def test_the_workflow_of_a_new_pack(tmp_path: Path, ci: str) -> None:
    path = tmp_path / f"{ci}.yml"
    path.write_text(new_pack("shop", ci)[WORKFLOWS[ci]], encoding="utf-8")
    holds(path, {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}[ci])


def test_the_gitlab_component(tmp_path: Path) -> None:
    header, body = GITLAB.read_text(encoding="utf-8").split("\n---\n")
    inputs = yaml.safe_load(header)["spec"]["inputs"]
    for name, told in inputs.items():
        assert told["description"].endswith(".")
        body = body.replace(f"$[[ inputs.{name} ]]", told["default"] or "''")
    assert "$[[" not in body
    path = tmp_path / "component.yml"
    path.write_text(body, encoding="utf-8")
    holds(path, "vendor.gitlab-ci")


def test_the_pre_commit_hooks() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
