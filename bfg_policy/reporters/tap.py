"""The `tap` format: the Test Anything Protocol, version 13, which every reader knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.ci import ci_safe
from bfg_policy.reporters.json import inert_json
from bfg_policy.reporters.sentences import details_of, excuse, why
from bfg_policy.reporters.views import view_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bfg_policy.errors import Finding, Place
    from bfg_policy.reporters.cases import Case
    from bfg_policy.reporters.results import Result, Style

# Older readers know no escape of `#`, which begins a directive: so none is written.
_ESCAPED = str.maketrans({"\\": "\\\\", "#": "\\\\x23"})


def report(result: Result, _style: Style) -> str:
    """The result as TAP: a test point a gate and a finding, and the summary as a comment.

    A gate that is not ready is `not ok`; where nobody required it, it is marked as TODO, so
    that it fails nothing.
    """
    view = view_of(result)
    points: list[list[str]] = []
    for group in view.groups:
        prefix = f"{group.name}: " if view.is_several else ""
        points.extend(_gate(case, prefix) for case in group.cases)
        points.extend(_finding(finding, prefix) for finding in group.findings)
    lines = ["TAP version 13", f"1..{len(points)}" + ("" if points else " # SKIP nothing to tell")]
    for number, (first, *rest) in enumerate(points, start=1):
        ok, _, text = first.partition("|")
        lines.extend([f"{ok} {number} - {text}", *rest])
    lines.append(f"# {_line(view.sentence)}")
    return "\n".join(lines) + "\n"


def _gate(case: Case, prefix: str) -> list[str]:
    gate = case.gate
    name = escaped(prefix + gate.id)
    if case.outcome == "passed":
        waived = f" (waived: {excuse(gate)})" if gate.status == "waived" else ""
        return [f"ok|{name}{escaped(waived)}"]
    told = f"{gate.status}: {why(gate)}"
    if case.outcome == "skipped":
        return [f"not ok|{name} # TODO {escaped(told)}"]
    severity = "error" if case.outcome == "error" else "fail"
    return [f"not ok|{name}", *block(told, severity, gate.source)]


def _finding(finding: Finding, prefix: str) -> list[str]:
    point = "not ok" if finding.is_error else "ok"
    where = f" {finding.place}".rstrip()
    title = f"{prefix}{finding.severity} {finding.code}{where}: {finding.message}"
    details = {"help": "; ".join(details_of(finding))} if details_of(finding) else {}
    return [
        f"{point}|{escaped(title)}",
        *block(finding.message, finding.severity, finding.place, details),
    ]


def block(
    message: str, severity: str, place: Place, more: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A block of YAML below a test point; its texts are JSON's, which YAML reads alike."""
    yield "  ---"
    yield f"  message: {inert_json(message)}"
    yield f"  severity: {severity}"
    for key, text in (more or {}).items():
        yield f"  {key}: {inert_json(text)}"
    if place.path is not None:
        yield "  at:"
        yield f"    file: {inert_json(place.path)}"
        if place.line is not None:
            yield f"    line: {place.line}"
        if place.column is not None:
            yield f"    column: {place.column}"
    yield "  ..."


def escaped(text: str) -> str:
    """A description or a reason on one line, in which nothing begins a directive."""
    return _line(text).translate(_ESCAPED)


def _line(text: str) -> str:
    return ci_safe(visible(text))
