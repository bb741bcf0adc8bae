"""Opening what a pull request brings: regular files below a root, and nothing else."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from bfg_policy.errors import Finding, Place, SourceError
from bfg_policy.secrets import redact, sightings
from bfg_policy.source.credentials import checked_text
from bfg_policy.source.json_text import read_json
from bfg_policy.source.limits import MAX_BYTES, MAX_DEPTH, MAX_FILES
from bfg_policy.source.yaml_events import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.source.nodes import Document

# What is read as data; everything but the last is YAML.
DATA_SUFFIXES = (".yaml", ".yml", ".json")
_NO_LINKS = "what is read must be in the repository itself"
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISLNK, "a symbolic link"),
)


class Listing(NamedTuple):
    """What a folder holds.

    files: what is to be read, in the order of their paths. findings: what is there and cannot
    be read (BFG101), or is not read though it looks as if it were meant to be (BFG115).
    """

    files: tuple[Path, ...]
    findings: tuple[Finding, ...] = ()


def parse_document(data: bytes, path: str, *, json: bool = False) -> Document:
    """The document of some bytes; raises SourceError with all that is wrong with them.

    path: as it is shown to people. json: whether it is JSON; else YAML, which JSON mostly is too.
    """
    if len(data) > MAX_BYTES:
        _refuse_large(path, MAX_BYTES)
    source = checked_text(data, path)
    return read_json(source) if json else read_yaml(source)


def read_document(
    file: Path, *, root: Path, max_bytes: int = MAX_BYTES, shown: str | None = None
) -> Document:
    """The document in a `.yaml`, `.yml` or `.json` file at or below `root`.

    shown: the path as it is shown to people; by default as given. Raises SourceError: BFG101 for
    what is no readable regular file, BFG112 for one of more than `max_bytes`, and whatever
    `parse_document` says of what is in it. Follows no symbolic link below the root.
    """
    path = shown if shown is not None else shown_path(file, None)
    suffix = file.suffix.lower()
    if suffix not in DATA_SUFFIXES:
        _refuse("BFG101", path, f"a file of the kind `{suffix}` is not read", "use YAML or JSON")
    return parse_document(
        read_bytes(file, root=root, max_bytes=max_bytes, shown=path), path, json=suffix == ".json"
    )


def read_bytes(
    file: Path, *, root: Path, max_bytes: int = MAX_BYTES, shown: str | None = None
) -> bytes:
    """The bytes of a regular file at or below `root`; raises SourceError as `read_document`."""
    path = shown if shown is not None else shown_path(file, None)
    try:
        handle = _open_below(file, root, path)
    except OSError as error:
        _refuse("BFG101", path, _why_not(error))
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            _refuse("BFG101", path, f"{_kind(status.st_mode)}, not a regular file")
        with os.fdopen(handle, "rb", closefd=False) as opened:
            data = opened.read(max_bytes + 1) if status.st_size <= max_bytes else None
    except OSError as error:
        _refuse("BFG101", path, _why_not(error))
    finally:
        os.close(handle)
    if data is None or len(data) > max_bytes:
        _refuse_large(path, max_bytes)
    return data


def read_text(
    file: Path, *, root: Path, max_bytes: int = MAX_BYTES, shown: str | None = None
) -> str:
    """The text of a file that is no document; raises SourceError as `read_bytes`, and for what is
    not UTF-8 (BFG102) or holds a credential (BFG701).
    """
    path = shown if shown is not None else shown_path(file, None)
    return checked_text(read_bytes(file, root=root, max_bytes=max_bytes, shown=path), path).text


def list_files(
    folder: Path,
    *,
    root: Path,
    suffix: str,
    deep: bool = False,
    cwd: Path | None = None,
    beside: tuple[str, ...] | None = None,
) -> Listing:
    """The files of `folder` whose names end in `suffix` (such as ".yaml"), sorted.

    deep: also in the folders below it. cwd: what paths are shown relative to. A missing folder
    holds nothing. Names that begin with a dot are passed over. A symbolic link or a device with
    such a name is a finding, and so is a YAML or JSON file of another suffix: whoever wrote it
    thinks that it counts. beside: the endings that other files may have there; any file of none
    of them is a warning, where it is no README.
    """
    files: list[Path] = []
    findings: list[Finding] = []
    try:
        _check_parents(folder, root, shown_path(folder, cwd))
        for entry in _entries(folder, deep=deep):
            finding = _stray(entry, suffix, deep=deep, cwd=cwd) or _unread(
                entry, suffix, beside, cwd
            )
            if finding is not None:
                findings.append(finding)
            elif entry.name.endswith(suffix) and entry.is_file(follow_symlinks=False):
                files.append(Path(entry.path))
            if len(files) + len(findings) > MAX_FILES:
                message = f"the folder holds more than {MAX_FILES:,} files, the limit"
                _refuse("BFG112", shown_path(folder, cwd), message)
    except FileNotFoundError:
        return Listing(())
    except OSError as error:
        _refuse("BFG101", shown_path(folder, cwd), _why_not(error))
    return Listing(tuple(sorted(files)), tuple(findings))


def unreadable(error: OSError, cwd: Path) -> Finding:
    """The finding for a file or folder that the system keeps from us, wherever it was met."""
    path = shown_path(Path(os.fsdecode(error.filename)), cwd)
    return Finding("BFG101", _why_not(error), Place(path))


def shown_path(path: Path, cwd: Path | None) -> str:
    """A path as people see it: relative to `cwd` when below it, else as given.

    Bytes of a name that are not UTF-8 are shown as escapes, so that every output can carry it, and
    what looks like a credential in it is not shown.
    """
    if cwd is not None and path.is_absolute() and path.is_relative_to(cwd):
        path = path.relative_to(cwd)
    return redact(os.fsencode(path).decode("utf-8", "backslashreplace"))


def _entries(folder: Path, *, deep: bool) -> Iterator[os.DirEntry[str]]:
    waiting = [(folder, 0)]
    while waiting:
        here, depth = waiting.pop()
        with os.scandir(here) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            if entry.name.startswith("."):
                continue
            yield entry
            if deep and depth < MAX_DEPTH and entry.is_dir(follow_symlinks=False):
                waiting.append((Path(entry.path), depth + 1))


def _stray(entry: os.DirEntry[str], suffix: str, *, deep: bool, cwd: Path | None) -> Finding | None:
    """What is wrong with an entry of a folder, if there is something."""
    path = shown_path(Path(entry.path), cwd)
    meant = entry.name.endswith(suffix)
    if meant and (seen := sightings(os.fsencode(entry.name).decode("utf-8", "replace"))):
        message = f"its name looks like {seen[0].kind}"
        return Finding("BFG701", message, Place(path), hint="revoke it, and rename the file")
    if entry.is_dir(follow_symlinks=False):
        return Finding("BFG101", "a folder, not a regular file", Place(path)) if meant else None
    if entry.is_symlink():
        if not meant and not (deep and entry.is_dir()):
            return None
        return Finding(
            "BFG101", "a symbolic link, which is not followed", Place(path), note=_NO_LINKS
        )
    if meant and not entry.is_file(follow_symlinks=False):
        kind = _kind(entry.stat(follow_symlinks=False).st_mode)
        return Finding("BFG101", f"{kind}, not a regular file", Place(path))
    if not meant and entry.name.lower().endswith(DATA_SUFFIXES):
        return Finding(
            "BFG115",
            f"this file is not read: here, files end in `{suffix}`",
            Place(path),
            note="what stands in it would count for nothing",
            hint=f"rename it to `*{suffix}`, or move it away",
        )
    return None


def _unread(
    entry: os.DirEntry[str], suffix: str, beside: tuple[str, ...] | None, cwd: Path | None
) -> Finding | None:
    """The warning for a file that nobody reads, and that does not look like one for people."""
    name = entry.name.lower()
    is_known = name.endswith((suffix, *(beside or ()))) or name.partition(".")[0] == "readme"
    if beside is None or is_known or not entry.is_file(follow_symlinks=False):
        return None
    return Finding(
        "BFG115",
        f"this file is not read: here, files end in `{suffix}`",
        Place(shown_path(Path(entry.path), cwd)),
        severity="warning",
        note="what stands in it counts for nothing",
        hint=f"rename it to `*{suffix}`, or move it away",
    )


def _open_below(file: Path, root: Path, shown: str) -> int:
    """A handle of a file at or below the root, with no symbolic link on the way down."""
    parts = _parts_below(file, root, shown)
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    if not parts:
        # The root itself was named by the user, who may name it through a link.
        return os.open(root, flags & ~os.O_NOFOLLOW)
    here = os.open(root, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            below = os.open(part, flags | os.O_DIRECTORY, dir_fd=here)
            os.close(here)
            here = below
        return os.open(parts[-1], flags, dir_fd=here)
    finally:
        os.close(here)


def _check_parents(folder: Path, root: Path, shown: str) -> None:
    here = root
    for part in _parts_below(folder, root, shown):
        here = here / part
        if here.is_symlink():
            _refuse("BFG101", shown, "a symbolic link, which is not followed", note=_NO_LINKS)


def _parts_below(file: Path, root: Path, shown: str) -> tuple[str, ...]:
    try:
        parts = file.relative_to(root).parts
    except ValueError:
        parts = ("..",)
    if ".." in parts:
        _refuse("BFG101", shown, "the path leads out of the folder that may be read")
    return parts


def _why_not(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "the file may not be read by this user"
    if error.errno in {40, 20}:  # ELOOP and ENOTDIR: O_NOFOLLOW met a link
        return "a symbolic link is on the way, which is not followed"
    return f"the file cannot be read ({os.strerror(error.errno or 0).lower()})"


def _kind(mode: int) -> str:
    return next((name for test, name in _KINDS if test(mode)), "something else")


def _refuse_large(shown: str, most: int) -> NoReturn:
    message = f"the file is larger than {most:,} bytes, the limit"
    raise SourceError(Finding("BFG112", message, Place(shown, 1, 1)))


def _refuse(
    code: str, path: str, message: str, hint: str | None = None, note: str | None = None
) -> NoReturn:
    raise SourceError(Finding(code, message, Place(path), hint=hint, note=note))
