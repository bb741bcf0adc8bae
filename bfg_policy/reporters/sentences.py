"""What machine formats say about a result, in words that are the same in all of them.

All text is as it was written: each format escapes it in its own way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.instants import format_instant
from bfg_policy.readiness import STATUSES
from bfg_policy.reporters.painting import counted, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.errors import Finding
    from bfg_policy.readiness import GateResult, Readiness


def headline(readiness: Readiness) -> str:
    """The verdict, and what it is for: `NO-GO for db-auth-session-adapter`."""
    return f"{readiness.verdict} for {readiness.target}" if readiness.verdict else readiness.target


def progress(counts: Mapping[str, int]) -> str:
    """How far the gates are: `17 of 85 gates ready (18 next, 50 blocked)`."""
    others = [f"{counts[each]} {each}" for each in STATUSES[1:] if counts[each]]
    ready = f"{counts['ready'] + counts['waived']} of {counted(counts['gates'], 'gate')} ready"
    return f"{ready} ({sentence(others)})" if others else ready


def why(gate: GateResult) -> str:
    """Why a gate is what it is, with the first of its root causes."""
    causes = [cause for cause in gate.root_causes if cause not in gate.needs]
    if not causes:
        return gate.because
    others = f" and {counted(len(causes) - 1, 'other')}" if len(causes) > 1 else ""
    return f"{gate.because}; root cause `{causes[0]}`{others}"


def details_of(finding: Finding) -> tuple[str, ...]:
    """Why a finding matters and what to do, sentence by sentence."""
    meant = f"did you mean `{finding.suggestion}`?" if finding.suggestion else None
    return tuple(text for text in (meant, finding.note, finding.hint) if text)


def excuse(gate: GateResult) -> str:
    """Why a gate is waived, by whom and until when; empty where it is not."""
    waiver = gate.waiver
    if waiver is None:
        return ""
    until = f" until {format_instant(waiver.expires)}" if waiver.expires else ""
    return f"{waiver.text or 'no reason given'} (approved by {waiver.by}{until})"


def standing(readiness: Readiness) -> str:
    """The verdict and how far the gates are: `NO-GO, 17 of 85 ready`."""
    verdict = f"{readiness.verdict}, " if readiness.verdict else ""
    return f"{verdict}{readiness.ready} of {readiness.total} ready"
