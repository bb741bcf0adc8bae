"""What a path of the command line leads to. One that no file can have leads nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.scenario.files import SCENARIO_FILE
from bfg_policy.source import DATA_SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path

# Where scenarios are looked for, seen from a project's folder.
SCENARIOS = "scenarios"


def is_folder(path: Path) -> bool:
    """Whether there is a folder; not where nobody lets us look."""
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, or a folder above it that is closed
        return False


def exists(path: Path) -> bool:
    """Whether there is a file or a folder; not where nobody lets us look."""
    try:
        return path.exists()
    except OSError:  # as above
        return False


def scenarios_in(folder: Path) -> list[Path]:
    """The scenarios that lie directly in a folder, in either form, by name; none without it.

    Raises OSError for one that nobody lets us look into: another one may not pass for the only one.
    """
    if not folder.is_dir():
        return []
    return [
        path
        for path in sorted(folder.iterdir())
        if (path / SCENARIO_FILE).is_file() or (path.is_file() and path.suffix in DATA_SUFFIXES)
    ]
