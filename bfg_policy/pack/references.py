"""References between policies: every name is found, or refused with its place and a suggestion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.errors import Finding, Related
from bfg_policy.pack.types import board_of, whole
from bfg_policy.suggestions import closest
from bfg_policy.unknown import unknown_contract, unknown_role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from bfg_policy.pack.written import WrittenPack, WrittenPolicy


# So many names are compared with others: a pack of 30,000 gates that all need what does not exist
# would otherwise take minutes.
_MOST_COMPARED = 100_000


class Names:
    """All boards with the keys of their gates.

    gates_of: the keys by board.
    """

    def __init__(self, gates_of: Mapping[str, Collection[str]]) -> None:
        self.gates_of = gates_of
        self._left = _MOST_COMPARED

    def need(self, written: str, board: str) -> str | None:
        """The node that a need means: a gate of the same board first, else a board."""
        if "/" not in written and written in self.gates_of[board]:
            return f"{board}/{written}"
        return self.until(written)

    def until(self, written: str) -> str | None:
        """The node that an entry of `until` means: a bare name is a board."""
        if "/" not in written:
            return whole(written) if written in self.gates_of else None
        board, _, key = written.partition("/")
        known = board in self.gates_of and (key == "*" or key in self.gates_of[board])
        return written if known else None

    def like(self, written: str, own: Iterable[str] = ()) -> str | None:
        """What was probably meant by a reference that leads nowhere."""
        if self._left <= 0:
            return None
        board, slash, key = written.partition("/")
        if not slash:
            return self._closest(written, [*own, *self.gates_of])
        right_board = board if board in self.gates_of else self._closest(board, self.gates_of)
        if right_board is None:
            return None
        keys = self.gates_of[right_board]
        right_key = key if key == "*" or key in keys else self._closest(key, keys)
        return f"{right_board}/{right_key}" if right_key else None

    def _closest(self, word: str, candidates: Collection[str]) -> str | None:
        self._left -= len(candidates)
        return closest(word, candidates)


def find_names(pack: WrittenPack) -> tuple[Names, tuple[Finding, ...]]:
    """All boards and gates, and a finding for each policy whose id another one has already."""
    first: dict[str, WrittenPolicy] = {}
    findings = []
    for policy in pack.policies:
        board = policy.model.policy
        if board not in first:
            first[board] = policy
            continue
        other = first[board].place("policy")
        findings.append(
            Finding(
                "BFG303",
                f"two policies have the id `{board}`: this one and {other.path}",
                policy.place("policy"),
                note="one of the two would silently stand for both",
                hint="give one of them another id, or delete it",
                related=(Related(other, "the first one"),),
            )
        )
    names = Names({board: policy.model.gates for board, policy in first.items()})
    return names, tuple(findings)


def resolve_needs(
    pack: WrittenPack, names: Names
) -> tuple[dict[str, tuple[str, ...]], list[Finding]]:
    """The graph of needs: gates to gates and whole boards, whole boards to their gates."""
    graph: dict[str, tuple[str, ...]] = {}
    findings: list[Finding] = []
    for policy in pack.policies:
        board = policy.model.policy
        gate_ids = []
        for gate_id, key, gate in policy.gates():
            gate_ids.append(gate_id)
            nodes = []
            for index, written in enumerate(gate.needs):
                node = names.need(written, board)
                place = ("gates", key, "needs", index)
                if node is None:
                    findings.append(_dangling(policy, written, place, names))
                elif node in nodes:
                    findings.append(_twice(policy, written, place, node))
                else:
                    nodes.append(node)
            graph[gate_id] = tuple(nodes)
        graph[whole(board)] = tuple(gate_ids)
    return graph, findings


def _dangling(
    policy: WrittenPolicy, written: str, path: tuple[str | int, ...], names: Names
) -> Finding:
    suggestion = names.like(written, policy.model.gates)
    return Finding(
        "BFG301",
        _nothing_has(written, names),
        policy.place(*path),
        note="what nobody can ever make ready would block this for ever",
        hint=None if suggestion else "name a gate of this board, a board, or `board/gate`",
        suggestion=suggestion,
    )


def _nothing_has(written: str, names: Names) -> str:
    """What is missing: the board, where there is none of that name, else the gate."""
    board = board_of(written)
    if board in names.gates_of and board != written:
        return f"no gate has the id `{written}`"
    return f"no gate or board has the id `{board}`"


def _twice(policy: WrittenPolicy, written: str, path: tuple[str | int, ...], node: str) -> Finding:
    return Finding(
        "BFG301",
        f"`{written}` is needed twice: `{node}` stands in this list already",
        policy.place(*path),
        hint="delete one of the two",
    )


def check_references(
    pack: WrittenPack, names: Names, contracts: Collection[str]
) -> Iterator[Finding]:
    """Everything else that names something: owners, decisions, contracts, boards."""
    yield from _check_pack_file(pack, names, contracts)
    for policy in pack.policies:
        yield from _check_owners(policy, pack.model.roles)
        yield from _check_ladder_names(policy, names)
        yield from _check_evidence(policy, contracts)


def _check_owners(policy: WrittenPolicy, roles: Collection[str]) -> Iterator[Finding]:
    written: list[tuple[str, tuple[str, ...]]] = [(policy.model.owner, ("owner",))]
    for key, gate in policy.model.gates.items():
        if gate.owner is not None:
            written.append((gate.owner, ("gates", key, "owner")))
    for role, path in written:
        if role not in roles:
            yield unknown_role(role, roles, f"`{role}` is no role of the pack", policy.place(*path))


def _check_ladder_names(policy: WrittenPolicy, names: Names) -> Iterator[Finding]:
    for index, entry in enumerate(policy.model.decision):
        for position, written in enumerate(entry.until):
            if names.until(written) is None:
                path = ("decision", index, "until", position)
                yield _unknown_board(policy, written, path, names)
        if entry.like is not None and entry.like not in names.gates_of:
            yield _unknown_board(policy, entry.like, ("decision", index, "like"), names)


def _unknown_board(
    written_in: WrittenPolicy | WrittenPack,
    written: str,
    path: tuple[str | int, ...],
    names: Names,
) -> Finding:
    suggestion = names.like(written)
    return Finding(
        "BFG301",
        _nothing_has(written, names),
        written_in.place(*path),
        note="nothing can be decided by what does not exist",
        hint=None if suggestion else "name a board of this pack, or `board/gate`",
        suggestion=suggestion,
    )


def _check_evidence(policy: WrittenPolicy, contracts: Collection[str]) -> Iterator[Finding]:
    for key, gate in policy.model.gates.items():
        if gate.evidence is not None and gate.evidence.contract not in contracts:
            path = ("gates", key, "evidence", "contract")
            yield unknown_contract(gate.evidence.contract, contracts, policy.place(*path))


def _check_pack_file(
    pack: WrittenPack, names: Names, contracts: Collection[str]
) -> Iterator[Finding]:
    model = pack.model
    boards: list[tuple[str, tuple[str | int, ...]]] = [
        *((board, ("boards", index)) for index, board in enumerate(model.boards)),
        *((board, ("require", index)) for index, board in enumerate(model.require)),
        *((board, ("scores", name)) for name, board in model.scores.items()),
    ]
    if model.verdict is not None:
        boards.append((model.verdict, ("verdict",)))
    for board, path in boards:
        if board not in names.gates_of:
            yield _unknown_board(pack, board, path, names)
    for index, gate in enumerate(model.waivers.never):
        if names.until(gate) is None:
            yield _unknown_board(pack, gate, ("waivers", "never", index), names)
    for index, role in enumerate(model.waivers.approvers):
        if role not in model.roles:
            message = f"`{role}` is no role of the pack"
            place = pack.place("waivers", "approvers", index)
            yield unknown_role(role, model.roles, message, place)
    if model.facts is not None and model.facts not in contracts:
        yield unknown_contract(model.facts, contracts, pack.place("facts"))
    for name, collected in model.collectors:
        if collected is not None and collected.contract not in contracts:
            place = pack.place("collectors", name, "contract")
            yield unknown_contract(collected.contract, contracts, place)
