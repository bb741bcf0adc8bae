"""The `text` format of a comparison: what a reviewer reads in a terminal, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.instants import format_instant
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.excerpts import finding_block
from bfg_policy.reporters.moves import rows
from bfg_policy.reporters.painting import Painter, counted, cut, padded, widest, wrapped
from bfg_policy.reporters.results import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.comparison.types import Comparison, Standing
    from bfg_policy.errors import Finding
    from bfg_policy.readiness import Status
    from bfg_policy.reporters.moves import Row
    from bfg_policy.reporters.results import Compared, Style

_WIDEST_ID = 60
_MOST_NOTICES = 50
_MOST_ROWS = 200
_MOST_NEXT = 20
_MOST_LINES = 20
_INDENT = "      "


def report(result: Compared, style: Style = PLAIN) -> str:
    """The comparison for a terminal of `style.width` columns."""
    blocks = _blocks(result.comparison, style)
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _blocks(comparison: Comparison, style: Style) -> Iterator[list[str]]:
    yield _headline(comparison, style)
    yield from _notices(comparison, style)
    yield _moved(comparison, style)
    yield _decisions(comparison, style)
    yield _next(comparison, style)
    yield _packets(comparison, style)
    for finding in comparison.findings:
        yield [finding_block(finding, style)]
    yield [_outcome(comparison, style)]


def _headline(comparison: Comparison, style: Style) -> list[str]:
    painter, base, head = Painter(style), comparison.base, comparison.head
    after = head.readiness
    verdict = _arrow(base.readiness.verdict if base else after.verdict, after.verdict)
    said = f"{verdict} for " if after.verdict else ""
    was = f"{base.readiness.ready} → " if base and base.readiness.ready != after.ready else ""
    scores = [
        f" · {each.name} {_arrow(each.before.ready if each.before else None, each.after.ready)}"
        f" of {each.after.total}"
        if each.after is not None
        else f" · {each.name} is gone"
        for each in comparison.scores
    ]
    progress = f"{was}{after.ready} of {counted(after.total, 'gate')} ready"
    lines = [painter.bold(visible(f"{said}{after.target} · {progress}{''.join(scores)}"))]
    if base is None:
        return [
            *lines,
            painter.dim(_standing(head)),
        ]
    is_other = base.scenario.id != head.scenario.id
    sides = (_standing(each, with_scenario=is_other) for each in (base, head))
    return [*lines, painter.dim(" → ".join(sides))]


def _standing(standing: Standing, *, with_scenario: bool = False) -> str:
    scenario = f" (scenario {standing.scenario.id})" if with_scenario else ""
    return visible(f"{standing.name}{scenario} at {format_instant(standing.readiness.at)}")


def _arrow(before: object, after: object) -> str:
    return str(after) if before in (after, None) else f"{before} → {after}"


def _notices(comparison: Comparison, style: Style) -> Iterator[list[str]]:
    """What a reviewer should look at, as findings: regressions where they begin, boards as one."""
    regressed = [row for row in rows(comparison) if _is_noticed(row)]
    of_gate = {move.gate: finding for move, finding in comparison.regressions}
    others = comparison.notices[: -len(of_gate) or None]
    listed = [*others, *(_of_row(row, of_gate[row.gates[0]]) for row in regressed)]
    for finding in listed[:_MOST_NOTICES]:
        yield [finding_block(finding, style)]
    if len(listed) > _MOST_NOTICES:
        yield [f"… and {len(listed) - _MOST_NOTICES} more like these"]


def _is_noticed(row: Row) -> bool:
    return row.is_regressed and not row.only_waits


def _of_row(row: Row, finding: Finding) -> Finding:
    if len(row.gates) == 1:
        return finding
    before = " or ".join(str(each) for each in row.before)
    message = f"all {len(row.gates)} gates of `{row.name}` were {before} and are {row.after}"
    return finding._replace(message=message)


def _moved(comparison: Comparison, style: Style) -> list[str]:
    if comparison.base is None:
        return []
    painter = Painter(style)
    if not comparison.moves:
        changed = ", though the policies changed" if comparison.policy_changed else ""
        return [f"No gate moved{changed}"]
    listed = [row for row in rows(comparison) if not _is_noticed(row)]
    if not listed:
        return []
    shown = listed[:_MOST_ROWS]
    room = widest((row.name for row in shown), _WIDEST_ID)
    lines = [painter.bold("Moved")]
    for row in shown:
        lines.append(_row(row, room, painter))
        for cause in row.causes:
            place = f" ({cause.place})" if str(cause.place) else ""
            text = f"{cause.kind}: {cause.what}{place}"
            lines.extend(f"{_INDENT}{line}" for line in wrapped(text, style.width - 6))
        if row.more:
            lines.append(f"{_INDENT}… and {row.more} more")
    if len(listed) > len(shown):
        lines.append(f"  … and {len(listed) - len(shown)} more")
    return lines


def _row(row: Row, room: int, painter: Painter) -> str:
    name = padded(cut(row.name, room), room)
    many = f" ({len(row.gates)} gates)" if len(row.gates) > 1 else ""
    before = ", ".join(_status(each, painter) for each in row.before)
    mark = painter.paint(" regressed", "red") if row.is_regressed else ""
    return f"  {name}  {before} → {_status(row.after, painter)}{many}{mark}"


def _status(status: Status | None, painter: Painter) -> str:
    return "none" if status is None else painter.status(status)


def _decisions(comparison: Comparison, style: Style) -> list[str]:
    if not comparison.decisions:
        return []
    room = widest((each.board for each in comparison.decisions), _WIDEST_ID)
    return [
        Painter(style).bold("Decisions"),
        *(
            f"  {padded(cut(each.board, room), room)}  {visible(each.before or 'none')} →"
            f" {visible(each.after or 'none')}"
            for each in comparison.decisions
        ),
    ]


def _next(comparison: Comparison, style: Style) -> list[str]:
    painter, after = Painter(style), comparison.after
    if not comparison.newly_next:
        return []
    shown = [after.gates[gate] for gate in comparison.newly_next[:_MOST_NEXT]]
    room = widest((gate.id for gate in shown), _WIDEST_ID)
    more = len(comparison.newly_next) - len(shown)
    return [
        painter.bold("Newly next") + painter.dim(" (the number: gates that wait)"),
        *(
            f"  {gate.unblocks or '':>4}  {padded(cut(gate.id, room), room)}  {visible(gate.owner)}"
            for gate in shown
        ),
        *([f"        … and {more} more"] if more > 0 else []),
    ]


def _packets(comparison: Comparison, style: Style) -> list[str]:
    if not comparison.packets:
        return []
    painter = Painter(style)
    lines = [painter.bold("Packets that change")]
    for packet in comparison.packets:
        lines.append(f"  {visible(packet.path)} ({visible(packet.board)}): {packet.kind}")
        shown = packet.difference[:_MOST_LINES]
        lines.extend(painter.dim(f"    {cut(line, style.width - 4)}".rstrip()) for line in shown)
        if len(packet.difference) > len(shown):
            lines.append(painter.dim(f"    … and {len(packet.difference) - len(shown)} more"))
    return lines


def _outcome(comparison: Comparison, style: Style) -> str:
    """The last line: how much there is to look at, and what the exit code means."""
    painter = Painter(style)
    if comparison.base is None:
        unknown = ", so nothing is known of what `--fail-on` asks" if comparison.fail_on else ""
        return f"exit 0: HEAD was judged by itself{unknown}"
    regressed, weakened = len(comparison.regressed), len(comparison.weakened)
    told = f"{counted(regressed, 'gate')} regressed, {counted(weakened, 'place')} weakened"
    if comparison.fails:
        return painter.paint(f"exit 1: {told}", "red")
    if not (regressed or weakened):
        return painter.paint("exit 0: nothing regressed, and the policy asks for no less", "green")
    unasked = "" if comparison.fail_on else " (`--fail-on` would fail on them)"
    return f"exit 0: {told}{unasked}"
