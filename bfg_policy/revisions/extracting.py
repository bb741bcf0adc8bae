"""Files of a commit -> a private folder, as a checkout would have them, but for what misleads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from bfg_policy.errors import Finding, Place, SourceError
from bfg_policy.source import MAX_BYTES, MAX_DEPTH, MAX_FILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from bfg_policy.revisions.git import Repository

_LINK, _SUBMODULE = "120000", "160000"
# Bytes of all files together, and of those that are asked for at once.
_MOST_BYTES = 256 * 1024 * 1024
_MOST_AT_ONCE = 32 * 1024 * 1024
# Where every link leads: nowhere. Readers see that it is one, and nobody could follow it.
_NOWHERE = ".not-followed"


class Selection(NamedTuple):
    """What of a commit is wanted: files and folders, relative to the project, `/` between parts.

    name: what stands before them, for people.
    """

    commit: str
    paths: Sequence[str]
    name: str


class _Entry(NamedTuple):
    """One entry of a tree. size: in bytes; 0 for what is no file."""

    mode: str
    object: str
    size: int
    path: str


def extract(repository: Repository, selection: Selection, placed: Callable[[str], Path]) -> None:
    """Write the selected files of a commit into a private folder.

    placed: where a path of the project is written; a path that leads out of it is not asked for.
    What is not in the commit is left out. A link is written as a link that leads nowhere, a
    submodule as an empty folder, and a file that is too large to be read as one of that size with
    nothing in it: so that whoever reads the folder says of them what is said of a work tree.
    Raises SourceError (BFG152) for what could lead out of the folder, a selected path that is a
    link or a submodule, too many files or bytes, and an object that is missing.
    """
    if not selection.paths:
        return
    wanted = [repository.prefix + path for path in selection.paths]
    _refuse_links(repository, selection, wanted)
    entries = list(_entries(repository, selection.commit, wanted, recursive=True))
    if len(entries) > MAX_FILES:
        _refuse(f"more than {MAX_FILES:,} files, the limit")
    if sum(each.size for each in entries if each.size <= MAX_BYTES) > _MOST_BYTES:
        _refuse(f"more than {_MOST_BYTES:,} bytes, the limit")
    for batch in _batches(entries):
        _write(repository, batch, selection.name, placed)


def _refuse_links(repository: Repository, selection: Selection, wanted: Iterable[str]) -> None:
    """Nothing that was selected, nor a folder above it, may be a link or a submodule."""
    paths = {path: None for each in wanted for path in _with_parents(each)}
    for entry in _entries(repository, selection.commit, list(paths), recursive=False):
        if entry.mode in (_LINK, _SUBMODULE):
            kind = "a symbolic link" if entry.mode == _LINK else "a submodule"
            place = _place(selection.name, entry.path.removeprefix(repository.prefix))
            _refuse(f"{kind}, which is not followed", place)


def _with_parents(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[: index + 1]) for index in range(len(parts)))


def _entries(
    repository: Repository, commit: str, paths: Sequence[str], *, recursive: bool
) -> Iterator[_Entry]:
    options = ["-z", "--long", "--full-tree", *(["-r"] if recursive else [])]
    listed = repository.run("ls-tree", *options, commit, "--", *paths)
    for line in listed.split(b"\0"):
        if line:
            about, _, name = line.partition(b"\t")
            mode, _, name_of_object, size = about.decode("ascii").split()
            path = os.fsdecode(name)
            yield _Entry(mode, name_of_object, int(size) if size.isdigit() else 0, path)


def _batches(entries: Iterable[_Entry]) -> Iterator[list[_Entry]]:
    batch: list[_Entry] = []
    size = 0
    for entry in entries:
        if batch and size > _MOST_AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size if entry.size <= MAX_BYTES else 0
    if batch:
        yield batch


def _write(
    repository: Repository, entries: Sequence[_Entry], name: str, placed: Callable[[str], Path]
) -> None:
    files = [each for each in entries if each.mode not in (_LINK, _SUBMODULE)]
    small = [each for each in files if each.size <= MAX_BYTES]
    blobs = _blobs(repository, small, name)
    for entry in entries:
        path = placed(_checked(entry.path.removeprefix(repository.prefix), name))
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.mode == _LINK:
            path.symlink_to(_NOWHERE)
        elif entry.mode == _SUBMODULE:
            path.mkdir(exist_ok=True)
        elif entry.size > MAX_BYTES:
            path.touch()
            os.truncate(path, entry.size)
        else:
            path.write_bytes(blobs[entry.object])


def _blobs(repository: Repository, entries: Sequence[_Entry], name: str) -> dict[str, bytes]:
    """The contents of files by their object's name, in the form of `git cat-file --batch`."""
    if not entries:
        return {}
    asked = "".join(f"{each.object}\n" for each in entries)
    answer = repository.run("cat-file", "--batch", data=asked.encode("ascii"))
    blobs: dict[str, bytes] = {}
    start = 0
    for entry in entries:
        end = answer.find(b"\n", start)
        head = answer[start:end].decode("ascii", "replace").split()
        if len(head) != 3 or head[1] != "blob":
            _missing(_place(name, entry.path.removeprefix(repository.prefix)))
        start = end + 1 + int(head[2])
        blobs[entry.object] = answer[end + 1 : start]
        start += 1  # the line end after it
    return blobs


def _checked(path: str, name: str) -> str:
    """A path below the project. A tree may be made by hand, so what leads out of it is refused."""
    parts = path.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        _refuse("a path that leads out of its folder", _place(name, path))
    if len(parts) > MAX_DEPTH:
        _refuse(f"a path of more than {MAX_DEPTH} folders, the limit", _place(name, path))
    return path


def _place(name: str, path: str) -> Place:
    """A path as git writes it: after the revision's name."""
    return Place(f"{name}:{os.fsencode(path).decode('utf-8', 'backslashreplace')}")


def _refuse(what: str, place: Place | None = None) -> NoReturn:
    raise SourceError(
        Finding(
            "BFG152",
            f"the revision holds {what}",
            place or Place(),
            note="what is read must be in the repository itself, and within the limits",
            hint="put a regular file or folder there, or compare checked-out folders",
        )
    )


def _missing(place: Place) -> NoReturn:
    raise SourceError(
        Finding(
            "BFG152",
            "git does not have this file of the revision here",
            place,
            note="the clone is partial, or damaged",
            hint="fetch it whole: without `--filter`, and with `fetch-depth: 0`",
        )
    )
