"""The only output IO: whole files, put in place at once, never outside their root."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bfg_policy.errors import Finding, Place, RenderError, SourceError
from bfg_policy.source import read_bytes, shown_path
from bfg_policy.source.limits import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LOCK_ATTEMPTS = 200
_LOCK_PAUSE = 0.05  # seconds
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def write_tree(root: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    """Write files below `root`, which is made where it is missing; those that differ, in order.

    files: text by relative path, `/` between its parts. A file that has its text already is
    left alone. Raises RenderError (BFG605) where a file cannot be written, or where the way to
    it leads through a symbolic link.
    """
    paths = {name: root.joinpath(*name.split("/")) for name in sorted(files)}
    for path in paths.values():
        _refuse_links(root, path)  # all of them first: new files beside old ones would mislead
    changed = []
    for name, path in paths.items():
        text = files[name]
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


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else who asks for the same lock is in `folder` meanwhile; for reading and rewriting.

    The lock is the system's own on the folder itself: it leaves no file behind, and ends with
    the process. Raises RenderError (BFG605) where somebody holds it for more than 10 seconds.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _cannot_write(folder, error.strerror or type(error).__name__) from None
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    import fcntl

    for _ in range(_LOCK_ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOCK_PAUSE)
        except OSError as error:
            raise _cannot_write(folder, error.strerror or type(error).__name__) from None
        else:
            return
    raise _cannot_write(folder, "another run is writing there, and does not end")


def append_file(path: Path, text: str) -> None:
    """Add a text (UTF-8) to the end of a file that belongs to somebody else, such as a CI system.

    Raises RenderError (BFG605) where that is not possible, or where it is no regular file.
    """
    try:
        _refuse_other_kinds(path)
        with path.open("ab") as stream:
            stream.write(text.encode("utf-8"))
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
    """The relative paths of the regular files below `root`, sorted; none where it is missing.

    No link is followed, and no folder below MAX_DEPTH is looked into: nothing was written there.
    """
    if root.is_symlink() or not root.is_dir():
        return ()
    found: list[str] = []
    waiting = [(root, 0)]
    while waiting:
        folder, depth = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                path = Path(entry.path)
                if entry.is_file(follow_symlinks=False):
                    found.append(path.relative_to(root).as_posix())
                elif depth < MAX_DEPTH and entry.is_dir(follow_symlinks=False):
                    waiting.append((path, depth + 1))
    return tuple(sorted(found))


def _replace(path: Path, data: bytes, mode: int) -> None:
    if path.is_dir():
        raise IsADirectoryError(None, "it is a folder")
    _refuse_other_kinds(path)
    # Beside the file, for a rename is atomic only within one file system. A name of its own each
    # time: what a killed run left behind, even under the same process id, is in nobody's way.
    temporary = path.with_name(f".{os.urandom(8).hex()}.tmp")
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


def _refuse_other_kinds(path: Path) -> None:
    # A rename would put a file in the place of a pipe or of the system's own device.
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise OSError(None, "it is a link, a pipe or a device, and no file")


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
        if _is_link(part):
            raise _cannot_write(part, "it is a symbolic link")
        if part == root:
            return


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError as error:  # a folder that nobody may look into, or a name too long
        raise _cannot_write(path, error.strerror or type(error).__name__) from None


def _cannot_write(path: Path, why: str) -> RenderError:
    return RenderError(
        Finding(
            "BFG605",
            f"cannot write: {why}",
            Place(shown_path(path, None)),
            note="what is there was left as it is",
            hint="look at the folder's permissions and free space, or choose another path",
        )
    )
