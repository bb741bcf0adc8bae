"""Several waivers of one gate: only the end of the last one that counts changes anything."""

from __future__ import annotations

import pytest

from tests.evaluation.lab import gates, judged, load, scenario
from tests.evaluation.test_statuses import waived

FIRST, SECOND, THIRD = (f"2026-12-0{day}T00:00:00Z" for day in (1, 2, 3))
SELF_APPROVED = {"requested_by": "ann", "approved_by": "ann"}


@pytest.mark.parametrize(
    ("waivers", "ends"),
    [
        ([{"expires": FIRST}], FIRST),
        ([{"expires": FIRST}, {"expires": SECOND}], SECOND),
        ([{"expires": SECOND}, {"expires": FIRST}, {"expires": SECOND}], SECOND),
        ([{"expires": FIRST}, {"expires": THIRD, **SELF_APPROVED}], FIRST),
        ([{"expires": THIRD, **SELF_APPROVED}], None),
        ([{"expires": "2026-11-01T00:00:00Z"}, {"expires": FIRST}], FIRST),
    ],
)
def test_when_the_last_one_ends(waivers: list[dict[str, str]], ends: str | None) -> None:
    document = scenario(ok=False, waivers=[waived(**each) for each in waivers])
    change = judged(load(gates(g={"rule": "ok"})), document).readiness.next_change
    found = None if change is None else f"{change.at:%Y-%m-%dT%H:%M:%SZ}"
    assert found == ends
