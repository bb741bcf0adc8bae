"""The only output IO: whole files, put in place at once, never outside their root."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from bfg_policy.errors import Finding, Place, RenderError, SourceError
from bfg_policy.source import read_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def write_tree(root: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    """Write files below `root`, which is made where it is missing; those that differ, in order.

    files: text by relative path, `/` between its parts. A file that has its text already is
    left alone. Raises RenderError (BFG605) where a file cannot be written, or where the way to
    it leads through a symbolic link.
    """
    changed = []
    for name, text in sorted(files.items()):
        path = root.joinpath(*name.split("/"))
        _refuse_links(root, path)
        if read_existing(root, name) != text:
            write_file(path, text)
            changed.append(path)
    return tuple(changed)


def write_file(path: Path, text: str) -> None:
    """Replace a file by `text` (UTF-8, line feeds) so that nobody ever sees half of it.

    Raises RenderError (BFG605) where that is not possible.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Replace a file by `data`, as `write_file` does; mode: of a new file, less the umask."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data, mode)
    except OSError as error:
        raise _cannot_write(path, error.strerror or type(error).__name__) from None


def read_existing(root: Path, name: str) -> str | None:
    """The text of a file below `root` that was written before; None where there is none.

    A link on the way, or a file that cannot be read, is no file that was written here.
    """
    try:
        return read_bytes(root.joinpath(*name.split("/")), root=root).decode("utf-8", "replace")
    except SourceError:
        return None


def existing_files(root: Path) -> tuple[str, ...]:
    """The relative paths of the regular files below `root`, sorted; none where it is missing."""
    if root.is_symlink():
        return ()
    found = (path for path in root.rglob("*") if stat.S_ISREG(path.lstat().st_mode))
    return tuple(sorted(path.relative_to(root).as_posix() for path in found))


def _replace(path: Path, data: bytes, mode: int) -> None:
    if path.is_dir():
        raise IsADirectoryError(None, "it is a folder")
    # Beside the file, for a rename is atomic only within one file system.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, _NEW_FILE, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a crash, where the system lets a folder be synced."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def _refuse_links(root: Path, path: Path) -> None:
    """Nothing from the root down may be a link: it would lead the writing elsewhere."""
    for part in (path, *path.parents):
        if part.is_symlink():
            raise _cannot_write(part, "it is a symbolic link")
        if part == root:
            return


def _cannot_write(path: Path, why: str) -> RenderError:
    return RenderError(
        Finding(
            "BFG605",
            f"cannot write: {why}",
            Place(str(path)),
            note="what is there was left as it is",
            hint="look at the folder's permissions and free space, or choose another path",
        )
    )
