"""A new pack that passes: the files that `bfg-policy init` writes, by path."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

from bfg_policy.resources import scaffold

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_ID = "my-pack"
# Where the workflow of each CI system lies in a repository; the key is the choice of `--ci`.
WORKFLOWS: Mapping[str, str] = {
    "github": ".github/workflows/readiness.yml",
    "gitlab": ".gitlab-ci.yml",
}
_PLACEHOLDER = "PACK-ID"
_CI = "ci/"


def is_id(text: str) -> bool:
    """Whether a text can be the id of a pack: `[a-z0-9]+(-[a-z0-9]+)*`, at most 100 letters."""
    return len(text) <= 100 and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) is not None


def id_from(name: str) -> str:
    """An id out of a folder's name, or DEFAULT_ID where nothing of it can stand in one."""
    bare = "".join(each for each in normalize("NFKD", name) if not combining(each))
    words = re.findall(r"[a-z0-9]+", bare.lower())
    made = "-".join(words)
    return made if is_id(made) else DEFAULT_ID


def new_pack(pack: str, ci: str | None) -> dict[str, str]:
    """The files of a new pack, by path from the project's folder; without the contracts.

    pack: its id. ci: a key of WORKFLOWS, or None for no workflow.
    """
    files = {
        path: text.replace(_PLACEHOLDER, pack)
        for path, text in _templates().items()
        if not path.startswith(_CI)
    }
    if ci is not None:
        files[WORKFLOWS[ci]] = _templates()[f"{_CI}{ci}.yml"]
    return files


@cache
def _templates() -> Mapping[str, str]:
    """The packaged files by path. They are part of the program: read once, and no input."""
    root = scaffold()
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*.*"))
        if path.is_file()
    }
