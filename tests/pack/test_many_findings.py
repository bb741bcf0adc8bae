"""A pack with more mistakes than anybody reads: the first are told, and that there are more."""

from __future__ import annotations

import pytest

from bfg_policy.errors import MOST_FINDINGS, BfgPolicyError, Finding, first_of
from tests.evaluation.lab import gates, load

MANY = MOST_FINDINGS + 200
SOUND = {"rule": "ok"}


@pytest.mark.parametrize(
    ("many", "code"),
    [
        (lambda n: {"rule": "oc", "title": {"en": f"{n}"}}, "BFG402"),
        (lambda n: {"needs": [f"zzz-{n}"]}, "BFG301"),
        (lambda n: {"needs": [f"g{n}"]}, "BFG302"),
        (lambda _: {}, "BFG308"),
    ],
)
def test_the_first_thousand_and_a_note(many: object, code: str) -> None:
    assert callable(many)
    policy = gates(sound=SOUND, **{f"g{number}": many(number) for number in range(MANY)})
    with pytest.raises(BfgPolicyError) as raised:
        load(policy)
    *found, last = raised.value.findings
    assert len(found) == MOST_FINDINGS
    assert {finding.code for finding in found} == {code}
    assert all(finding.is_error for finding in found)
    assert last.severity == "note"
    assert "more findings" in last.message


def test_of_warnings_too() -> None:
    blind = {f"g{number}": {"rule": f"{number} == 0"} for number in range(MANY)}
    policy = gates(sound=SOUND, **blind)
    *found, last = load(policy).warnings
    assert len(found) == MOST_FINDINGS
    assert {(finding.code, finding.severity) for finding in found} == {("BFG408", "warning")}
    assert (last.severity, "more findings" in last.message) == ("note", True)


def test_few_are_told_as_they_are() -> None:
    few = [Finding("BFG301", f"{number}") for number in range(MOST_FINDINGS)]
    assert first_of(few) == few
    assert first_of([]) == []
