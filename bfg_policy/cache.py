"""Linked packs in the user's own cache folder: what did not change is not compiled again.

An entry is found by the digest of everything that went into it, so it is never out of date. It
is a pickle, which runs code when it is read: so it lies in a folder that belongs to the user
alone, is believed only while nobody else can write there, and never lies in a checkout, where
a pull request could plant one.
"""

from __future__ import annotations

import os
import pickle
import stat
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from bfg_policy import __version__
from bfg_policy.errors import RenderError
from bfg_policy.writer import write_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

_SUFFIX = ".pack"
# How many entries are kept; the oldest make room.
_MOST_ENTRIES = 64
_PACKAGE = Path(__file__).resolve().parent


class PackCache:
    """Linked packs by key. Whatever goes wrong with the folder, the cache is merely empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> object | None:
        """What was put under a key; None where there is nothing that can be believed."""
        path = self._folder / (key + _SUFFIX)
        try:
            if not _is_private(self._folder) or not _is_private(path):
                return None
            return pickle.loads(path.read_bytes())  # type: ignore[no-any-return]  # noqa: S301
        except Exception:  # an entry that cannot be read is no entry
            return None

    def put(self, key: str, value: object) -> None:
        """Keep a value. A folder that cannot be written to keeps nothing, and nobody is told."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_private(self._folder):
                data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
                write_bytes(self._folder / (key + _SUFFIX), data, mode=0o600)
                self._make_room()
        except (OSError, RenderError):
            return

    def _make_room(self) -> None:
        entries = sorted(self._folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)
        for path in entries[:-_MOST_ENTRIES]:
            path.unlink(missing_ok=True)


def key_of(parts: Iterable[tuple[str, bytes]]) -> str:
    """The key of a pack: the digest of its files by name, of this product and of this Python."""
    digest = sha256(_product().encode())
    for name, data in parts:
        digest.update(f"\n{len(name)}:{len(data)}:{name}".encode("utf-8", "backslashreplace"))
        digest.update(data)
    return digest.hexdigest()


def _product() -> str:
    """The product and the Python that run; in a checkout the code changes without its version."""
    modules = sorted(_PACKAGE.rglob("*.py"))
    stamps = [f"{each.name} {(s := each.stat()).st_mtime_ns} {s.st_size}" for each in modules]
    return "\n".join([__version__, sys.version, sys.implementation.cache_tag or "", *stamps])


def _is_private(path: Path) -> bool:
    """Whether a file or folder is the user's own and nobody else may write to it."""
    status = path.lstat()
    is_own = status.st_uid == os.geteuid()
    is_plain = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return is_own and is_plain and not status.st_mode & 0o022
