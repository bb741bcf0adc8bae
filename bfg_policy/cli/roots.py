"""A folder, the work tree, or the files of a revision: where the paths of a project lie."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

import click

from bfg_policy.cli.paths import SCENARIOS, is_folder
from bfg_policy.cli.settings import BadSettings, Settings, read_settings
from bfg_policy.errors import Finding, SourceError
from bfg_policy.revisions import Selection, extract, knows, open_repository, resolve
from bfg_policy.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from bfg_policy.cli.inputs import Given
    from bfg_policy.revisions import Repository

WORK_TREE = "the work tree"
# Where things lie mostly.
POLICIES, CONTRACTS = "policies", "contracts"
_SETTINGS = ("bfg-policy.toml", "pyproject.toml")
# What stands before the paths of a revision: only where it can be a part of a path itself.
_LABEL = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9._@~^-]*(?:/[A-Za-z0-9_@][A-Za-z0-9._@~^-]*)*")
_LONGEST_LABEL = 100


class Root(NamedTuple):
    """One of the two, before anything of it is looked for.

    at: where a path of the project lies. shown_from: what paths are shown relative to.
    """

    name: str
    at: Callable[[str], Path]
    shown_from: Path
    settings: Settings


def root_of(chosen: str | None, given: Given, like: Path | None) -> Root:
    """Where a revision or a folder lies; None is the work tree. like: see `revision_root`.

    Raises a usage error for a folder that is not there, or SourceError.
    """
    if chosen is None:
        return _folder(WORK_TREE, Path(), given)
    if not chosen.strip():  # mostly a variable that is not set: nothing may pass for compared
        raise click.UsageError("an empty name is no revision and no folder")
    if _is_path(chosen):
        return _folder(chosen, _existing(chosen), given)
    try:
        repository = _repository()
    except SourceError:
        if is_folder(Path(chosen)):
            return _folder(chosen, Path(chosen), given)
        raise
    if not knows(repository, chosen) and is_folder(Path(chosen)):
        return _folder(chosen, Path(chosen), given)
    return revision_root(chosen, given, like)


def _is_path(chosen: str) -> bool:
    return chosen in {".", ".."} or chosen.startswith(("/", "./", "../"))


def _existing(chosen: str) -> Path:
    if not is_folder(Path(chosen)):
        raise click.UsageError(f"there is no folder `{chosen}` to compare")
    return Path(chosen)


def _repository() -> Repository:
    return open_repository(Path.cwd(), os.environ)


def _folder(name: str, folder: Path, given: Given) -> Root:
    return Root(name, lambda path: folder / path, Path.cwd(), _settings(name, folder, given))


def _settings(name: str, folder: Path, given: Given) -> Settings:
    try:
        return Settings() if given.isolated else read_settings(folder)
    except BadSettings as error:
        if name == WORK_TREE:
            raise click.UsageError(redact(str(error))) from None
        message = f"the configuration of `{name}` cannot be used: {redact(str(error))}"
        hint = "correct it, or leave it out of account with `--isolated`"
        raise SourceError(Finding("BFG153", message, hint=hint)) from None


def revision_root(revision: str, given: Given, like: Path | None = None) -> Root:
    """The files of a revision that a judgement reads, written to a private folder.

    like: a scenario that is wanted where it is there, too. Raises SourceError.
    """
    repository = _repository()
    commit = resolve(repository, revision)
    is_plain = _LABEL.fullmatch(revision) and len(revision) <= _LONGEST_LABEL
    label = revision if is_plain and ".." not in revision else commit[:12]
    folder = _private_folder()
    configured = folder / "settings"
    configured.mkdir()
    extract(repository, Selection(commit, _SETTINGS, label), lambda path: configured / path)
    settings = _settings(revision, configured, given)
    files = folder / "files"

    def at(path: str) -> Path:
        return files / f"{label}:{path}"

    extract(repository, Selection(commit, _wanted(given, settings, like), label), at)
    return Root(revision, at, files, settings)


def _private_folder() -> Path:
    """A folder of nobody else's, that is gone when the command ends."""
    folder = tempfile.TemporaryDirectory(prefix="bfg-policy-")
    click.get_current_context().call_on_close(folder.cleanup)
    return Path(folder.name)


def _wanted(given: Given, settings: Settings, like: Path | None) -> list[str]:
    """What of a revision is read: what is named within the project, and what lies where it does."""
    policies = given.policies or settings.policies or Path(POLICIES)
    contracts = given.contracts or settings.contracts or policies.parent / CONTRACTS
    named = [policies, contracts, Path(SCENARIOS), given.scenario or settings.scenario, like]
    paths = [_within(path) for path in named if path is not None]
    inside = [_inside(path) for path in paths if not path.is_absolute()]
    if "." in inside:
        raise click.UsageError("of a revision, folders below the project are read, and `.` is none")
    return list(dict.fromkeys(inside))


def _within(path: Path) -> Path:
    """A path relative to the current folder, where it lies below it."""
    cwd = Path.cwd()
    return path.relative_to(cwd) if path.is_relative_to(cwd) else path


def _inside(path: Path) -> str:
    """A path within the project, as git writes it. Raises a usage error for one that leads out."""
    plain = PurePosixPath(os.path.normpath(path.as_posix()))
    if ".." in plain.parts:
        raise click.UsageError(f"`{path}` leads out of the project; name a path within it")
    return plain.as_posix()


def placed(root: Root, path: Path) -> Path:
    """Where a path within the project lies; one that is outside of the current folder stays."""
    path = _within(path)
    return path if path.is_absolute() else root.at(_inside(path))
