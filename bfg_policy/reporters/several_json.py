"""The `json` format of several scenarios: `ReadinessSet.v1`, as its contract has it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bfg_policy.readiness import STATUSES
from bfg_policy.reporters.cases import SEVERITIES
from bfg_policy.reporters.json import (
    Data,
    document_text,
    finding_data,
    findings_document,
    readiness_document,
)
from bfg_policy.reporters.results import Several
from bfg_policy.reporters.views import view_of

if TYPE_CHECKING:
    from bfg_policy.reporters.results import Entry, Result, Style


def report(result: Result, _style: Style) -> str:
    """Several scenarios as JSON: each with its own result, and a summary."""
    assert isinstance(result, Several)
    return document_text(
        {
            "contract": "ReadinessSet.v1",
            "results": [_entry(entry) for entry in result.entries],
            "summary": _summary(result),
            "findings": [finding_data(finding) for finding in result.findings],
        }
    )


def _entry(entry: Entry) -> Data:
    if entry.readiness is not None:
        document = readiness_document(entry.readiness)
    else:
        document = findings_document(entry.findings)
    return {"path": entry.path, "exit": entry.exit, "result": document}


def _summary(several: Several) -> Data:
    counts = view_of(several).counts
    verdicts = Counter(each.verdict for each in several.judged)
    return {
        "exit": several.exit,
        "scenarios": counts["scenarios"],
        "judged": counts["judged"],
        "verdicts": {verdict: count for verdict, count in sorted(verdicts.items()) if verdict},
        "ready": counts["ready"] + counts["waived"],
        "total": counts["gates"],
        "counts": {status: counts[status] for status in STATUSES},
        "findings": {severity: counts[severity] for severity in SEVERITIES},
    }
