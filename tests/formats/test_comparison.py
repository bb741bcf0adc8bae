"""What machine formats say of a change: its regressions and weaknesses, as findings."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from bfg_policy.comparison.types import Cause, Comparison, Move, Standing, Weakness
from bfg_policy.errors import Finding, Place
from bfg_policy.reporters import Compared, format_result
from tests.formats.reading import READERS
from tests.formats.runners import azure_commands, github_commands
from tests.formats.test_sarif import official
from tests.rendering.judgements import FUTURE, library

MACHINE = ("sarif", "junit", "github", "gitlab", "azure", "tap")
WHERE = Place("policies/pilot.yaml", 9, 3, 6, "  import:")


def standing(name: str, *, is_ready: bool) -> Standing:
    return Standing(name, *library(is_ready=is_ready))


WORSE = Comparison(
    base=standing("main", is_ready=True),
    head=standing("the work tree", is_ready=False),
    base_name="main",
    moves=(
        Move("pilot/import", "ready", "next", (Cause("fact", "`imported` is gone", WHERE),)),
        Move("launch/backup", "ready", "invalid", ()),
    ),
    weakened=(Weakness("evidence", "pilot/search", "it asks for no evidence", WHERE),),
    findings=(FUTURE,),
)
UNKNOWN_BASE = WORSE._replace(
    base=None, base_findings=(Finding("BFG103", "it is broken off", WHERE),), moves=(), weakened=()
)
COMPARISONS = [
    WORSE,
    WORSE._replace(fail_on=frozenset({"regressed", "weakened"})),
    UNKNOWN_BASE,
    WORSE._replace(moves=(), weakened=(), findings=()),
]


@pytest.mark.parametrize("comparison", COMPARISONS)
@pytest.mark.parametrize("form", MACHINE)
def test_all_tell_the_same_findings(form: str, comparison: Comparison) -> None:
    told = +Counter(READERS[form](format_result(form, Compared(comparison))))
    findings = (*comparison.notices, *comparison.findings)
    severities = Counter(finding.severity for finding in findings)
    assert {key: told[key] for key in ("error", "warning", "note") if told[key]} == severities


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_sarif_obeys_the_schema(comparison: Comparison) -> None:
    official().validate(json.loads(format_result("sarif", Compared(comparison))))


def test_annotations_end_with_what_the_change_does() -> None:
    *shown, summary = github_commands(format_result("github", Compared(WORSE)))
    assert [(each.name, each.properties["title"][:6]) for each in shown] == [
        ("error", "BFG504"),
        ("warning", "BFG641"),
        ("warning", "BFG641"),
        ("warning", "BFG642"),
    ]
    assert summary.properties["title"] == "bfg-policy: OPEN, 6 of 6 ready → NOT_YET, 2 of 6 ready"
    assert summary.data == (
        "2 gates moved; 2 regressed; policy weakened in 1 place; 1 error, 3 warnings"
    )
    assert len(azure_commands(format_result("azure", Compared(WORSE)))) == 4


def test_without_a_base_that_is_said() -> None:
    summary = github_commands(format_result("github", Compared(UNKNOWN_BASE)))[-1]
    assert summary.properties["title"] == "bfg-policy: not judged → NOT_YET, 2 of 6 ready"
