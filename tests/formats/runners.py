"""What CI systems obey in a log: the rules by which their runners find commands in it.

GitHub: `ActionCommand` of its runner. Azure: `Command` of its agent. GitLab: the marks of sections.
"""

from __future__ import annotations

import re
from typing import NamedTuple

GITHUB_COMMANDS = frozenset(
    {
        *("add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group"),
        *("internal-set-repo-path", "notice", "remove-matcher", "save-state", "set-env"),
        *("set-output", "stop-commands", "warning"),
    }
)


class Command(NamedTuple):
    """One line that a runner obeys."""

    name: str
    properties: dict[str, str]
    data: str


def lines_of(log: str) -> list[str]:
    """The lines of a log as .NET reads them."""
    return re.split(r"\r\n|\r|\n", log)


def github_commands(log: str) -> list[Command]:
    """What GitHub's runner obeys in a log, in order."""
    found = [github_command(line) for line in lines_of(log)]
    return [command for command in found if command is not None]


def github_command(line: str) -> Command | None:
    """The command of one line: `::name …::` at its beginning, else `##[name …]` anywhere."""
    trimmed = line.lstrip()
    end = trimmed.find("::", 2) if trimmed.startswith("::") else -1
    if end >= 0:
        name, _, properties = trimmed[2:end].partition(" ")
        if name in GITHUB_COMMANDS:
            escapes = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
            data = _read_back(trimmed[end + 2 :], (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")))
            return Command(name, _properties(properties.strip(), ",", escapes), data)
    start = line.find("##[")
    close = line.find("]", start) if start >= 0 else -1
    if close < 0:
        return None
    name, _, properties = line[start + 3 : close].partition(" ")
    if name not in GITHUB_COMMANDS:
        return None
    escapes = (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%"))
    return Command(name, _properties(properties, ";", escapes), line[close + 1 :])


def azure_commands(log: str, *, percents: bool = True) -> list[Command]:
    """What Azure's agent obeys in a log. percents: whether it reads a percent sign's escape."""
    found = []
    for line in lines_of(log):
        start = line.find("##vso[")
        close = line.find("]", start) if start >= 0 else -1
        if close < 0:
            continue
        name, _, properties = line[start + 6 : close].partition(" ")
        if len([part for part in name.split(".") if part]) != 2:
            continue
        escapes: tuple[tuple[str, str], ...]
        escapes = (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"))
        if percents:
            escapes = (*escapes, ("%AZP25", "%"), ("%VSTS", "%"))
        data = _read_back(line[close + 1 :], escapes)
        found.append(Command(name, _properties(properties, ";", escapes), data))
    return found


def gitlab_marks(log: str) -> list[str]:
    """What GitLab's log viewer obeys: the marks of sections, and escape sequences."""
    return re.findall(
        r"section_(?:start|end):\d+:[^\r\n]*[\r\x1b]|[\x00-\x09\x0b-\x1f\x7f-\x9f]", log
    )


def _properties(
    written: str, separator: str, escapes: tuple[tuple[str, str], ...]
) -> dict[str, str]:
    pairs = [each.split("=", 1) for each in written.split(separator) if each]
    return {pair[0]: _read_back(pair[1], escapes) for pair in pairs if len(pair) == 2 and pair[1]}


def _read_back(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for escape, character in escapes:
        text = text.replace(escape, character)
    return text
