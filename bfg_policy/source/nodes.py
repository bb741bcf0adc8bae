"""The document: plain data, and where in the file each key and value of it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from bfg_policy.errors import Place
    from bfg_policy.source.text import Text

Path: TypeAlias = Sequence[str | int]

# (start, end, children), offsets into the text. Children: None for a scalar, a list of nodes for
# a list, {key: (start of the key, end of the key, node of the value)} for a mapping.
Node: TypeAlias = "tuple[int, int, Children]"
Entry: TypeAlias = "tuple[int, int, Node]"
Children: TypeAlias = "list[Node] | dict[str, Entry] | None"


class Ambiguous(NamedTuple):
    """A plain scalar that YAML 1.1 and YAML 1.2 read differently.

    path: from the document's root. raw: as it is written. old, new: what it is in YAML 1.1 and
    in YAML 1.2, in words such as "the boolean true" and "a string".
    """

    path: tuple[str | int, ...]
    raw: str
    old: str
    new: str


class Document:
    """One file, read: its data, and the places of everything in it.

    path: as it is shown to people. text: the whole text, without a byte order mark.
    data: dicts, lists, str, int (64 bits), float (finite), bool and None; a dict at the top.
    Nothing changes a document, and nobody may change its data.
    """

    __slots__ = ("_ambiguous", "_data", "_locate", "_node", "_source")

    def __init__(
        self,
        source: Text,
        data: dict[str, object],
        node: Node | Callable[[], Node],
        ambiguous: tuple[Ambiguous, ...] = (),
    ) -> None:
        self._source = source
        self._data = data
        self._node = None if callable(node) else node
        self._locate = node if callable(node) else None
        self._ambiguous = ambiguous

    @property
    def path(self) -> str:
        """The file, as it is shown to people."""
        return self._source.path

    @property
    def text(self) -> str:
        """The whole text, without a byte order mark."""
        return self._source.text

    @property
    def data(self) -> dict[str, object]:
        """The values, in plain dicts, lists and scalars."""
        return self._data

    def place(self, path: Path = (), *, key: bool = False) -> Place:
        """Where the value at `path` stands, or with `key` the last key of the path.

        A scalar and a list or mapping in brackets stand where they are written; a mapping in
        block style stands at its first key, a list at its first hyphen. A value that is not
        written at all (`owner:`) stands at its key, a path that does not exist at the nearest
        part of it that does.
        """
        start, end = self._span(path, key=key)
        return self._source.place(start, end)

    def place_in(self, path: Path, start: int, end: int) -> Place:
        """Where the code points [start:end] of the string at `path` stand in the file.

        Sees through quotes, escapes, folding and indentation. Falls back to the whole token.
        """
        from bfg_policy.source.slices import offsets_of

        value = self._value(path)
        node = self._node_at(path)
        if isinstance(value, str) and node is not None:
            spans = offsets_of(self._source.text, node[0], node[1], value)
            if spans:
                last = len(spans) - 1
                if start > last:
                    return self._source.place(spans[last][1])
                return self._source.place(spans[start][0], spans[max(start, min(end - 1, last))][1])
        return self.place(path)

    def ambiguous(self, path: Path = ()) -> tuple[Ambiguous, ...]:
        """The scalars at `path` or below it that YAML 1.1 and 1.2 read differently."""
        here = tuple(path)
        return tuple(found for found in self._ambiguous if found.path[: len(here)] == here)

    def _root(self) -> Node:
        if self._node is None:
            assert self._locate is not None
            self._node = self._locate()
        return self._node

    def _span(self, path: Path, *, key: bool) -> tuple[int, int]:
        node = self._root()
        name = (node[0], node[0])
        for step in path:
            children = node[2]
            if isinstance(children, dict) and isinstance(step, str) and step in children:
                *_, node = entry = children[step]
                name = entry[:2]
            elif isinstance(children, list) and isinstance(step, int) and step < len(children):
                node = children[step]
                name = node[:2]
            else:
                return _token(node, name)
        return name if key else _token(node, name)

    def _node_at(self, path: Path) -> Node | None:
        node = self._root()
        for step in path:
            children = node[2]
            if isinstance(children, dict) and isinstance(step, str) and step in children:
                node = children[step][2]
            elif isinstance(children, list) and isinstance(step, int) and step < len(children):
                node = children[step]
            else:
                return None
        return node

    def _value(self, path: Path) -> object:
        value: object = self._data
        for step in path:
            try:
                value = value[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def _token(node: Node, name: tuple[int, int]) -> tuple[int, int]:
    start, end, _ = node
    return (start, end) if end > start else name
