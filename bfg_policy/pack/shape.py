"""What references alone cannot tell: circles, gates that prove nothing, ladders that mislead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bfg_policy import graph
from bfg_policy.errors import Finding, Related
from bfg_policy.pack.types import board_of, is_whole, whole

if TYPE_CHECKING:
    from bfg_policy.model import GateModel
    from bfg_policy.pack.references import Names
    from bfg_policy.pack.written import WrittenPack, WrittenPolicy

# A message names at most this many ids of a circle.
_MOST_NAMED = 20

Nodes = Mapping[str, tuple[str, ...]]


def check_circles(pack: WrittenPack, names: Names, needs: Nodes) -> Iterator[Finding]:
    """One finding for each group of gates that need one another in circles."""
    policies = {policy.model.policy: policy for policy in pack.policies}
    for knot in graph.knots(needs):
        start = next(node for node in knot if not is_whole(node))
        cycle = graph.shortest_cycle(needs, (start, *(node for node in knot if node != start)))
        board, _, key = start.partition("/")
        policy = policies[board]
        next_node = cycle[1] if len(cycle) > 1 else start
        written = policy.model.gates[key].needs
        index = next(i for i, need in enumerate(written) if names.need(need, board) == next_node)
        yield Finding(
            "BFG302",
            _circle_in_words(cycle),
            policy.place("gates", key, "needs", index),
            note="none of them can ever become ready",
            hint="take away the need that is not really one",
        )


def _circle_in_words(cycle: Sequence[str]) -> str:
    if len(cycle) == 1:
        return f"gate `{cycle[0]}` needs itself"
    named = " → ".join(f"`{node}`" for node in cycle[:_MOST_NAMED])
    if len(cycle) > _MOST_NAMED:
        named += f" → … ({len(cycle) - _MOST_NAMED} more)"
    return f"needs run in a circle: {named} → `{cycle[0]}`"


def check_proofs(pack: WrittenPack) -> Iterator[Finding]:
    """A gate proves something or needs something; evidence is read by a rule."""
    for policy in pack.policies:
        for gate_id, key, gate in policy.gates():
            if gate.evidence is not None and gate.rule is None:
                yield Finding(
                    "BFG308",
                    f"gate `{gate_id}` asks for evidence that no rule reads",
                    policy.place("gates", key, "evidence", key=True),
                    note="a record that nothing looks at proves nothing",
                    hint="say in `rule` what the record must show",
                )
            elif _proves_nothing(gate) and not gate.needs:
                yield Finding(
                    "BFG308",
                    f"gate `{gate_id}` asks for no proof and needs nothing",
                    policy.place("gates", key, key=True),
                    note="a gate that looks at nothing has not passed",
                    hint="give it a `rule`, an `accept`, or `needs`",
                )


def _proves_nothing(gate: GateModel) -> bool:
    return gate.rule is None and gate.accept is None


def check_ladders(pack: WrittenPack, names: Names) -> Iterator[Finding]:
    """Each ladder ends, can be climbed to its end, and waits for its own board."""
    ladders = {policy.model.policy: policy for policy in pack.policies if policy.model.decision}
    for policy in ladders.values():
        yield from _check_entries(policy, ladders)
        yield from _check_last(policy)
        yield from _check_waits_for_itself(policy, names)
    yield from _check_like_circles(ladders)


def _check_entries(
    policy: WrittenPolicy, ladders: Mapping[str, WrittenPolicy]
) -> Iterator[Finding]:
    last = len(policy.model.decision) - 1
    for index, entry in enumerate(policy.model.decision):
        if entry.code is not None and entry.like is not None:
            yield Finding(
                "BFG305",
                "this entry has a `code` and is `like` another board",
                policy.place("decision", index, "like", key=True),
                note="only one of the two can be the decision",
                hint="delete one of the two",
            )
        if entry.like is not None and entry.like not in ladders:
            yield Finding(
                "BFG305",
                f"board `{entry.like}` decides nothing that could be taken over",
                policy.place("decision", index, "like"),
                hint=f"give `{entry.like}` a `decision`, or write a `code` here",
            )
        if not entry.until and index < last:
            yield Finding(
                "BFG305",
                "this entry waits for nothing, so those after it are never reached",
                policy.place("decision", index),
                hint="give it an `until`, or move it to the end",
            )


def _check_last(policy: WrittenPolicy) -> Iterator[Finding]:
    last = len(policy.model.decision) - 1
    if policy.model.decision[last].until:
        yield Finding(
            "BFG305",
            "the last decision has an `until`: none is left when everything is ready",
            policy.place("decision", last, "until", key=True),
            note="the board would decide nothing just when it is ready",
            hint="end the ladder with an entry that has no `until`, such as `- {code: GO}`",
        )


def _check_waits_for_itself(policy: WrittenPolicy, names: Names) -> Iterator[Finding]:
    board = policy.model.policy
    if not all(entry.until for entry in policy.model.decision[:-1]):
        return  # the entry that lost its `until` is the one mistake
    for entry in policy.model.decision:
        nodes = {names.until(written) for written in entry.until}
        if whole(board) in nodes or nodes >= {gate_id for gate_id, _, _ in policy.gates()}:
            return
    last = policy.model.decision[-1]
    yield Finding(
        "BFG305",
        f"no decision waits for `{board}` itself",
        policy.place("decision", key=True),
        note=f"the board would say {last.code or 'what another board says'} while it is not ready",
        hint=f"let an entry before the last one have `until: [{board}]`",
    )


def _check_like_circles(ladders: Mapping[str, WrittenPolicy]) -> Iterator[Finding]:
    for knot in graph.knots(likes(ladders)):
        policy = ladders[knot[0]]
        index = next(i for i, entry in enumerate(policy.model.decision) if entry.like in knot)
        boards = ", ".join(f"`{board}`" for board in knot[:_MOST_NAMED])
        yield Finding(
            "BFG305",
            f"decisions are taken over in a circle: {boards}",
            policy.place("decision", index, "like"),
            note="none of them says anything of its own",
            hint="write a `code` instead of one `like`",
        )


def likes(ladders: Mapping[str, WrittenPolicy]) -> dict[str, tuple[str, ...]]:
    """The graph of boards that take over decisions; boards without a ladder are left out."""
    return {
        board: tuple(
            dict.fromkeys(
                entry.like
                for entry in policy.model.decision
                if entry.like in ladders and entry.like
            )
        )
        for board, policy in ladders.items()
    }


def check_roles_of_boards(pack: WrittenPack, needs: Nodes) -> Iterator[Finding]:
    """The verdict board decides, and the gates of a score aggregate other boards."""
    policies = {policy.model.policy: policy for policy in pack.policies}
    verdict = pack.model.verdict
    if verdict is not None and not policies[verdict].model.decision:
        yield Finding(
            "BFG309",
            f"the verdict board `{verdict}` decides nothing",
            pack.place("verdict"),
            note="there would be no verdict",
            hint=f"give `{verdict}` a `decision`, or name another board",
        )
    for score, board in pack.model.scores.items():
        for gate_id, key, gate in policies[board].gates():
            if any(is_whole(node) and board_of(node) != board for node in needs[gate_id]):
                continue
            if _proves_nothing(gate) and not gate.needs:
                continue  # `check_proofs` tells it
            yield Finding(
                "BFG309",
                f"gate `{gate_id}` needs no whole board, and score `{score}` counts boards",
                policies[board].place("gates", key, key=True),
                note="the score would count something else than boards",
                hint="let it need a board, such as `needs: [some-board/*]`",
                related=(Related(pack.place("scores", score), "the score"),),
            )
