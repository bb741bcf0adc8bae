"""What suppositions do: as text for a terminal, as `WhatIf.v1`, and as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.instants import format_instant
from bfg_policy.rendering.engine import engine_templates
from bfg_policy.rendering.limits import Limits
from bfg_policy.rendering.renderer import ENGINE, Renderer
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.excerpts import finding_block
from bfg_policy.reporters.json import Data, document_text, finding_data
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
from bfg_policy.reporters.results import PLAIN, Style
from bfg_policy.reporters.text import waiting_for_it

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bfg_policy.comparison.types import Move
    from bfg_policy.planning.what_if import WhatIf
    from bfg_policy.readiness import Readiness

_MOST_MOVES = 100
_MOST_NAMED = 8
_WIDEST_ID = 60
_LABEL = "Supposed, and written nowhere"


def report(form: str, result: WhatIf, style: Style = PLAIN) -> str:
    """The result in a format: `text`, `json` or `markdown`. style: counts for text alone.

    Raises RenderError where the Markdown would be too large.
    """
    if form == "json":
        return document_text(what_if_document(result))
    if form == "markdown":
        limits = Limits.of_gates(result.after.total)
        context = {**what_if_document(result), "label": _LABEL}
        return Renderer({}, engine_templates(), limits).render(f"{ENGINE}what_if.md", context)
    return what_if_text(result, style)


def what_if_document(result: WhatIf) -> Data:
    """The result as `WhatIf.v1`: plain data. Moves are those of `ReadinessDiff.v1`."""
    after = result.after
    action = after.gates[after.next_action] if after.next_action is not None else None
    return {
        "contract": "WhatIf.v1",
        "hypothetical": True,
        "supposed": list(result.supposed),
        "scenario": after.scenario,
        "target": after.target,
        "pack": result.before.pack._asdict(),
        "before": _side(result.before),
        "after": _side(after),
        "moves": [_move(move) for move in result.moves],
        "regressed": [move.gate for move in result.regressed],
        "decisions": [
            {"board": each.board, "from": each.before, "to": each.after}
            for each in result.decisions
        ],
        "newly_next": list(result.newly_next),
        "next_action": None
        if action is None
        else {"gate": action.id, "owner": action.owner, "unblocks": action.unblocks},
        "findings": [finding_data(finding) for finding in result.findings],
    }


def _side(readiness: Readiness) -> Data:
    return {
        "at": format_instant(readiness.at),
        "verdict": readiness.verdict,
        "ready": readiness.ready,
        "total": readiness.total,
    }


def _move(move: Move) -> Data:
    causes = [{"kind": cause.kind, "what": cause.what} for cause in move.causes]
    return {"gate": move.gate, "from": move.before, "to": move.after, "causes": causes}


def what_if_text(result: WhatIf, style: Style = PLAIN) -> str:
    """The result for a terminal of `style.width` columns."""
    painter = Painter(style)
    supposed = [line for each in result.supposed for line in _item(each, style)]
    blocks = [
        [painter.bold(f"{_LABEL}:"), *supposed],
        _headline(result, painter),
        _moves(result.moves, style),
        [
            f"{painter.bold(visible(each.board))} decides {visible(each.after or 'nothing')},"
            f" not {visible(each.before or 'nothing')}"
            for each in result.decisions
        ],
        _next(result, style),
        *([finding_block(finding, style)] for finding in result.findings),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _item(text: str, style: Style) -> list[str]:
    first, *rest = wrapped(text, style.width - 4)
    return [f"  - {first}", *(f"    {line}" for line in rest)]


def _headline(result: WhatIf, painter: Painter) -> list[str]:
    before, after = result.before, result.after
    verdict = _change(before.verdict, after.verdict)
    said = f"{verdict} for " if verdict else ""
    counts = _change(str(before.ready), str(after.ready))
    at = _change(format_instant(before.at), format_instant(after.at))
    return [
        painter.bold(f"{visible(said + after.target)} · {counts} of {after.total} gates ready"),
        painter.dim(f"{visible(after.scenario)} at {at}"),
    ]


def _change(before: str | None, after: str | None) -> str:
    if before == after:
        return after or ""
    return f"{before or 'nothing'} → {after or 'nothing'}"


def _moves(moves: Sequence[Move], style: Style) -> list[str]:
    painter = Painter(style)
    if not moves:
        return ["No gate moves."]
    shown = moves[:_MOST_MOVES]
    names = widest((move.gate for move in shown), _WIDEST_ID)
    steps = max(len(f"{move.before} → {move.after}") for move in shown)
    lines = []
    for move in shown:
        step = f"{move.before} → {move.after}"
        assert move.after is not None
        why = "; ".join(cause.what for cause in move.causes)
        name = padded(cut(move.gate, names), names)
        line = f"  {name}  {painter.status(move.after, f'{step:<{steps}}')}"
        if width(why) <= style.width - names - steps - 6:
            lines.append(f"{line}  {visible(why)}".rstrip())
        else:
            lines.append(line.rstrip())
            lines.extend(f"      {each}" for each in wrapped(why, style.width - 6))
    if len(moves) > len(shown):
        lines.append(f"  … and {len(moves) - len(shown)} more")
    regressed = sum(move.is_regressed for move in moves)
    told = f" ({regressed} went backwards)" if regressed else ""
    return [painter.bold(f"{counted(len(moves), 'gate')} would move{told}"), *lines]


def _next(result: WhatIf, style: Style) -> list[str]:
    return list(_next_lines(result, style))


def _next_lines(result: WhatIf, style: Style) -> Iterator[str]:
    painter, after = Painter(style), result.after
    fresh = result.newly_next
    if fresh:
        named = sentence(fresh[:_MOST_NAMED], max(len(fresh) - _MOST_NAMED, 0))
        first, *rest = wrapped(f"Newly next: {named}", style.width)
        yield first
        yield from (f"  {line}" for line in rest)
    if after.next_action is not None:
        gate = after.gates[after.next_action]
        told = f"{visible(gate.owner)}; {waiting_for_it(gate.unblocks)}"
        yield f"{painter.bold('Next:')} {painter.status(gate.status, visible(gate.id))}, {told}"
    elif after.ready == after.total:
        yield f"{painter.bold('Next:')} nothing; every gate would be ready"
