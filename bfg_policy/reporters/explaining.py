"""Why a gate is what it is: what it asks, what it waits for to the root causes, who can act."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.evaluation.boards import is_ready
from bfg_policy.instants import format_duration
from bfg_policy.pack import board_of, is_whole
from bfg_policy.readiness import ACTIONABLE
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.painting import Painter, cut, labelled, sentence, width, wrapped
from bfg_policy.reporters.readings import value_lines
from bfg_policy.reporters.results import PLAIN, Style
from bfg_policy.reporters.text import in_english, node_name, waiting_for_it, who

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.pack import Gate
    from bfg_policy.readiness import GateResult
    from bfg_policy.reporters.results import Judged

_MOST_LINES = 100
_MOST_DEPTH = 12
_MOST_CAUSES = 20
_NARROWEST = 20


def explain_gate(judged: Judged, gate_id: str, style: Style = PLAIN) -> str:
    """The way from a gate to its root causes, and what would be done about them by whom.

    gate_id: a gate of the pack, else KeyError.
    """
    gate = judged.readiness.gates[gate_id]
    blocks = [_about(judged, gate, style)]
    if gate.status == "blocked":
        blocks.append([Painter(style).bold("It waits for"), *_tree(judged, gate_id, style)])
        acting = [judged.readiness.gates[each] for each in gate.root_causes]
        acting.sort(key=lambda cause: -cause.unblocks)
        told = [line for each in acting[:_MOST_CAUSES] for line in _act(judged, each, style)]
        if len(acting) > _MOST_CAUSES:
            told.append(f"  … and {len(acting) - _MOST_CAUSES} more, that hold back less")
        blocks.append([Painter(style).bold("What to do today"), *told])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _about(judged: Judged, gate: GateResult, style: Style) -> list[str]:
    painter, written = Painter(style), judged.pack.gates[gate.id]
    title, remedy = in_english(gate.title), in_english(gate.remedy)
    facts = [
        ("why", gate.because),
        *(("it reads", line) for line in value_lines(gate.readings)),
        *(("asks for", each) for each in _demands(written)),
        ("owner", who(judged, gate.owner)),
        *([("unblocks", waiting_for_it(gate.unblocks))] if gate.unblocks else ()),
        ("written", str(gate.source)),
        *([("to do", remedy)] if gate.status in ACTIONABLE and remedy else ()),
    ]
    lines = [
        f"{painter.bold(visible(gate.id))} is {painter.status(gate.status)}"
        + (f" ({visible(title)})" if title else "")
    ]
    for label, text in facts:
        lines.extend(labelled(label, text, style.width))
    return lines


def _demands(gate: Gate) -> Iterator[str]:
    """What a gate asks for itself, beyond what it needs."""
    if gate.evidence is not None:
        live = " of a live target" if gate.evidence.live else ""
        age = format_duration(gate.evidence.fresh_for)
        yield f"evidence {gate.evidence.contract}{live}, at most {age} old"
    if gate.rule is not None:
        yield f"the rule {' '.join(gate.rule.text.split())}"
    if gate.accept_actor is not None:
        yield f"acceptance by {' '.join(gate.accept_actor.text.split())}"
    elif gate.accept:
        yield f"acceptance by role {gate.owner}"
    if gate.needs and not gate.has_proof:
        yield f"nothing but what it needs: {sentence(gate.needs[:_MOST_DEPTH])}"


class _Node(NamedTuple):
    """A need to be drawn: what leads up to it, and whether it is the last of its siblings."""

    id: str
    lead: str
    is_last: bool
    depth: int


def _tree(judged: Judged, gate_id: str, style: Style) -> list[str]:
    """What a gate waits for, each gate and board once; what is ready is left out."""
    seen: set[str] = set()
    lines: list[str] = []
    waiting = _needs_below(judged, _Node(gate_id, "", is_last=True, depth=0))
    while waiting:
        node = waiting.pop()
        if len(lines) == _MOST_LINES:
            lines.append("  … and more: name one of these gates to go on from it")
            break
        below = [] if node.id in seen else _needs_below(judged, node)
        above = [need.id for need in reversed(below) if need.id in seen]
        lines.append(_branch(judged, node, style, is_again=node.id in seen, above=above))
        seen.add(node.id)
        if node.depth < _MOST_DEPTH:
            fresh = [need for need in below if need.id not in seen]
            waiting.extend(need._replace(is_last=need is fresh[0]) for need in fresh)
    return lines


def _needs_below(judged: Judged, node: _Node) -> list[_Node]:
    """What is not ready of a node's needs, the last one first, as a stack wants it."""
    readiness = judged.readiness
    needs = [need for need in judged.pack.needs[node.id] if not is_ready(readiness, need)]
    lead = "" if not node.depth else node.lead + ("   " if node.is_last else "│  ")
    return [
        _Node(need, lead, is_last=index == len(needs) - 1, depth=node.depth + 1)
        for index, need in reversed(list(enumerate(needs)))
    ]


def _branch(judged: Judged, node: _Node, style: Style, *, is_again: bool, above: list[str]) -> str:
    """One line of the tree: what it is, and by which of the nodes above it is held back."""
    painter, readiness = Painter(style), judged.readiness
    line = f"  {node.lead}{'└─ ' if node.is_last else '├─ '}{visible(node_name(node.id))}"
    if is_again:
        return f"{line}  {painter.dim('as above')}"
    if is_whole(node.id):
        board = readiness.boards[board_of(node.id)]
        return f"{line}  {board.ready}/{board.total}"
    gate = readiness.gates[node.id]
    # A gate of the same board needs no more than its name.
    named = [node_name(each).removeprefix(f"{gate.board}/") for each in above]
    told = f" by {sentence(named)} above" if named else ""
    room = max(style.width - width(line) - len(gate.status) - 2, _NARROWEST)
    return f"{line}  {painter.status(gate.status)}{cut(told, room)}"


def _act(judged: Judged, gate: GateResult, style: Style) -> list[str]:
    painter = Painter(style)
    texts = (who(judged, gate.owner), gate.because, in_english(gate.remedy))
    lines = [f"    {line}" for text in texts if text for line in wrapped(text, style.width - 4)]
    return [f"  {painter.status(gate.status, visible(gate.id))}", *lines]
