"""The `markdown` format of a comparison: the comment on a pull request, within a forge's limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.instants import format_instant
from bfg_policy.rendering.engine import engine_templates
from bfg_policy.rendering.limits import Limits
from bfg_policy.rendering.renderer import ENGINE, Renderer
from bfg_policy.reporters.cutting import cut_markdown, shortened
from bfg_policy.reporters.moves import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bfg_policy.comparison.types import Comparison, PacketChange
    from bfg_policy.errors import Finding, Place
    from bfg_policy.reporters.moves import Row
    from bfg_policy.reporters.results import Compared, Style

Data = dict[str, object]

# Characters of a comment, by GitHub; GitLab takes more.
MOST_CHARACTERS = 65_536
# How many of each are listed: the most that fit.
_SIZES = (200, 100, 50, 25, 10, 5, 2)
_LONGEST = 300
_MOST_NAMED = 10
_STEPS = 200_000_000


def report(result: Compared, _style: Style) -> str:
    """The comparison as GitHub's Markdown, of at most MOST_CHARACTERS; what is cut is said."""
    comparison = result.comparison
    # Ours, and what it lists is bounded by the sizes below: it costs what it has to.
    renderer = Renderer({}, engine_templates(), Limits(steps=_STEPS, written=_STEPS))
    text = ""
    for size in _SIZES:
        text = renderer.render(f"{ENGINE}diff.md", _context(comparison, size))
        if len(text) <= MOST_CHARACTERS:
            return text
    return cut_markdown(text, MOST_CHARACTERS)


def _context(comparison: Comparison, most: int) -> Data:
    base, after = comparison.base, comparison.after
    listed = rows(comparison) if base is not None else ()
    regressed = [row for row in listed if row.is_regressed]
    return {
        "scenario": after.scenario,
        "target": _short(after.target),
        "compared": base is not None,
        "scenario_before": base.scenario.id if base is not None else None,
        "base": _short(comparison.base_name),
        "base_at": format_instant(base.readiness.at) if base is not None else None,
        "head": _short(comparison.head.name),
        "head_at": format_instant(after.at),
        "verdict": _maybe(after.verdict),
        "verdict_before": _maybe(base.readiness.verdict) if base is not None else None,
        "ready": after.ready,
        "ready_before": base.readiness.ready if base is not None else None,
        "total": after.total,
        "scores": list(_scores(comparison)),
        "next": _next(comparison),
        "policy_changed": comparison.policy_changed,
        "weakened": [
            {
                "gate": _short(each.gate),
                "what": _short(each.what),
                "witness": _short(each.witness or ""),
                "where": _where(each.place),
            }
            for each in comparison.weakened[:most]
        ],
        "weakened_total": len(comparison.weakened),
        "regressed": [_short(row.name) for row in regressed[:_MOST_NAMED]],
        "regressed_total": len(regressed),
        "rows": [_row(row) for row in listed[:most]],
        "rows_total": len(listed),
        "findings": _findings(comparison.findings[:most]),
        "findings_total": len(comparison.findings),
        "base_findings": _findings(comparison.base_findings[:most]),
        "decisions": [
            {
                "board": _short(each.board),
                "before": _maybe(each.before),
                "after": _maybe(each.after),
            }
            for each in comparison.decisions[:most]
        ],
        "decisions_total": len(comparison.decisions),
        "owners": list(_owners(comparison, most)),
        "packets": [_packet(each) for each in comparison.packets[:most]],
        "packets_total": len(comparison.packets),
    }


def _scores(comparison: Comparison) -> Iterator[Data]:
    """HEAD's scores, whether they moved or not, then those that are gone (`total` None)."""
    base = comparison.base
    for name, score in comparison.after.scores.items():
        old = base.readiness.scores.get(name) if base is not None else None
        yield {
            "name": name,
            "before": old.ready if old is not None else None,
            "ready": score.ready,
            "total": score.total,
        }
    for each in comparison.scores:
        if each.after is None:
            yield {"name": each.name, "before": None, "ready": None, "total": None}


def _next(comparison: Comparison) -> Data | None:
    after = comparison.after
    if after.next_action is None:
        return None
    gate = after.gates[after.next_action]
    return {
        "gate": gate.id,
        "owner": gate.owner,
        "people": _people(comparison, gate.owner),
        "unblocks": gate.unblocks,
    }


def _people(comparison: Comparison, role: str) -> list[str]:
    actors = comparison.head.scenario.actors
    owner = comparison.after.owners.get(role)
    return [_short(actors[each].name or each) for each in owner.actors] if owner else []


def _row(row: Row) -> Data:
    causes = [{"what": _short(each.what), "where": _where(each.place)} for each in row.causes]
    name = _short(row.name)
    return {
        **row._asdict(),
        "name": name,
        "gates": list(row.gates),
        "before": list(row.before),
        "causes": causes,
    }


def _findings(findings: Iterable[Finding]) -> list[Data]:
    return [
        {
            "code": finding.code,
            "severity": finding.severity,
            "message": _short(finding.message),
            "place": _where(finding.place),
        }
        for finding in findings
    ]


def _owners(comparison: Comparison, most: int) -> Iterator[Data]:
    after = comparison.after
    for owner in after.owners.values():
        newly = [each for each in comparison.newly_next if after.gates[each].owner == owner.role]
        if owner.next or owner.invalid or owner.blocked:
            yield {
                "role": owner.role,
                "people": _people(comparison, owner.role),
                "newly": newly[:most],
                "more": len(newly[most:]),
                "next": len(owner.next) + len(owner.invalid),
                "blocked": len(owner.blocked),
            }


def _packet(change: PacketChange) -> Data:
    signs = [line[:1] for line in change.difference]
    return {
        "path": _short(change.path),
        "board": _short(change.board),
        "kind": change.kind,
        "added": signs.count("+"),
        "removed": signs.count("-"),
    }


def _where(place: Place) -> str:
    return _short(str(place._replace(column=None)))


def _maybe(text: str | None) -> str | None:
    return None if text is None else _short(text)


def _short(text: str) -> str:
    return shortened(text, _LONGEST)
