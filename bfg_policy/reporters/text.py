"""The `text` format: what a reviewer reads in a terminal, the verdict first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.instants import format_instant
from bfg_policy.pack import board_of, is_whole
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.excerpts import finding_block, tally
from bfg_policy.reporters.painting import (
    Painter,
    counted,
    cut,
    padded,
    sentence,
    widest,
    width,
    wrapped,
)
from bfg_policy.reporters.readings import condition_lines
from bfg_policy.reporters.results import PLAIN, Findings, Judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bfg_policy.errors import Finding
    from bfg_policy.readiness import BoardResult, GateResult, Readiness, Texts
    from bfg_policy.reporters.results import Result, Style
    from bfg_policy.scenario import Scenario

_WIDEST_ID = 60
# Of the gates that one owner can act on, so many are named.
_MOST_GATES = 25
_LANGUAGE = "en"
_STUCK = "nobody can act before what is invalid is put right"


def report(result: Result, style: Style = PLAIN) -> str:
    """The result for a terminal of `style.width` columns."""
    if isinstance(result, Judged):
        blocks = _judged(result, style)
    else:
        assert isinstance(result, Findings)
        blocks = _findings(result.findings, style)
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _findings(findings: Iterable[Finding], style: Style) -> Iterator[list[str]]:
    listed = tuple(findings)
    for finding in listed:
        yield [finding_block(finding, style)]
    yield [tally(listed)]


def _judged(judged: Judged, style: Style) -> Iterator[list[str]]:
    readiness = judged.readiness
    yield headline(judged, style)
    yield _next(judged, style)
    yield _boards(readiness, style)
    yield _today(judged, style)
    yield _blocked(readiness, style)
    yield _waived(readiness, style)
    yield _also(readiness)
    for finding in readiness.findings:
        yield [finding_block(finding, style)]
    yield [_outcome(judged, style)]


def headline(judged: Judged, style: Style) -> list[str]:
    """The verdict and the counts; and what was judged, by what, and when."""
    readiness, painter = judged.readiness, Painter(style)
    boards = readiness.boards
    verdict = judged.pack.verdict
    is_go = boards[verdict].is_ready if verdict else readiness.ready == readiness.total
    color = "green" if is_go else "red"
    progress = f"{readiness.ready} of {counted(readiness.total, 'gate')} ready"
    said = f"{readiness.verdict} for " if readiness.verdict else ""
    others = [
        painter.status(status, f"{number} {status}")
        for status, number in readiness.counts.items()
        if number and status != "ready"
    ]
    pack = " ".join(filter(None, (readiness.pack.id, readiness.pack.version)))
    return [
        f"{painter.paint(visible(said + readiness.target), 'bold', color)} · {progress}"
        + (f" ({', '.join(others)})" if others else ""),
        painter.dim(
            f"{visible(readiness.scenario)}, judged by {visible(pack)}"
            f" at {format_instant(readiness.at)}"
        ),
    ]


def _next(judged: Judged, style: Style) -> list[str]:
    readiness, painter = judged.readiness, Painter(style)
    label = painter.bold("Next:")
    if readiness.next_action is None:
        is_done = readiness.ready == readiness.total
        return [f"{label} " + ("nothing; every gate is ready" if is_done else _STUCK)]
    gate = readiness.gates[readiness.next_action]
    waiting = waiting_for_it(gate.unblocks)
    lines = [f"{label} {painter.status(gate.status, visible(gate.id))}; {waiting}"]
    for text in (who(judged, gate.owner), in_english(gate.remedy) or in_english(gate.title)):
        lines.extend(f"      {line}" for line in wrapped(text, style.width - 6))
    return lines


def _boards(readiness: Readiness, style: Style) -> list[str]:
    painter, boards = Painter(style), list(readiness.boards.values())
    room = widest((board.id for board in boards), _WIDEST_ID)
    progress = {board.id: f"{board.ready}/{board.total}" for board in boards}
    digits = max((len(each) for each in progress.values()), default=0)
    indent = room + digits + 6
    lines = [painter.bold("Boards")]
    for board in boards:
        color = "green" if board.is_ready else "yellow" if board.ready else "dim"
        name = padded(cut(board.id, room), room)
        shown = painter.paint(f"{progress[board.id]:>{digits}}", color)
        first, *rest = _decision(board, style.width - indent)
        lines.append(f"  {name}  {shown}  {first}".rstrip())
        lines.extend(" " * indent + painter.dim(line) for line in rest)
    return lines


def _decision(board: BoardResult, room: int) -> list[str]:
    """A board's decision and the words that go with it, on one line where they fit."""
    if board.decision is None:
        return [""]
    words = ", ".join(f"{key}: {word}" for key, word in board.also.items())
    if not words:
        return [visible(board.decision)]
    whole = f"{board.decision} ({words})"
    return [visible(whole)] if width(whole) <= room else [visible(board.decision), visible(words)]


def _today(judged: Judged, style: Style) -> list[str]:
    """What each owner can do, those gates first that hold back most."""
    readiness, painter = judged.readiness, Painter(style)
    lines = []
    for owner in readiness.owners.values():
        gates = [readiness.gates[gate] for gate in (*owner.invalid, *owner.next)]
        if not gates:
            continue
        lines.append(f"  {visible(who(judged, owner.role))}")
        shown = gates[:_MOST_GATES]
        room = widest((gate.id for gate in shown), _WIDEST_ID)
        for gate in shown:
            is_invalid = gate.status == "invalid"
            text = f"invalid: {gate.because}" if is_invalid else in_english(gate.title)
            told = cut(text, max(style.width - room - 12, 20))
            name = painter.status(gate.status, padded(cut(gate.id, room), room))
            lines.append(f"    {gate.unblocks or '':>4}  {name}  {told}".rstrip())
            lines.extend(
                painter.dim(f"{'':12}{cut(line, style.width - 12)}")
                for line in condition_lines(gate.readings)
            )
        if len(gates) > len(shown):
            lines.append(f"    {'':>4}  … and {len(gates) - len(shown)} more")
    if not lines:
        return []
    return [painter.bold("Today") + painter.dim(" (the number: gates that wait)"), *lines]


def _blocked(readiness: Readiness, style: Style) -> list[str]:
    """Board by board, where what holds it back begins, and not each gate in between."""
    painter = Painter(style)
    room = widest(readiness.boards, _WIDEST_ID)
    lines = []
    for board in readiness.boards.values():
        gates = [readiness.gates[gate] for gate in board.gates]
        blocked = [gate for gate in gates if gate.status == "blocked"]
        if blocked:
            name = padded(cut(board.id, room), room)
            causes = _causes(blocked, readiness, style.width - room - 15)
            lines.append(f"  {name}  {len(blocked):>3} behind {causes}")
    told = " (behind: the boards where it begins, and how many of their gates)"
    return [painter.bold("Blocked") + painter.dim(told), *lines] if lines else []


def _causes(blocked: Iterable[GateResult], readiness: Readiness, room: int) -> str:
    """The boards of the root causes of some gates, with the number of causes, most first."""
    # Gates with the same causes share one tuple of them, and a board may have many such gates.
    lists = {id(gate.root_causes): gate.root_causes for gate in blocked}
    causes = dict.fromkeys(cause for each in lists.values() for cause in each)
    by_board: dict[str, list[GateResult]] = {}
    for cause in causes:
        by_board.setdefault(board_of(cause), []).append(readiness.gates[cause])
    ordered = sorted(by_board, key=lambda board: -max(gate.unblocks for gate in by_board[board]))
    named = [f"{board} ({len(by_board[board])})" for board in ordered]
    shown = len(named)
    while shown > 1 and width(sentence(named[:shown], len(named) - shown)) > room:
        shown -= 1
    return visible(sentence(named[:shown], len(named) - shown))


def _waived(readiness: Readiness, style: Style) -> list[str]:
    painter = Painter(style)
    lines = []
    for gate in readiness.gates.values():
        if gate.status == "waived" and gate.waiver is not None:
            until = f" until {format_instant(gate.waiver.expires)}" if gate.waiver.expires else ""
            approval = f"approved by {visible(gate.waiver.by)}{until}"
            lines.append(f"  {painter.status('waived', visible(gate.id))}  {approval}")
            lines.extend(f"    {line}" for line in wrapped(gate.waiver.text or "", style.width - 4))
    return [painter.bold("Waived"), *lines] if lines else []


def _also(readiness: Readiness) -> list[str]:
    """The scores, explained, and the first change that time alone makes."""
    lines = [
        f"Score {visible(name)}: {score.ready} of {score.total} boards ready;"
        f" {score.started} of {score.total} ({score.started_percent} %) have a ready gate"
        for name, score in readiness.scores.items()
    ]
    change = readiness.next_change
    if change is not None:
        gate, why = visible(change.gate), visible(change.why)
        lines.append(f"Time alone changes this at {format_instant(change.at)}: {gate}, {why}")
    return lines


def _outcome(judged: Judged, style: Style) -> str:
    """The last line: what the exit code of this judgement means."""
    readiness, painter = judged.readiness, Painter(style)
    unmet = [readiness.boards[board] for board in readiness.unmet(judged.required)]
    faults = []
    if unmet:
        named = [f"{board.id} {board.ready}/{board.total}" for board in unmet]
        faults.append(f"required, and not ready: {visible(sentence(named))}")
    if readiness.has_errors:
        faults.append(f"{tally([each for each in readiness.findings if each.is_error])} above")
    if faults:
        return painter.paint(f"exit 1: {'; '.join(faults)}", "red")
    if judged.required:
        required = visible(sentence(judged.required))
        return painter.paint(f"exit 0: all that was required is ready: {required}", "green")
    return "exit 0: nothing was required (`--require BOARD` asks for more)"


def waiting_for_it(count: int) -> str:
    """How many gates wait for one, such as `32 gates wait for it`."""
    return f"{counted(count, 'gate')} {'waits' if count == 1 else 'wait'} for it"


def who(judged: Judged, role: str) -> str:
    """A role with the people who hold it; unescaped text."""
    owner = judged.readiness.owners.get(role)
    names = [_name(judged.scenario, actor) for actor in owner.actors] if owner else []
    return f"{role}: {', '.join(names) or 'nobody in this scenario'}"


def _name(scenario: Scenario, actor: str) -> str:
    return scenario.actors[actor].name or actor


def node_name(node: str) -> str:
    """A gate's id, or the name of a board where all its gates are meant; unescaped text."""
    return f"board {board_of(node)}" if is_whole(node) else node


def in_english(texts: Texts) -> str:
    """A text in English; where it is not translated, in the first language that it has."""
    return texts.get(_LANGUAGE) or (texts[min(texts)] if texts else "")
