"""A waiver put into a scenario's YAML by the smallest edit: nothing else of the text changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import yaml

from bfg_policy.errors import Finding, Place
from bfg_policy.instants import format_instant
from bfg_policy.recording.scalars import scalar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bfg_policy.source import Document

WAIVERS = "waivers"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Waive(NamedTuple):
    """What one actor asks for and another one approves. expires: UTC in whole seconds."""

    gate: str
    reason: str
    requested_by: str
    approved_by: str
    expires: datetime


def waiver(waive: Waive) -> dict[str, str]:
    """The waiver as `Waiver.v1`: plain data."""
    return {**waive._asdict(), "expires": format_instant(waive.expires)}


def with_waiver(document: Document, waive: Waive) -> str:
    """The document's text with one waiver more, at the end of its list.

    document: a scenario in YAML that obeys its contract. What comes out is for the caller to
    read again: only data that is the old with one waiver more is what was meant.
    """
    text, made = document.text, waiver(waive)
    root = yaml.compose(text, Loader=_LOADER)
    assert isinstance(root, yaml.MappingNode)
    edit = _Edit(text)
    for key, value in root.value:
        if key.value == WAIVERS and isinstance(value, yaml.SequenceNode):
            return _into_list(edit, root, (key, value), made)
    if root.flow_style:
        return edit.inserted(_end(root.value[-1][1]), f", {WAIVERS}: [{_in_braces(made)}]")
    column = root.start_mark.column
    lines = [" " * column + f"{WAIVERS}:", *_in_block(made, column + 2)]
    return edit.below(_end(root.value[-1][1]), lines)


def _into_list(
    edit: _Edit,
    root: yaml.MappingNode,
    entry: tuple[yaml.Node, yaml.SequenceNode],
    made: Mapping[str, str],
) -> str:
    key, listed = entry
    if not listed.value:
        start, end = listed.start_mark, listed.end_mark
        if root.flow_style or start.line != end.line:
            return edit.inserted(start.index + 1, _in_braces(made))
        return edit.instead(start.index, end.index, _in_block(made, key.start_mark.column + 2))
    last = listed.value[-1]
    if listed.flow_style:
        return edit.inserted(_end(last), f", {_in_braces(made)}")
    column = listed.start_mark.column
    if last.flow_style:
        return edit.below(_end(last), [" " * column + f"- {_in_braces(made)}"])
    return edit.below(_end(last), _in_block(made, column))


def _end(node: yaml.Node) -> int:
    """The offset behind the last character of a node; a block collection's own mark is later."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end: int = node.end_mark.index
    return end


def _in_block(made: Mapping[str, str], column: int) -> list[str]:
    lines = [f"{key}: {scalar(value)}" for key, value in made.items()]
    return [
        " " * column + ("- " if index == 0 else "  ") + line for index, line in enumerate(lines)
    ]


def _in_braces(made: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {scalar(value)}" for key, value in made.items()) + "}"


class _Edit:
    """One insertion into a text, with the line ends that it has."""

    def __init__(self, text: str) -> None:
        self._text = text
        first = text.find("\n")
        self._line_end = "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"

    def inserted(self, at: int, added: str) -> str:
        """The text with something more at an offset."""
        return self._text[:at] + added + self._text[at:]

    def below(self, at: int, lines: list[str]) -> str:
        """The text with lines more, below the line that the offset is on, or begins."""
        end = at if self._text[at - 1 : at] == "\n" else self._text.find("\n", at) + 1
        before = self._text[:end] if end else self._text + self._line_end
        after = self._text[end:] if end else ""
        return before + "".join(line + self._line_end for line in lines) + after

    def instead(self, start: int, end: int, lines: list[str]) -> str:
        """The text with lines in the place of a slice; a comment stays on the line above them."""
        line_end = self._text.find("\n", end)
        rest = self._text[end:] if line_end < 0 else self._text[end:line_end]
        before, comment = self._text[:start].rstrip(" "), rest.strip()
        kept = f"{before} {comment}" if comment else before
        after = "" if line_end < 0 else self._text[line_end + 1 :]
        return kept + self._line_end + "".join(line + self._line_end for line in lines) + after


def snippet(waive: Waive) -> str:
    """What somebody would write by hand."""
    return "\n".join([f"{WAIVERS}:", *_in_block(waiver(waive), 2)]) + "\n"


def cannot_edit(path: str, waive: Waive) -> Finding:
    """The finding for a text in which the waiver cannot be put without changing more than that."""
    return Finding(
        "BFG546",
        "the waiver cannot be put into this file without changing more than that",
        Place(path),
        note="nothing was written; what was to be added is:\n" + snippet(waive).rstrip("\n"),
        hint="add it to the list by hand",
    )
