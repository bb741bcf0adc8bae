"""What tests show of a pack: each gate ready, each not ready for its own reason, each decision.

Only what a test expects counts: what merely happens while it runs, nobody looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.errors import Finding
from bfg_policy.evaluation.boards import deciding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bfg_policy.errors import Place
    from bfg_policy.pack import Pack
    from bfg_policy.testing.types import Expected, Judged

UNCOVERED = "BFG533"


class Goal(NamedTuple):
    """One thing that tests should show.

    gate: None for a decision; what: what has to be seen, in words; place: in the policy.
    """

    id: str
    gate: str | None
    board: str
    what: str
    place: Place


class Coverage(NamedTuple):
    """How many of the goals were shown, and which were not, in the pack's order."""

    total: int
    missing: tuple[Goal, ...]

    @property
    def seen(self) -> int:
        """How many were shown."""
        return self.total - len(self.missing)

    @property
    def percent(self) -> int:
        """The same of a hundred, cut off: 100 only where nothing is missing."""
        return 100 * self.seen // self.total if self.total else 100


def measured(pack: Pack, shown: Iterable[frozenset[str]]) -> Coverage:
    """The coverage by some cases. shown: what each has shown."""
    seen = frozenset().union(*shown)
    goals = list(_goals(pack))
    return Coverage(len(goals), tuple(goal for goal in goals if goal.id not in seen))


def shown_by(expected: Expected, got: Judged, pack: Pack) -> Iterator[str]:
    """The ids of the goals that a case shows, everything having come out as expected."""
    for gate in expected.gates:
        status, _, _ = got.gates[gate]
        if status == "ready":
            yield _ready(gate)
        elif _is_own_reason(pack, got, gate):
            yield _not_ready(gate)
    boards = dict.fromkeys(expected.decisions)
    if expected.verdict is not None and pack.verdict is not None:
        boards[pack.verdict] = None
    for board in boards:
        yield _decided(board, deciding(pack.boards[board].ladder, got.is_ready))


def _is_own_reason(pack: Pack, got: Judged, gate: str) -> bool:
    """Whether it is the gate itself that is not ready, and not what it waits for.

    A gate without proof of its own has no other reason than what it names as its needs.
    """
    if not pack.gates[gate].has_proof:
        return got.gates[gate][0] == "blocked"
    return all(got.is_ready[need] for need in pack.gates[gate].needs)


def _goals(pack: Pack) -> Iterator[Goal]:
    for gate in pack.gates.values():
        reason = "its own proof" if gate.has_proof else "what it needs"
        held_back = f"to be held back by {reason}"
        yield Goal(_ready(gate.id), gate.id, gate.board, "to be ready", gate.place)
        yield Goal(_not_ready(gate.id), gate.id, gate.board, held_back, gate.place)
    for board in pack.decisions:
        for index, rung in enumerate(pack.boards[board].ladder):
            what = f"to say {rung.code or f'what `{rung.like}` says'}"
            yield Goal(_decided(board, index), None, board, what, pack.boards[board].place)


def _ready(gate: str) -> str:
    return f"{gate} ready"


def _not_ready(gate: str) -> str:
    return f"{gate} not ready"


def _decided(board: str, rung: int) -> str:
    return f"{board} decides {rung}"


def findings(covered: Coverage) -> Iterator[Finding]:
    """One finding for each gate or board that tests do not show all of."""
    by_subject: dict[str, list[Goal]] = {}
    for goal in covered.missing:
        by_subject.setdefault(goal.gate or goal.board, []).append(goal)
    for subject, goals in by_subject.items():
        kind = "gate" if goals[0].gate else "board"
        unseen = " or ".join(goal.what for goal in goals)
        yield Finding(
            UNCOVERED,
            f"no test expects {kind} `{subject}` {unseen}",
            goals[0].place,
            note="a policy that no test looks at can change without anybody noticing",
            hint="write a test that expects it",
        )
