"""A result of any kind -> the one view of it that all machine formats show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.readiness import STATUSES
from bfg_policy.reporters.cases import (
    INVALID_GATE,
    REQUIRED_GATE,
    SEVERITIES,
    WAIVED_GATE,
    Case,
    Group,
    Notice,
    View,
)
from bfg_policy.reporters.excerpts import tally
from bfg_policy.reporters.painting import counted, sentence
from bfg_policy.reporters.results import Compared, Findings, Judged, Tested
from bfg_policy.reporters.sentences import details_of, excuse, headline, progress, standing, why
from bfg_policy.reporters.testing import testing_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bfg_policy.comparison.types import Comparison
    from bfg_policy.errors import Finding
    from bfg_policy.readiness import GateResult, Readiness
    from bfg_policy.reporters.cases import Outcome
    from bfg_policy.reporters.results import Result, Several

# Among notices of one severity: what is wrong, what it made invalid, what is only not ready yet.
_RANKS = {INVALID_GATE: 1, REQUIRED_GATE: 2}


def view_of(result: Result) -> View:
    """What machine formats show of a result."""
    if isinstance(result, Judged):
        return _of_judged(result)
    if isinstance(result, Findings):
        return _view("findings", "", [Group("findings", findings=result.findings)], ())
    if isinstance(result, Compared):
        return _of_comparison(result.comparison)
    if isinstance(result, Tested):
        title = testing_title(result.run)
        return _view("tests", title, [Group("tests", findings=result.findings)], ())
    return _of_several(result)


def _counts(groups: Iterable[Group], scenarios: int, judged: int) -> dict[str, int]:
    """The counts of a View."""
    counts = {"scenarios": scenarios, "judged": judged, "gates": 0}
    counts |= dict.fromkeys((*STATUSES, *SEVERITIES), 0)
    for group in groups:
        counts["gates"] += len(group.cases)
        for case in group.cases:
            counts[case.gate.status] += 1
        for finding in group.findings:
            counts[finding.severity] += 1
    return counts


def _of_judged(judged: Judged) -> View:
    readiness = judged.readiness
    group = Group(readiness.scenario, _cases(readiness, judged.required), readiness.findings)
    unmet = [readiness.boards[board] for board in readiness.unmet(judged.required)]
    named = sentence([f"{board.id} {board.ready}/{board.total}" for board in unmet])
    faults = (f"required, and not ready: {named}",) if unmet else ()
    title = headline(readiness)
    return _view(readiness.scenario, title, [group], faults, scenarios=1, judged=1)


def _of_several(several: Several) -> View:
    groups = list(_several_groups(several))
    total, judged = len(several.entries), len(several.judged)
    title = counted(total, "scenario")
    faults = [f"{total - judged} could not be judged"] if judged < total else []
    unmet = sum(bool(each.unmet(several.required)) for each in several.judged)
    if unmet:
        faults.append(f"in {unmet} something required is not ready")
    return _view("scenarios", title, groups, faults, scenarios=total, judged=judged)


def _several_groups(several: Several) -> Iterator[Group]:
    """A group a scenario. What is wrong with the policies themselves is told once."""
    told: set[Finding] = set(several.findings)
    for name, entry in zip(several.names, several.entries, strict=True):
        findings = tuple(each for each in entry.findings if each not in told)
        told.update(findings)
        if entry.readiness is None:
            yield Group(name, (), findings)
        else:
            cases = _cases(entry.readiness, several.required)
            yield Group(name, cases, findings)
    if several.findings:
        yield Group("scenarios", findings=several.findings)


def _of_comparison(comparison: Comparison) -> View:
    after = comparison.after
    findings = (*comparison.notices, *comparison.findings)
    group = Group(after.scenario, findings=findings)
    moves = [
        f"{counted(len(comparison.moves), 'gate')} moved",
        f"{len(comparison.regressed)} regressed",
        f"policy weakened in {counted(len(comparison.weakened), 'place')}",
    ]
    before = comparison.before
    was = "not judged" if before is None else standing(before)
    title = f"{was} → {standing(after)}"
    return _view(f"{after.scenario}-diff", title, [group], moves, scenarios=1)


def _view(
    id_: str,
    title: str,
    groups: Sequence[Group],
    told: Iterable[str],
    *,
    scenarios: int = 0,
    judged: int = 0,
) -> View:
    findings = [finding for group in groups for finding in group.findings]
    counts = _counts(groups, scenarios, judged)
    parts = [progress(counts)] if judged else []
    summary = "; ".join([*parts, *told, tally(findings)])
    notices = list(map(_finding_notice, findings))
    for group in groups:
        notices.extend(_gate_notices(group, is_one=scenarios == 1))
    notices.sort(key=_worst)
    return View(id_, title or summary, summary, counts, tuple(groups), tuple(notices))


def _cases(readiness: Readiness, required: Sequence[str]) -> tuple[Case, ...]:
    return tuple(
        Case(gate, _outcome(gate, is_required=gate.board in required))
        for gate in readiness.gates.values()
    )


def _outcome(gate: GateResult, *, is_required: bool) -> Outcome:
    if gate.is_ready:
        return "passed"
    if gate.status == "invalid":
        return "error"
    return "failed" if is_required else "skipped"


def _finding_notice(finding: Finding) -> Notice:
    return Notice(
        finding.code,
        finding.severity,
        finding.message,
        finding.place,
        details_of(finding),
        finding.related,
    )


def _gate_notices(group: Group, *, is_one: bool) -> Iterator[Notice]:
    where = "" if is_one else f" of scenario `{group.name}`"
    for gate, outcome in group.cases:
        if outcome == "error":
            rule, severity, text = INVALID_GATE, SEVERITIES[0], f"is invalid: {gate.because}"
        elif outcome == "failed":
            told = f"is required, and {gate.status}: {why(gate)}"
            rule, severity, text = REQUIRED_GATE, SEVERITIES[0], told
        elif gate.status == "waived":
            rule, severity, text = WAIVED_GATE, SEVERITIES[2], f"is waived: {excuse(gate)}"
        else:
            continue
        yield Notice(
            rule,
            severity,
            f"gate `{gate.id}`{where} {text}",
            gate.source,
            scenario=group.name,
            gate=gate,
            excuse=excuse(gate) if rule == WAIVED_GATE else None,
        )


def _worst(notice: Notice) -> tuple[object, ...]:
    place, gate = notice.place, notice.gate
    return (
        SEVERITIES.index(notice.severity),
        _RANKS.get(notice.rule, 0),
        0 if gate is None else gate.status == "blocked",
        0 if gate is None else -gate.unblocks,
        place.path or "",
        place.line or 0,
        place.column or 0,
        notice.rule,
        notice.message,
    )
