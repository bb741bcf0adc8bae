"""Projects on disk, opened as the two sides of a comparison."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from bfg_policy.comparison.sides import Side
from bfg_policy.comparison.types import Comparison
from bfg_policy.instants import parse_instant
from bfg_policy.pipeline import Project, compare_sides, open_side
from tests.shared import ROOT

AT = parse_instant("2026-11-23T00:00:00Z")
GO = "scenarios/production-go"
DEMO = "scenarios/grant-demo-local"


class Edit(NamedTuple):
    """A file in which what stands once becomes something else; without `old` it is written anew."""

    path: str
    old: str
    new: str


def copied(edits: Iterable[Edit] = ()) -> Path:
    """The repository's pack and two of its scenarios in a folder of their own, edited."""
    folder = Path(mkdtemp(prefix="sides-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("policies", "contracts", GO, DEMO):
        shutil.copytree(ROOT / name, folder / name)
    for path, old, new in edits:
        file = folder / path
        text = file.read_text(encoding="utf-8") if old else ""
        assert text.count(old) == 1 or not old, f"{old!r} stands {text.count(old)} times in {path}"
        file.write_text(text.replace(old, new) if old else new, encoding="utf-8")
    return folder


def opened(folder: Path, scenario: str = GO, name: str = "main") -> Side:
    """A folder's project, judged at AT."""
    project = Project(
        name=name,
        shown_from=folder,
        policies=folder / "policies",
        contracts=folder / "contracts",
        scenario=folder / scenario,
        others=[folder / each for each in (GO, DEMO) if each != scenario],
    )
    return open_side(project, AT)


@cache
def base(scenario: str = GO) -> Side:
    """The repository's own project, as it is."""
    return opened(copied(), scenario)


def compared(*edits: Edit, scenario: str = GO) -> Comparison:
    """What these edits do."""
    return compare_sides(base(scenario), opened(copied(edits), scenario, "HEAD"))
