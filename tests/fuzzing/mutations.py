"""Strategies for files with something done to them: to their bytes, their lines or their data."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import yaml
from hypothesis import strategies as st

from tests.source.test_mutations import EDITS, mutated

Steps = tuple[str | int, ...]

ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    1e308,
    2**63 - 1,
    "",
    " ",
    "*",
    "a/b",
    "x" * 300,
    "é\u202e\u2028",
    "2026-11-20T12:00:00Z",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+23:59",
    [],
    {},
    [[]],
    [None, None],
    {"a": None},
)
_DONE = ("odd", "odd", "removed", "renamed", "twice", "moved")
_SHARE = st.floats(0, 1, exclude_max=True)
_DATA_EDITS = st.lists(
    st.tuples(st.sampled_from(_DONE), _SHARE, _SHARE, st.sampled_from(ODD)), min_size=1, max_size=3
)
_LINE_EDITS = st.lists(
    st.tuples(st.sampled_from(("cut", "twice", "in", "out", "swap")), _SHARE, _SHARE),
    min_size=1,
    max_size=4,
)


def mutants(text: str) -> st.SearchStrategy[bytes]:
    """The text of a YAML or JSON file with something done to it; mostly it still can be read."""
    data = yaml.safe_load(text)
    return st.one_of(
        EDITS.map(lambda edits: mutated(text.encode(), edits)),
        _LINE_EDITS.map(lambda edits: _with_lines(text, edits)),
        _DATA_EDITS.map(lambda edits: _with_data(data, edits)),
        _DATA_EDITS.map(lambda edits: _with_data(data, edits)),
    )


def mutated_texts(text: str) -> st.SearchStrategy[bytes]:
    """The same for a text that is no data."""
    return st.one_of(
        EDITS.map(lambda edits: mutated(text.encode(), edits)),
        _LINE_EDITS.map(lambda edits: _with_lines(text, edits)),
    )


def _with_lines(text: str, edits: list[tuple[str, float, float]]) -> bytes:
    lines = text.splitlines(keepends=True)
    for done, where, other in edits:
        at, with_at = int(where * len(lines)), int(other * len(lines))
        if done == "cut":
            del lines[at : at + 1]
        elif done == "twice":
            lines.insert(with_at, "".join(lines[at : at + 1]))
        elif done == "swap" and lines:
            lines[at], lines[with_at] = lines[with_at], lines[at]
        elif lines:
            lines[at] = f"  {lines[at]}" if done == "in" else lines[at].removeprefix("  ")
    return "".join(lines).encode()


def _with_data(data: Any, edits: list[tuple[str, float, float, Any]]) -> bytes:
    data = deepcopy(data)
    for done, where, other, odd in edits:
        paths = list(_paths(data))
        if not paths:
            break
        _edit(data, done, paths[int(where * len(paths))], paths[int(other * len(paths))], odd)
    return json.dumps(data, ensure_ascii=False, indent=1, default=str).encode()


def _paths(data: Any, path: Steps = ()) -> list[Steps]:
    """The paths of all values but the whole."""
    if isinstance(data, dict | list):
        steps: Any = data if isinstance(data, dict) else range(len(data))
        return [each for step in steps for each in _below(data, path, step)]
    return []


def _below(data: Any, path: Steps, step: str | int) -> list[Steps]:
    here = (*path, step)
    return [here, *_paths(data[step], here)]


def _at(data: Any, path: Steps) -> Any:
    for step in path:
        data = data[step]
    return data


def _edit(data: Any, done: str, path: Steps, other: Steps, odd: Any) -> None:
    parent, last = _at(data, path[:-1]), path[-1]
    if done == "odd":
        parent[last] = deepcopy(odd)
    elif done == "removed":
        del parent[last]
    elif done == "moved":
        parent[last] = deepcopy(_at(data, other))
    elif isinstance(parent, list):
        parent.append(deepcopy(parent[int(last)]))
    elif done == "renamed":
        parent[f"{last}x"] = parent.pop(last)
    else:
        parent[f"{last}-2"] = deepcopy(parent[last])
