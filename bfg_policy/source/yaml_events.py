"""YAML text to plain data with places, in one pass over the parser's events."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from bfg_policy.source.characters import forbidden_characters
from bfg_policy.source.faults import Faults, Stop
from bfg_policy.source.limits import MAX_DEPTH, MAX_NODES
from bfg_policy.source.nodes import Ambiguous, Children, Document, Node
from bfg_policy.source.scalars import SPECIAL_FIRST, Plain, read_plain
from bfg_policy.source.shown import cut
from bfg_policy.source.stand_ins import stand_ins_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from bfg_policy.source.text import Text

# The C parser where PyYAML was built with it; the pure one gives the same events, slowly.
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_PROPERTY = re.compile(r"[&!][^\s,\[\]{}]*")
_NEXT_LINE = re.compile(r"[\r\n]([ ]*)(?=[^\s])")
_WHY_NO_ALIASES = "what is meant must stand where it is read; and aliases make bombs"
_HOW_WITHOUT = "write the values out: anchors, aliases and merge keys (`<<`) are not read"
_MERGE_KEY = "<<"


def read_yaml(source: Text) -> Document:
    """The document of a YAML text; raises SourceError with all that is wrong with it.

    Values have YAML 1.2's core types. One document, its top a mapping with string keys; no
    anchors, aliases, merge keys, tags, duplicate keys, or numbers outside 64 bits.
    """
    faults = Faults(source)
    forbidden_characters(source, faults)
    faults.raise_if_any()
    stand_ins = stand_ins_for(source, faults)
    reader = _Reader(source, faults, {ord(to): known for known, to in stand_ins.items()})
    text = source.text
    for known, to in stand_ins.items():
        text = text.replace(known, to)
    reader.read(text)
    faults.raise_if_any()
    return reader.document()


class _Frame:
    """A list or mapping that is being read."""

    __slots__ = ("as_key", "children", "flow", "into", "key", "key_end", "key_start", "start")

    def __init__(self, into: list[object] | dict[str, object], start: int, *, flow: bool) -> None:
        self.into = into
        self.children: Children = [] if isinstance(into, list) else {}
        self.start = start
        self.flow = flow
        self.as_key = False
        self.key: str | None = None
        self.key_start = self.key_end = 0


class _Reader:
    """Builds the data and the places of one text from its events."""

    def __init__(self, source: Text, faults: Faults, stand_ins: dict[int, str]) -> None:
        self._source = source
        self._faults = faults
        self._stand_ins = stand_ins
        self._stack: list[_Frame] = []
        self._root: tuple[object, Node] | None = None
        self._documents = 0
        self._plain: dict[str, Plain] = {}
        self._ambiguous: list[Ambiguous] = []
        self._references: list[tuple[int, int, str]] = []
        self._last = (0, 0)
        self._handlers: dict[type[Any], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._mapping,
            yaml.SequenceStartEvent: self._sequence,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
            yaml.DocumentEndEvent: lambda _: None,
            yaml.StreamStartEvent: lambda _: None,
        }

    def read(self, text: str) -> None:
        """Goes through the events of `text`; every fault is in the faults afterwards."""
        try:
            self._events(text)
        except Stop:
            pass
        except yaml.MarkedYAMLError as error:
            self._not_yaml(error)
        except Exception:  # PyYAML lets slips of its own through (KeyError, ValueError, ...)
            start, end = self._last
            self._faults.add("BFG103", start, end, "the YAML parser cannot read on from here")
        self._report_references()
        if not self._faults:
            self._check_top()

    def _events(self, text: str) -> None:
        parser = _PARSER(text)
        try:
            get_event, handlers = parser.get_event, self._handlers
            event = get_event()
            # A node has at most two events; streams and documents have a few more.
            for _ in range(2 * MAX_NODES):
                handlers[type(event)](event)
                event = get_event()
                if type(event) is yaml.StreamEndEvent:
                    return
            at = event.start_mark.index
            message = f"the file holds more than {MAX_NODES:,} values, the limit"
            self._faults.add("BFG112", at, at + 1, message)
        finally:
            parser.dispose()

    def _not_yaml(self, error: yaml.MarkedYAMLError) -> None:
        from bfg_policy.source.yaml_faults import Open, not_yaml

        opened = [Open(frame.start, frame.flow) for frame in self._stack]
        not_yaml(error, self._source, self._faults, opened, self._last)

    def document(self) -> Document:
        """The document that was read; only after a reading without faults."""
        assert self._root is not None
        data, node = self._root
        return Document(self._source, data, node, tuple(self._ambiguous))  # type: ignore[arg-type]

    # Events -------------------------------------------------------------------------------------

    def _document(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        self._documents += 1
        if self._documents > 1:
            message = "a second document begins here; a file holds one"
            hint = "move it to a file of its own, or remove the `---`"
            self._faults.add("BFG107", start, max(end, start + 1), message, hint=hint)
            raise Stop
        if event.tags or event.version not in {None, (1, 2)}:
            at = self._source.text.index("%", start)
            message = "a directive; the only one that is read is `%YAML 1.2`"
            self._faults.add("BFG107", at, end, message, hint="remove the line")

    def _scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        value = event.value
        plain = event.implicit[0]
        if event.tag is not None or event.anchor is not None:
            start = self._properties(event, start)
        self._last = (start, end)
        if self._stand_ins:
            value = value.translate(self._stand_ins)
        if not plain:
            self._check_quoted(value, start, end)
        stack = self._stack
        frame = stack[-1] if stack else None
        if frame is not None and frame.key is None and type(frame.into) is dict:
            self._key(frame, value, start, end, plain=plain)
            return
        if plain and (not value or value[0] in SPECIAL_FIRST):
            value = self._typed(value, start, end)
        node: Node = (start, end, None)
        if frame is None:
            self._root = (value, node)
        else:
            _put(frame, value, node)

    def _typed(self, raw: str, start: int, end: int) -> object:
        plain = self._plain.get(raw)
        if plain is None:
            plain = self._plain[raw] = read_plain(raw)
        if plain.fault:
            hint = "quote it if it is a text"
            self._faults.add("BFG110", start, end, f"`{cut(raw, 40)}`: {plain.fault}", hint=hint)
        if plain.old and plain.new:
            self._ambiguous.append(Ambiguous(self._path(), raw, plain.old, plain.new))
        return plain.value

    def _key(self, frame: _Frame, key: str, start: int, end: int, *, plain: bool) -> None:
        end = max(end, start)
        frame.key, frame.key_start, frame.key_end = key, start, end
        if plain and key == _MERGE_KEY:
            self._references.append((start, end, "merge"))
            frame.key = self._lost(frame)
            return
        if plain and (not key or key[0] in SPECIAL_FIRST) and self._is_no_key(key, start, end):
            frame.key = self._lost(frame)
            return
        known = frame.children
        if isinstance(known, dict) and key in known:
            first = known[key]
            line = self._source.place(first[0]).line
            message = f"the key `{cut(key)}` stands twice in this mapping, first in line {line}"
            related = [(first[0], first[1], "the first one")]
            self._faults.add(
                "BFG104", start, end, message, hint="remove one of them", related=related
            )
            frame.key = self._lost(frame)

    def _is_no_key(self, key: str, start: int, end: int) -> bool:
        plain = read_plain(key)
        if plain.fault or not isinstance(plain.value, str):
            what = "nothing at all" if not key else f"`{cut(key)}`, not a string"
            hint = None if not key else f"quote it: `'{cut(key)}'`"
            self._faults.add("BFG108", start, end, f"a key is {what}", hint=hint)
            return True
        if plain.old:
            message = f"the key `{key}` is {plain.old} in YAML 1.1 and {plain.new} in YAML 1.2"
            self._faults.add("BFG109", start, end, message, hint=f"quote it: `'{key}'`")
            return True
        return False

    def _lost(self, frame: _Frame) -> str:
        """A key under which a value may be put away: no YAML text can write it."""
        return f"\0{len(frame.into)}"

    def _mapping(self, event: Any) -> None:
        self._enter({}, event)

    def _sequence(self, event: Any) -> None:
        self._enter([], event)

    def _enter(self, into: list[object] | dict[str, object], event: Any) -> None:
        start: int = event.start_mark.index
        end: int = event.end_mark.index
        if event.tag is not None or event.anchor is not None:
            start = self._properties(event, start)
        self._last = (start, max(end, start + 1))
        if len(self._stack) >= MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} deep, the limit"
            self._faults.add("BFG111", start, start + 1, message)
            raise Stop
        outer = self._stack[-1] if self._stack else None
        frame = _Frame(into, start, flow=bool(event.flow_style))
        if outer is not None and outer.key is None and isinstance(outer.into, dict):
            what = "mapping" if isinstance(into, dict) else "list"
            message = f"a key is a {what}; keys are strings"
            self._faults.add("BFG108", start, max(end, start + 1), message)
            frame.as_key = True
        self._stack.append(frame)

    def _close(self, event: Any) -> None:
        frame = self._stack.pop()
        end: int = event.end_mark.index
        self._last = (event.start_mark.index, max(end, event.start_mark.index + 1))
        if not frame.flow:
            end = self._block_end(frame)
        node: Node = (frame.start, end, frame.children)
        if frame.as_key:
            self._stack[-1].key = self._lost(self._stack[-1])
        elif self._stack:
            _put(self._stack[-1], frame.into, node)
        else:
            self._root = (frame.into, node)

    def _block_end(self, frame: _Frame) -> int:
        """The end of what a block collection is shown by: its first key, or its first hyphen."""
        if isinstance(frame.children, dict) and frame.children:
            first: tuple[int, int, object] = next(iter(frame.children.values()))
            return max(first[1], first[0] + 1)
        return frame.start + 1

    def _alias(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        self._references.append((start, end, "alias"))
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.key is None and isinstance(frame.into, dict):
            frame.key, frame.key_start, frame.key_end = self._lost(frame), start, end
        elif frame is not None:
            _put(frame, None, (start, end, None))

    # What is not taken --------------------------------------------------------------------------

    def _properties(self, event: Any, start: int) -> int:
        """Notes the anchor and the tag of a node, and finds where the node itself begins."""
        text = self._source.text
        at, limit = start, max(int(event.end_mark.index), start)
        for _ in range((event.tag is not None) + (event.anchor is not None)):
            found = _PROPERTY.match(text, at)
            if found is None:
                break
            if found.group()[0] == "&":
                self._references.append((at, found.end(), "anchor"))
            else:
                message = f"`{cut(found.group())}` is a tag; values have no tags here"
                self._faults.add("BFG106", at, found.end(), message, hint="remove the tag")
            at = found.end()
            while text[at : at + 1] in {" ", "\t", "\n", "\r"}:
                at += 1
        return min(at, limit)

    def _report_references(self) -> None:
        """One finding for all anchors, aliases and merge keys: they are one habit."""
        if not self._references:
            return
        merges = [found for found in self._references if found[2] == "merge"]
        start, end, kind = min(merges or self._references)
        what = "a merge key" if kind == "merge" else f"an {kind}"
        message = f"`{cut(self._source.text[start:end])}` is {what}, which is not read"
        self._faults.add("BFG105", start, end, message, note=_WHY_NO_ALIASES, hint=_HOW_WITHOUT)

    def _check_quoted(self, value: str, start: int, end: int) -> None:
        """A NUL by escape; and a quote that swallowed lines which were not meant for it.

        By YAML 1.2 (7.3) every further line of a quoted scalar is indented deeper than the
        block it stands in. libyaml does not look, and so reads on to some other quote.
        """
        text = self._source.text
        if "\0" in value:
            message = "the character U+0000 (NUL) is not allowed, escaped or not"
            self._faults.add("BFG114", start, end, message)
        opener = text[start : start + 1]
        further = list(_NEXT_LINE.finditer(text, start, end)) if opener in {'"', "'"} else []
        if not further:
            return
        outer = next((frame for frame in reversed(self._stack) if not frame.flow), None)
        column = -1 if outer is None else self._source.column(outer.start)
        if min(len(line.group(1)) for line in further) <= column:
            self._faults.forget_from(start)
            message = f"the quote `{opener}` is opened here and not closed on this line"
            hint = "close it, or indent the lines that belong to it"
            self._faults.add("BFG103", start, end, message, hint=hint)
            raise Stop

    def _check_top(self) -> None:
        if self._root is None or self._root[0] is None:
            message = "the file is empty: it holds no mapping"
            self._faults.add("BFG113", 0, 1, message)
        elif not isinstance(self._root[0], dict):
            what = "list" if isinstance(self._root[0], list) else "single value"
            start, end, _ = self._root[1]
            message = f"the file is a {what} and should be a mapping"
            self._faults.add("BFG113", start, end, message)

    def _path(self) -> tuple[str | int, ...]:
        """The path of the value that comes next."""
        return tuple(
            frame.key or "" if isinstance(frame.into, dict) else len(frame.into)
            for frame in self._stack
        )


def _put(frame: _Frame, value: object, node: Node) -> None:
    into, children = frame.into, frame.children
    if isinstance(into, dict):
        key = frame.key or ""
        into[key] = value
        children[key] = (frame.key_start, frame.key_end, node)  # type: ignore[index,call-overload]
        frame.key = None
    else:
        into.append(value)
        children.append(node)  # type: ignore[union-attr]
