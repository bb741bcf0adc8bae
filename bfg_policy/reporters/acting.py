"""What owners are shown: what exactly they accept or waive, what is written, and what it did."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from bfg_policy.digest import checksum
from bfg_policy.instants import format_instant
from bfg_policy.recording.waivers import Waive
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.painting import Painter, counted, labelled, sentence, wrapped
from bfg_policy.reporters.results import PLAIN, Judged, Style
from bfg_policy.reporters.text import headline, in_english, node_name, waiting_for_it

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from bfg_policy.readiness import Readiness, Status
    from bfg_policy.recording.acceptances import Act
    from bfg_policy.recording.subjects import Subject
    from bfg_policy.scenario import Scenario

_MOST_NAMED = 8


def act_card(subject: Subject, act: Act | Waive, scenario: Scenario, style: Style = PLAIN) -> str:
    """What somebody is about to do about a gate, and what that gate is now."""
    gate, painter = subject.gate, Painter(style)
    title = in_english(gate.title)
    lines = [
        f"{painter.bold(f'{_verb(act)} {visible(gate.id)}')}"
        + (f" ({visible(title)})" if title else "")
    ]
    for label, text in [*_standing(subject), *_doing(act, scenario)]:
        lines.extend(labelled(label, text, style.width))
    return "\n".join(lines) + "\n"


def _verb(act: Act | Waive) -> str:
    if isinstance(act, Waive):
        return "waive"
    return "withdraw" if act.withdrawn else "accept"


def _standing(subject: Subject) -> Iterator[tuple[str, str]]:
    gate = subject.gate
    remedy = in_english(gate.remedy)
    if remedy:
        yield "to do", remedy
    if subject.lacking:
        yield "proof", f"does not hold yet: {'; '.join(subject.lacking)}"
    elif subject.asks:
        yield "proof", "what its rule asks for holds"
    if subject.missing:
        named = [node_name(need) for need in subject.missing[:_MOST_NAMED]]
        yield "needs", f"waits for {sentence(named, len(subject.missing) - len(named))}"
    else:
        yield "needs", "all that it needs is ready" if subject.needs else "nothing"
    yield "now", f"{gate.status}: {gate.because}"
    if gate.unblocks:
        yield "unblocks", waiting_for_it(gate.unblocks)
    if subject.snapshot_sha256 is not None:
        digest = subject.snapshot_sha256
        yield "snapshot", f"{checksum(digest)} ({digest})"


def _doing(act: Act | Waive, scenario: Scenario) -> Iterator[tuple[str, str]]:
    if isinstance(act, Waive):
        yield "asked by", _actor(act.requested_by, scenario)
        yield "approved", f"by {_actor(act.approved_by, scenario)}"
        yield "until", format_instant(act.expires)
        yield "reason", act.reason
        return
    yield "by", _actor(act.by, scenario)
    until = f", until {format_instant(act.expires)}" if act.expires is not None else ""
    yield "at", format_instant(act.at) + until
    if act.note:
        yield "note", act.note


def _actor(actor: str, scenario: Scenario) -> str:
    known = scenario.actors.get(actor)
    if known is None:
        return actor
    return f"{actor} ({', '.join(filter(None, (known.name, known.role)))})"


def written_lines(path: str, old: str | None, new: str, *, dry_run: bool, style: Style) -> str:
    """Which file is made or changed; where nothing is written, what would stand in it."""
    done = ("would make" if dry_run else "made") if old is None else ""
    done = done or ("would change" if dry_run else "changed")
    lines = [f"{done} {visible(path)}"]
    if dry_run or old is not None:
        difference = difflib.unified_diff(
            (old or "").splitlines(), new.splitlines(), "now", "then", lineterm="", n=1
        )
        lines.extend(f"  {_painted(line, style)}" for line in difference)
    return "\n".join(lines) + "\n"


def _painted(line: str, style: Style) -> str:
    painter, shown = Painter(style), visible(line)
    if line.startswith(("+++", "---", "@@")):
        return painter.dim(shown)
    color = {"+": "green", "-": "red"}.get(line[:1])
    return painter.paint(shown, color) if color else shown


def act_outcome(
    before: Readiness, after: Judged, gates: Collection[str], style: Style = PLAIN
) -> str:
    """What the gates are then, what else moved, and how far the scenario is."""
    painter, readiness = Painter(style), after.readiness
    lines = []
    for each in gates:
        gate = readiness.gates[each]
        lines.append(f"{painter.bold(visible(each))} is {painter.status(gate.status)}")
        lines.extend(f"  {line}" for line in wrapped(gate.because, style.width - 2))
    for status in ("ready", "waived", "next", "blocked", "invalid"):
        moved = [each for each in _moved(before, readiness, status) if each not in gates]
        if moved:
            named = sentence(moved[:_MOST_NAMED], max(len(moved) - _MOST_NAMED, 0))
            label = f"{counted(len(moved), 'other')} {status} now: "
            lines.extend(f"  {line}" for line in wrapped(label + named, style.width - 2))
    return "\n".join([*lines, *headline(after, style)]) + "\n"


def _moved(before: Readiness, after: Readiness, status: Status) -> Sequence[str]:
    return [
        gate.id
        for gate in after.gates.values()
        if gate.status == status and before.gates[gate.id].status != status
    ]
