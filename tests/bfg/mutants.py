"""Mistakes in a YAML text: where every key and value stands, and the text with one of it changed.

The places come from PyYAML's own marks, not from the product's reader, so that the two can be
held against each other. Texts are edited, never dumped again: whatever is not touched stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

import yaml

Steps = tuple[str | int, ...]


class Part(NamedTuple):
    """One entry of a mapping or item of a list.

    key: the span of its key, None for an item. start, end: the span of its value, without what
    follows it. value: of a scalar; None of a mapping or list, whose entries are `size`.
    """

    path: Steps
    key: tuple[int, int] | None
    start: int
    end: int
    value: object
    kind: str  # "scalar", "mapping" or "list"
    size: int
    is_flow: bool

    @property
    def first(self) -> int:
        """Where the whole entry begins."""
        return self.key[0] if self.key else self.start


class Mutant(NamedTuple):
    """A text with one mistake: its slice [start:end] became `new`.

    kind: what was done; path: to what, by its old name. token: the offset in the new text at
    which the mistake stands; of something that was taken away, the start of what should hold it.
    """

    kind: str
    path: Steps
    written: Written
    start: int
    end: int
    new: str
    token: int

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))} {self.kind}: {self.new.strip()[:60]!r}"

    @property
    def text(self) -> str:
        """The whole new text."""
        old = self.written.text
        return old[: self.start] + self.new + old[self.end :]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of an offset in the new text."""
        before = self.text[:offset]
        return before.count("\n") + 1, offset - before.rfind("\n")

    def moved(self, offset: int) -> int:
        """Where something outside the slice stands now."""
        return offset if offset < self.end else offset + len(self.new) - self.end + self.start


_KINDS: dict[type[yaml.Node], str] = {yaml.MappingNode: "mapping", yaml.SequenceNode: "list"}


class Written:
    """A YAML text and all its parts, by path, in the order written."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: dict[Steps, Part] = {}
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        assert root is not None
        self._constructed = loader
        self._add((), None, root, is_flow=False)

    def _add(
        self, path: Steps, key: tuple[int, int] | None, node: yaml.Node, *, is_flow: bool
    ) -> int:
        """Register a node and all below it; gives the offset at which it really ends."""
        start = node.start_mark.index
        end = start + len(self.text[start : node.end_mark.index].rstrip())
        children = self._children(node)
        kind = _KINDS.get(type(node), "scalar")
        value = self._constructed.construct_object(node) if kind == "scalar" else None
        self.parts[path] = Part(path, key, start, end, value, kind, len(children), is_flow)
        flow = bool(getattr(node, "flow_style", False))
        for step, span, child in children:
            last = self._add((*path, step), span, child, is_flow=flow)
            if not flow:
                end = last  # a block's own mark lies behind blank lines and comments
        self.parts[path] = self.parts[path]._replace(end=end)
        return end

    def _children(
        self, node: yaml.Node
    ) -> list[tuple[str | int, tuple[int, int] | None, yaml.Node]]:
        if isinstance(node, yaml.MappingNode):
            return [
                (key.value, (key.start_mark.index, key.end_mark.index), value)
                for key, value in node.value
            ]
        if isinstance(node, yaml.SequenceNode):
            return [(index, None, item) for index, item in enumerate(node.value)]
        return []

    def below(self, path: Steps) -> list[Part]:
        """The direct entries of a mapping or list."""
        depth = len(path) + 1
        return [
            part for found, part in self.parts.items() if len(found) == depth and found[:-1] == path
        ]

    def with_value(self, part: Part, new: str, kind: str) -> Mutant:
        """Another value, in YAML; one in block style goes as a whole."""
        if part.key is None:
            return Mutant(kind, part.path, self, part.start, part.end, new, part.start)
        start = part.key[1]
        return Mutant(kind, part.path, self, start, part.end, f": {new}", start + 2)

    def with_key(self, part: Part, new: str, kind: str) -> Mutant:
        """Another key."""
        assert part.key is not None
        return Mutant(kind, part.path, self, *part.key, new, part.key[0])

    def without(self, part: Part, kind: str = "removed") -> Mutant:
        """One entry less, in whatever style it stands."""
        parent = self.parts[part.path[:-1]]
        siblings = self.below(parent.path)
        index = siblings.index(part)
        if len(siblings) == 1:
            emptied = self.with_value(parent, "{}" if parent.kind == "mapping" else "[]", kind)
            return emptied._replace(path=part.path)
        if index + 1 < len(siblings):
            start, end = part.first, siblings[index + 1].first
        else:
            start, end = siblings[index - 1].end, part.end
        return Mutant(kind, part.path, self, start, end, "", parent.start)


def misspelt(word: str) -> Iterator[str]:
    """The word with one letter changed, with one left out, and with one too many."""
    letters = [index for index, letter in enumerate(word) if letter.isalpha()]
    if not letters:
        return
    at = letters[len(letters) // 2]
    other = "q" if word[at] not in "qQ" else "x"
    changed = other.upper() if word[at].isupper() else other
    yield word[:at] + changed + word[at + 1 :]
    if len(word) > 1:
        yield word[:at] + word[at + 1 :]
    yield word[:at] + word[at] + word[at:]


def matches(path: Steps, pattern: str) -> bool:
    """`*` stands for one step, `**` at the end for any that follow."""
    steps = pattern.split(".")
    if steps[-1] == "**":
        steps.pop()
        path = path[: len(steps)]
    return len(path) == len(steps) and all(map(fnmatchcase, map(str, path), steps))
