"""All formats tell the same: each is read back by a reader of its own, and the counts compared."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bfg_policy.errors import BfgPolicyError
from bfg_policy.pipeline import judge_scenario
from bfg_policy.reporters import REPORTERS, Entry, Findings, Judged, Several, format_result
from tests.bfg.documents import AT, NOWHERE, Document, pack
from tests.bfg.test_oracle import INSTANTS, scenarios
from tests.formats.reading import READERS
from tests.formats.results import REQUIRED, entry, reference, several, wrong
from tests.rendering.judgements import library

if TYPE_CHECKING:
    from bfg_policy.reporters import Result

BOARDS = st.lists(st.sampled_from(sorted(pack().pack.boards)), max_size=3, unique=True).map(tuple)


def test_every_format_has_a_reader() -> None:
    assert set(READERS) == set(REPORTERS)


def assert_agreed(result: Result) -> Counter[str]:
    """Every format tells the same counts; they are given."""
    told = {name: +Counter(read(format_result(name, result))) for name, read in READERS.items()}
    expected = told.pop("json")
    severities = {
        key: count for key, count in expected.items() if key in ("error", "warning", "note")
    }
    assert told.pop("gitlab") == severities
    for name, counts in told.items():
        assert counts == expected, name
    return expected


@pytest.mark.parametrize(
    "result",
    [
        reference(),
        reference(required=REQUIRED),
        reference("staging-rehearsal"),
        reference("production-go", REQUIRED),
        Judged(*library()),
        Judged(*library(verdict=None, findings=()), ("launch",)),
        Findings(()),
        wrong(1),
        wrong(40),
        several(
            entry("scenarios/grant-demo-local"),
            entry("README.md"),
            entry("scenarios/production-go"),
        ),
    ],
    ids=lambda result: type(result).__name__,
)
def test_results(result: Result) -> None:
    assert_agreed(result)


def judged(document: Document, at: datetime, required: tuple[str, ...]) -> Judged | Findings:
    try:
        found = judge_scenario(pack(), json.dumps(document).encode(), at, NOWHERE)
    except BfgPolicyError as error:
        return Findings(error.findings)
    return Judged(found.pack, found.scenario, found.readiness, required)


def as_entry(index: int, result: Judged | Findings) -> Entry:
    if isinstance(result, Findings):
        return Entry(f"s{index}", None, result.findings, 4)
    readiness = result.readiness
    return Entry(f"s{index}", readiness, readiness.findings, int(not result.is_met))


hurried = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(hurried, max_examples=60)
@given(scenarios(), st.just(AT) | INSTANTS, BOARDS)
def test_any_scenario(document: Document, at: datetime, required: tuple[str, ...]) -> None:
    result = judged(document, at, required)
    counts = assert_agreed(result)
    if isinstance(result, Judged):
        readiness = result.readiness
        assert {key: counts[key] for key in readiness.counts} == readiness.counts
        assert counts["error"] == sum(finding.is_error for finding in readiness.findings)


@settings(hurried, max_examples=10)
@given(st.lists(scenarios(), min_size=2, max_size=3), BOARDS)
def test_any_scenarios(documents: list[Document], required: tuple[str, ...]) -> None:
    results = [judged(document, AT, required) for document in documents]
    entries = tuple(as_entry(*each) for each in enumerate(results))
    assert_agreed(Several(entries, required, (), max(each.exit for each in entries)))
