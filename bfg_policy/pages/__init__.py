"""Pack -> pages: what each board asks of whom, for people who read no YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.instants import format_duration
from bfg_policy.pack.types import board_of
from bfg_policy.packets.edges import board_edges
from bfg_policy.rendering.engine import engine_templates
from bfg_policy.rendering.limits import Limits
from bfg_policy.rendering.renderer import ENGINE, Renderer

if TYPE_CHECKING:
    from bfg_policy.pack import Board, Gate, Pack
    from bfg_policy.packets.context import Data

INDEX = "README.md"


def board_pages(pack: Pack) -> dict[str, str]:
    """A page a board and an index, as GitHub's Markdown, by file name.

    Raises RenderError where a text of the pack has no safe form.
    """
    renderer = Renderer({}, engine_templates(), Limits.of_gates(len(pack.gates)))
    boards = [_board(board, pack) for board in pack.boards.values()]
    common: Data = {
        "pack": {**pack.id._asdict(), "roles": list(pack.roles), "verdict": pack.verdict},
        "boards": boards,
        "edges": [{"board": board, "needs": need} for board, need in board_edges(pack)],
        "positions": {board: position for position, board in enumerate(pack.boards)},
    }
    pages = {INDEX: renderer.render(f"{ENGINE}boards.md", common)}
    for board in boards:
        page = renderer.render(f"{ENGINE}board.md", {**common, "board": board})
        pages[f"{board['id']}.md"] = page
    return pages


def _board(board: Board, pack: Pack) -> Data:
    return {
        "id": board.id,
        "contract": board.contract,
        "title": dict(board.title),
        "owner": board.owner,
        "gates": [_gate(pack.gates[gate]) for gate in board.gates],
        "ladder": [{**rung._asdict(), "until": list(rung.until)} for rung in board.ladder],
        "packet": board.packet.path if board.packet else None,
        "waited_for_by": _dependents(board.id, pack),
        "path": board.place.path,
    }


def _gate(gate: Gate) -> Data:
    evidence = gate.evidence
    return {
        "id": gate.id,
        "key": gate.key,
        "title": dict(gate.title),
        "owner": gate.owner,
        "needs": list(gate.needs),
        "evidence": evidence
        and {
            "contract": evidence.contract,
            "fresh_for": format_duration(evidence.fresh_for),
            "live": evidence.live,
        },
        "rule": gate.rule.text.removesuffix("\n").split("\n") if gate.rule else [],
        "accept": gate.accept,
        "accept_actor": gate.accept_actor.text if gate.accept_actor else None,
        "remedy": dict(gate.remedy),
        "place": str(gate.place),
    }


def _dependents(board: str, pack: Pack) -> list[str]:
    """The boards that wait for a gate of this one, directly, in the pack's order."""
    waiting = {gate.board for gate in pack.gates.values() if board in map(board_of, gate.needs)}
    return [other for other in pack.boards if other in waiting - {board}]
