"""A copy of the repository's reference scenario with the pack that judges it, to act on."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.shared import ROOT

AT = ("--at", "2026-11-23T12:00:00Z")
SCENARIO = Path("scenarios/grant-demo-local")


def copied(folder: Path) -> Path:
    """A project in a folder of the test's own; no settings, and one scenario."""
    for name in ("policies", "contracts", SCENARIO):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """Everything that stands below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
