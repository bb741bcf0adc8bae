"""A value at a path of a scenario's document: read from text, and put into a copy of the data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bfg_policy.errors import SourceError
from bfg_policy.scenario.merged import Path, path_text
from bfg_policy.source import parse_document

if TYPE_CHECKING:
    from collections.abc import Mapping

_STEP = re.compile(r"([^.\[\]=]+)((?:\[[0-9]{1,6}\])*)")
_INDEX = re.compile(r"[0-9]+")
# What begins like this is JSON, or a mistake; everything else that is no JSON is a text.
_JSON_FIRST = ('"', "[", "{")


class BadPath(ValueError):
    """A path that leads nowhere, or a value that is none; the text says why."""


def read_path(text: str) -> Path:
    """The keys and indices of `plan.storage` or `people[0].name`. Raises BadPath."""
    found: list[str | int] = []
    for part in text.split("."):
        step = _STEP.fullmatch(part)
        if step is None:
            raise BadPath("it is no path such as `plan.storage` or `people[0].name`")
        found.append(step[1])
        found.extend(int(index) for index in _INDEX.findall(step[2]))
    return tuple(found)


def read_value(text: str) -> object:
    """A value as JSON writes it; a text that is no JSON is that text. Raises BadPath."""
    try:
        document = parse_document(f'{{"value": {text}}}'.encode(), "the value", json=True)
    except (SourceError, UnicodeEncodeError) as error:
        if text.startswith(_JSON_FIRST) or isinstance(error, UnicodeEncodeError):
            raise BadPath("it is neither JSON nor a plain text") from None
        return text
    # A text such as `1, "other": 2` would otherwise become more than a value.
    return document.data["value"] if list(document.data) == ["value"] else text


def put(data: Mapping[str, object], path: Path, value: object) -> dict[str, object]:
    """A copy of the data with a value at a path; mappings on the way are made where they miss.

    The index behind the last item of a list adds one. Raises BadPath where the way is barred.
    """
    made = _put(data, path, value, path)
    assert isinstance(made, dict)
    return made


def _put(data: object, path: Path, value: object, whole: Path) -> object:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        if isinstance(data, list):
            above = path_text(whole[: len(whole) - len(path)])
            raise BadPath(f"`{above}` is a list: name an item by its number, `{above}[0]`")
        if not isinstance(data, dict):
            raise BadPath(f"{_shown(whole, rest)} is in no mapping")
        return {**data, step: _put(data.get(step, {}), rest, value, whole)}
    if not isinstance(data, list) or step > len(data):
        raise BadPath(f"{_shown(whole, rest)} is no item of a list, and not the next one")
    inside = data[step] if step < len(data) else {}
    return [*data[:step], _put(inside, rest, value, whole), *data[step + 1 :]]


def _shown(whole: Path, rest: Path) -> str:
    return f"`{path_text(whole[: len(whole) - len(rest)])}`"
