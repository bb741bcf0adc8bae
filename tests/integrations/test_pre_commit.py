"""The hooks, run by pre-commit in a repository of their own, installed as it installs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT

_PARTS = ("bfg_policy", "contracts", "policies", "docs/findings", "pyproject.toml", "README.md")
_IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@localhost")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", *_IDENTITY, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )


def _repository(folder: Path) -> Path:
    folder.mkdir()
    _git(folder, "init", "--quiet")
    return folder


def _commit(folder: Path) -> None:
    _git(folder, "add", "--all", "--force")
    _git(folder, "commit", "--quiet", "--message", "one")


def _hooks(folder: Path) -> Path:
    """The product as a repository of hooks."""
    repository = _repository(folder)
    for part in (*_PARTS, "LICENSE", ".pre-commit-hooks.yaml"):
        source, target = ROOT / part, repository / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    _commit(repository)
    return repository


@pytest.mark.slow
def test_the_hooks_pass_and_fail_as_the_commands_do(tmp_path: Path) -> None:
    hooks = _hooks(tmp_path / "hooks")
    project = _repository(tmp_path / "project")
    for part in ("policies", "contracts", "scenarios/grant-demo-local", "reports/grant-demo-local"):
        shutil.copytree(ROOT / part, project / part)
    _commit(project)

    def tried(hook: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(sys.executable, "-m", "pre_commit", "try-repo", str(hooks), hook),
                *("--all-files", "--verbose"),
            ],
            cwd=project,
            env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )

    for hook in ("lint", "test", "check", "render"):
        done = tried(f"bfg-policy-{hook}")
        assert done.returncode == 0, done.stdout + done.stderr
    policy = project / "policies" / "dry-run.yaml"
    policy.write_text(policy.read_text().replace("unmapped == 0", "unmaped == 0"))
    done = tried("bfg-policy-lint")
    assert done.returncode == 1
    assert "BFG403" in done.stdout
