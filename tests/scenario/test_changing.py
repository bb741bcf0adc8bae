"""A document with other data still tells a place for everything in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bfg_policy.scenario.changing import changed
from bfg_policy.scenario.files import read_scenario

TEXT = b"""\
scenario: one
actors:
  - id: anna
    role: owner
"""


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        (("scenario",), 1, 11),
        (("actors", 0, "id"), 3, 9),
        (("actors", 0, "permissions"), 3, 5),
        (("actors", 7, "id"), 3, 3),
        (("waivers", 0, "gate"), 1, 1),
    ],
)
def test_a_place_is_the_nearest_that_a_file_holds(
    path: tuple[str | int, ...], line: int, column: int
) -> None:
    merged, _ = read_scenario(TEXT, Path.cwd())
    other = changed(changed(merged, {}), {"scenario": "two", "waivers": [{"gate": "a/b"}]})
    place = other.place(path)
    assert (place.line, place.column) == (line, column)
    assert other.data["scenario"] == "two"
    assert merged.data["scenario"] == "one"
    assert other.ambiguous() == ()
