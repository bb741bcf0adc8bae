"""One document out of several files, that still knows where each part of it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bfg_policy.errors import Place
    from bfg_policy.source import Ambiguous, Document

Path = tuple[str | int, ...]


def path_text(path: Sequence[str | int]) -> str:
    """A path as people write it: `snapshot.rows.audit`, `actors[0].id`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


class Merged:
    """A document whose parts come from one or more files.

    data: the whole; origins: for the root of each part, the file's document and the path of the
    part in it. The longest root that fits a path tells where it stands.
    """

    def __init__(self, data: Mapping[str, object], origins: Mapping[Path, tuple[Document, Path]]):
        self.data = data
        self._origins = dict(origins)
        self._deepest = max(map(len, self._origins))

    def place(self, path: Sequence[str | int] = (), *, key: bool = False) -> Place:
        """Where the value at `path`, or its key, stands."""
        document, inner = self._origin(tuple(path))
        return document.place(inner, key=key)

    def ambiguous(self, path: Sequence[str | int] = ()) -> tuple[Ambiguous, ...]:
        """The scalars at `path` or below it that YAML 1.1 and 1.2 read differently."""
        here = tuple(path)
        found = {
            (*root, *each.path[len(inner) :]): each
            for root, (document, inner) in self._origins.items()
            for each in document.ambiguous(inner)
        }
        return tuple(
            each._replace(path=at) for at, each in found.items() if at[: len(here)] == here
        )

    def _origin(self, path: Path) -> tuple[Document, Path]:
        for length in range(min(len(path), self._deepest), -1, -1):
            found = self._origins.get(path[:length])
            if found is not None:
                document, inner = found
                return document, inner + path[length:]
        raise KeyError(path)  # the root is always there


class Below:
    """A part of a merged document, with paths that begin at the part."""

    def __init__(self, whole: Merged, prefix: Path) -> None:
        self._whole = whole
        self._prefix = prefix

    def place(self, path: Sequence[str | int] = (), *, key: bool = False) -> Place:
        """Where the value at `path` below the part, or its key, stands."""
        return self._whole.place((*self._prefix, *path), key=key)

    def ambiguous(self, path: Sequence[str | int] = ()) -> tuple[Ambiguous, ...]:
        """As `Merged.ambiguous`, below the part."""
        depth = len(self._prefix)
        found = self._whole.ambiguous((*self._prefix, *path))
        return tuple(each._replace(path=each.path[depth:]) for each in found)
