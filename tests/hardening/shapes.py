"""What a real reader of each format makes of an output, less the texts: its shape.

Two outputs that tell the same in other words have one shape. A text that broke out of its place
would be an element, a key, a command or a line of its own, and so another shape.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pyte
from junitparser import JUnitXml  # type: ignore[import-untyped, unused-ignore]
from tap.parser import Parser  # type: ignore[import-untyped, unused-ignore]

from bfg_policy.rendering.visible import is_visible
from tests.formats.runners import azure_commands, github_commands, gitlab_marks
from tests.formats.test_sarif import official
from tests.rendering.github import Shown

_COMMAND = re.compile(r"::|##\[|##vso", re.IGNORECASE)
# Where something stands depends on how long the texts before it are.
_PLACES = {"line", "column", "startLine", "startColumn", "endColumn", "endLine", "begin", "end"}
_COLOUR = re.compile("\x1b\\[[0-9;]*m")


def of_json(text: str) -> Any:
    """Keys, lists and numbers, with every text as one word."""
    return _worded(json.loads(text, parse_constant=_refuse))


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def _worded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _worded(each) for key, each in value.items() if key not in _PLACES}
    if isinstance(value, list):
        return [_worded(each) for each in value]
    return "…" if isinstance(value, str) else value


def of_sarif(text: str) -> Any:
    """As JSON; the official schema holds, and no message has a link or a placeholder."""
    log = json.loads(text)
    official().validate(log)
    for made in log["runs"]:
        for result in made["results"]:
            message = result["message"]["text"]
            assert "](" not in message
            assert not set(message.replace("{{", "").replace("}}", "")) & {"{", "}"}
    return of_json(text)


def of_junit(text: str) -> Any:
    """The elements with the names of their attributes, in order; all of the text can be seen."""
    JUnitXml.fromstring(text.encode())
    found = []
    for _, element in ET.iterparse(BytesIO(text.encode())):  # noqa: S314 - our own output
        for written in (element.text or "", element.tail or "", *element.attrib.values()):
            assert all(is_visible(line) for line in written.split("\n")), ascii(written)
        found.append((element.tag, *sorted(element.attrib)))
    return found


def of_tap(text: str) -> Any:
    """The kinds of its lines."""
    kinds = [line.category for line in Parser().parse_text(text)]
    assert "unknown" not in kinds
    return kinds


def of_github(text: str) -> Any:
    """The commands that the runner obeys, and the names of what they carry."""
    found = github_commands(text)
    # Nothing else is written: each line is one command.
    assert len(found) == len(text.splitlines())
    return [(each.name, *sorted(each.properties.keys() - _PLACES)) for each in found]


def of_azure(text: str) -> Any:
    """The commands that the agent obeys, and the names of what they carry."""
    found = azure_commands(text)
    return [(each.name, *sorted(each.properties)) for each in found], len(text.splitlines())


class _Elements(Shown):
    """The elements and attributes alone: of a long text, its words cost too much."""

    def handle_data(self, data: str) -> None:
        pass


def of_markdown(text: str) -> Any:
    """How often which element stands, but code; comments, too; and all attributes."""
    shown = _Elements(text)
    return Counter(shown.blocks), [each for each in shown.attributes if each[0] != "align"]


def of_text(text: str) -> Any:
    """How many findings of which kind; every line can be seen, and a terminal obeys nothing."""
    plain = _COLOUR.sub("", text)
    lines = plain.split("\n")
    assert all(is_visible(line) for line in lines), [x for x in lines if not is_visible(x)][:3]
    return Counter(re.findall(r"^(?:error|warning|note)\[BFG...\]", plain, re.MULTILINE))


SHAPES: dict[str, Callable[[str], Any]] = {
    "text": of_text,
    "json": of_json,
    "sarif": of_sarif,
    "junit": of_junit,
    "github": of_github,
    "gitlab": of_json,
    "azure": of_azure,
    "tap": of_tap,
    "markdown": of_markdown,
}


def assert_inert(log: str) -> None:
    """No CI system obeys anything in a log, and no terminal."""
    assert not _COMMAND.search(log), _COMMAND.search(log)
    assert not github_commands(log)
    assert not azure_commands(log)
    assert not gitlab_marks(log), gitlab_marks(log)[:3]
    assert all(is_visible(line) for line in log.split("\n"))


def assert_shown_as_it_is(text: str) -> None:
    """A terminal shows these lines, each on its own, and nothing has moved, begun or ended."""
    lines = text.split("\n")
    # The emulator takes its time: the first lines do, and none of them is cut.
    lines = lines[:150]
    columns = 2 * max(map(len, lines)) + 1
    screen = pyte.Screen(columns, len(lines))
    pyte.Stream(screen).feed("\r\n".join(lines))
    assert (screen.title, screen.icon_name) == ("", "")
    assert (screen.cursor.y, screen.cursor.attrs) == (len(lines) - 1, screen.default_char)
    assert screen.mode == pyte.Screen(columns, 1).mode
    for written, shown in zip(lines, screen.display, strict=True):
        plain = _COLOUR.sub("", written)
        if plain.isascii():
            assert shown.rstrip() == plain.rstrip()
