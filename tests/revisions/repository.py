"""A git repository of a test's own, that nothing of the machine's configuration reaches."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.shared import ROOT

WHO = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
_CLEAN = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": "2026-11-20T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-11-20T00:00:00Z",
}


class Repository:
    """A work tree with commits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", ".")

    def git(self, *arguments: str, data: bytes = b"") -> str:
        """What git prints; a failure is the test's."""
        environment = {key: value for key, value in os.environ.items() if key[:4] != "GIT_"}
        done = subprocess.run(
            ["git", *WHO, *arguments],
            cwd=self.folder,
            env={**environment, **_CLEAN},
            input=data,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(self, message: str = "a change") -> str:
        """Commit everything as it is; the commit's id."""
        self.git("add", "--all", "--force", ".")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def write(self, path: str, text: str) -> None:
        """Write a file of the work tree."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str, *, count: int = 1) -> None:
        """Replace what stands so many times in a file of the work tree."""
        text = (self.folder / path).read_text(encoding="utf-8")
        assert text.count(old) == count, f"{old!r} stands {text.count(old)} times in {path}"
        self.write(path, text.replace(old, new))


def project(folder: Path, *scenarios: str) -> Repository:
    """A repository that holds the pack and some scenarios, committed once."""
    repository = Repository(folder)
    for name in ("policies", "contracts"):
        shutil.copytree(ROOT / name, folder / name)
    for name in scenarios:
        shutil.copytree(ROOT / "scenarios" / name, folder / "scenarios" / name)
    repository.commit("the base")
    return repository
