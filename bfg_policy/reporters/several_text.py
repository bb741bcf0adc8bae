"""The `text` format of several scenarios: a line each, what is wrong with them, the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.excerpts import finding_block, tally
from bfg_policy.reporters.painting import Painter, cut, padded, sentence, widest
from bfg_policy.reporters.results import PLAIN, Several
from bfg_policy.reporters.views import view_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.reporters.results import Entry, Result, Style

_WIDEST_NAME = 60
_WIDEST_VERDICT = 24


class _Row(NamedTuple):
    """One scenario in the table, of unescaped text."""

    exit: int
    ready: str
    verdict: str
    name: str
    told: str


def report(result: Result, style: Style = PLAIN) -> str:
    """Several scenarios for a terminal of `style.width` columns."""
    assert isinstance(result, Several)
    return "\n\n".join("\n".join(block) for block in _blocks(result, style)) + "\n"


def _blocks(several: Several, style: Style) -> Iterator[list[str]]:
    view = view_of(several)
    yield _table(list(map(_row, several.names, several.entries)), style)
    for group in view.groups:
        for finding in group.findings:
            yield [finding_block(finding, style)]
    color = "red" if several.exit else "green"
    outcome = Painter(style).paint(f"exit {several.exit}", color)
    yield [visible(view.sentence), f"{outcome}: {_why(several)}"]


def _why(several: Several) -> str:
    if several.exit:
        is_theirs = any(entry.exit == several.exit for entry in several.entries)
        return "the worst of them" if is_theirs else f"{tally(several.findings)} between them"
    if several.required:
        return f"all that was required is ready: {visible(sentence(several.required))}"
    return "nothing was required (`--require BOARD` asks for more)"


def _row(name: str, entry: Entry) -> _Row:
    readiness = entry.readiness
    if readiness is None:
        told = f"not judged: {tally(entry.findings)}"
        return _Row(entry.exit, "-", "-", name, told)
    told = tally(readiness.findings) + " below" if readiness.findings else ""
    if not told and readiness.next_action is not None:
        told = f"next: {readiness.next_action}"
    progress = f"{readiness.ready}/{readiness.total}"
    return _Row(entry.exit, progress, readiness.verdict or "-", name, told)


def _table(rows: list[_Row], style: Style) -> list[str]:
    painter = Painter(style)
    name = max(widest((row.name for row in rows), _WIDEST_NAME), len("scenario"))
    verdict = max(widest((row.verdict for row in rows), _WIDEST_VERDICT), len("verdict"))
    ready = max(len("ready"), *(len(row.ready) for row in rows))
    room = max(style.width - name - verdict - ready - 12, 20)
    lines = [
        painter.bold(f"{'exit':>4}  {'ready':>{ready}}  {'verdict':{verdict}}  {'scenario':{name}}")
    ]
    for row in rows:
        code = painter.paint(f"{row.exit:>4}", "red" if row.exit else "green")
        verdict_shown = padded(cut(row.verdict, verdict), verdict)
        shown = f"{row.ready:>{ready}}  {verdict_shown}  {padded(cut(row.name, name), name)}"
        lines.append(f"{code}  {shown}  {painter.dim(cut(row.told, room))}".rstrip())
    return [line.rstrip() for line in lines]
