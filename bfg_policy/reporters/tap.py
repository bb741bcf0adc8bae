"""The `tap` format: the Test Anything Protocol, version 13, which every reader knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.ci import ci_safe
from bfg_policy.reporters.json import inert_json
from bfg_policy.reporters.sentences import details_of, excuse, why
from bfg_policy.reporters.views import view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bfg_policy.errors import Finding, Place
    from bfg_policy.reporters.cases import Case
    from bfg_policy.reporters.results import Result, Style

# Older readers know no escape of `#`, which begins a directive: so none is written.
_ESCAPED = str.maketrans({"\\": "\\\\", "#": "\\\\x23"})


class Point(NamedTuple):
    """One test point. todo: why it fails nothing though it is not ok. block: the lines below it.

    Title and todo are as they were written; nothing is escaped yet.
    """

    is_ok: bool
    title: str
    todo: str | None = None
    block: tuple[str, ...] = ()


def report(result: Result, _style: Style) -> str:
    """The result as TAP: a test point a gate and a finding, and the summary as a comment.

    A gate that is not ready is `not ok`; where nobody required it, it is marked as TODO, so
    that it fails nothing.
    """
    view = view_of(result)
    points: list[Point] = []
    for group in view.groups:
        prefix = f"{group.name}: " if view.is_several else ""
        points.extend(_gate(case, prefix) for case in group.cases)
        points.extend(_finding(finding, prefix) for finding in group.findings)
    return tap_text(points, [view.sentence])


def tap_text(points: Sequence[Point], told: Iterable[str]) -> str:
    """A whole report of test points, with sentences as comments below them."""
    lines = ["TAP version 13", f"1..{len(points)}" + ("" if points else " # SKIP nothing to tell")]
    for number, point in enumerate(points, start=1):
        ok = "ok" if point.is_ok else "not ok"
        todo = "" if point.todo is None else f" # TODO {_escaped(point.todo)}"
        lines.append(f"{ok} {number} - {_escaped(point.title)}{todo}")
        lines.extend(point.block)
    lines.extend(f"# {_line(sentence)}" for sentence in told)
    return "\n".join(lines) + "\n"


def _gate(case: Case, prefix: str) -> Point:
    gate = case.gate
    name = prefix + gate.id
    if case.outcome == "passed":
        waived = f" (waived: {excuse(gate)})" if gate.status == "waived" else ""
        return Point(is_ok=True, title=name + waived)
    told = f"{gate.status}: {why(gate)}"
    if case.outcome == "skipped":
        return Point(is_ok=False, title=name, todo=told)
    severity = "error" if case.outcome == "error" else "fail"
    return Point(is_ok=False, title=name, block=block(told, severity, gate.source))


def _finding(finding: Finding, prefix: str) -> Point:
    where = f" {finding.place}".rstrip()
    title = f"{prefix}{finding.severity} {finding.code}{where}: {finding.message}"
    details = {"help": "; ".join(details_of(finding))} if details_of(finding) else {}
    told = block(finding.message, finding.severity, finding.place, details)
    return Point(is_ok=not finding.is_error, title=title, block=told)


def block(
    message: str, severity: str, place: Place, more: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """A block of YAML below a test point; its texts are JSON's, which YAML reads alike."""
    return tuple(_block(message, severity, place, more or {}))


def _block(message: str, severity: str, place: Place, more: Mapping[str, str]) -> Iterator[str]:
    yield "  ---"
    yield f"  message: {inert_json(message)}"
    yield f"  severity: {severity}"
    for key, text in more.items():
        yield f"  {key}: {inert_json(text)}"
    if place.path is not None:
        yield "  at:"
        yield f"    file: {inert_json(place.path)}"
        if place.line is not None:
            yield f"    line: {place.line}"
        if place.column is not None:
            yield f"    column: {place.column}"
    yield "  ..."


def _escaped(text: str) -> str:
    """A description or a reason on one line, in which nothing begins a directive."""
    return _line(text).translate(_ESCAPED)


def _line(text: str) -> str:
    return ci_safe(visible(text))
