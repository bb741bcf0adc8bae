"""The hooks, run by pre-commit in a repository of their own, installed as it installs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT

_PARTS = ("bfg_policy", "contracts", "policies", "docs/findings", "pyproject.toml", "README.md")
_COMMANDS = ("lint", "test", "check", "render")
_IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@localhost")


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *_IDENTITY, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def _repository(folder: Path) -> Path:
    folder.mkdir()
    _git(folder, "init", "--quiet")
    return folder


def _commit(folder: Path) -> str:
    """Commits all there is; gives the revision."""
    _git(folder, "add", "--all", "--force")
    _git(folder, "commit", "--quiet", "--message", "one")
    return _git(folder, "rev-parse", "HEAD")


def _hooks(folder: Path) -> str:
    """The product as a repository of hooks; gives its revision."""
    repository = _repository(folder)
    for part in (*_PARTS, "LICENSE", ".pre-commit-hooks.yaml"):
        source, target = ROOT / part, repository / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return _commit(repository)


@pytest.mark.slow
def test_the_hooks_pass_and_fail_as_the_commands_do(tmp_path: Path) -> None:
    revision = _hooks(tmp_path / "hooks")
    project = _repository(tmp_path / "project")
    for part in ("policies", "contracts", "scenarios/grant-demo-local", "reports/grant-demo-local"):
        shutil.copytree(ROOT / part, project / part)
    hooks = [{"id": f"bfg-policy-{command}"} for command in _COMMANDS]
    source = {"repo": str(tmp_path / "hooks"), "rev": revision, "hooks": hooks}
    (project / ".pre-commit-config.yaml").write_text(json.dumps({"repos": [source]}))
    _commit(project)

    def tried(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(sys.executable, "-m", "pre_commit", "run", f"bfg-policy-{command}"),
                *("--all-files", "--verbose"),
            ],
            cwd=project,
            env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )

    for command in _COMMANDS:
        done = tried(command)
        assert done.returncode == 0, done.stdout + done.stderr
    policy = project / "policies" / "dry-run.yaml"
    policy.write_text(policy.read_text().replace("unmapped == 0", "unmaped == 0"))
    done = tried("lint")
    assert done.returncode == 1
    assert "BFG403" in done.stdout
