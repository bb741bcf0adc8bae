"""Runs the command line inside the test's own process, as a user would run it."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from pathlib import Path


class Ran(NamedTuple):
    """What a run of the product gave."""

    code: int
    stdout: str
    stderr: str


class _Stream(io.TextIOWrapper):
    """A standard stream that keeps what is written to it."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8", newline="")

    def text(self) -> str:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode("utf-8")


def run(
    *arguments: str | Path,
    stdin: bytes = b"",
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
) -> Ran:
    """Run `bfg-policy` with these arguments; environment: what is set besides nothing at all."""
    from bfg_policy.cli import main

    out, err = _Stream(), _Stream()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "NO_COLOR", "FORCE_COLOR"):
            patch.delenv(name, raising=False)
        patch.delenv("GITHUB_STEP_SUMMARY", raising=False)
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        patch.setattr("sys.stdin", _Stream(stdin))
        patch.setattr("sys.stdout", out)
        patch.setattr("sys.stderr", err)
        if cwd is not None:
            patch.chdir(cwd)
        with pytest.raises(SystemExit) as left:
            main([os.fspath(argument) for argument in arguments])
    code = left.value.code
    assert isinstance(code, int)
    return Ran(code, out.text(), err.text())
