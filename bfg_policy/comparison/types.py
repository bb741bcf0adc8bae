"""What a change does to readiness: the result of comparing two judgements, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from bfg_policy.errors import NOWHERE, Finding, Place
from bfg_policy.readiness import READY

if TYPE_CHECKING:
    from bfg_policy.pack import Pack
    from bfg_policy.readiness import Readiness, Score, Status
    from bfg_policy.scenario import Scenario

# What can move a gate. `need`: another gate or board moved, and this one waits for it.
CauseKind = Literal["policy", "fact", "evidence", "acceptance", "waiver", "time", "need"]

# How a policy can become weaker; in the order in which people read them.
WeaknessKind = Literal[
    "gate",  # removed, with all that it asked for
    "rule",  # removed, or true where it was not
    "evidence",  # no longer asked for, or another record instead
    "acceptance",  # no longer asked for, or of somebody else
    "need",  # removed, and no other need stands for it
    "freshness",  # a record may be older
    "live",  # an ephemeral target is enough
    "owner",  # another role answers
    "decision",  # a board says sooner what it said later
    "verdict",  # another board gives the verdict
    "require",  # a board need not be ready any more
    "approvers",  # another role may approve waivers
    "never",  # a gate may be waived that might not
    "contract",  # accepts documents that it refused
    "role",  # an actor holds another role
    "waiver",  # added, or lasting longer
]
FailOn = Literal["regressed", "weakened"]
PacketChangeKind = Literal["added", "removed", "changed"]


class Cause(NamedTuple):
    """Why a gate moved: without this, it would be where it was.

    what: in one line, for people. place: where it is written; of what is gone, in the base.
    """

    kind: CauseKind
    what: str
    place: Place = NOWHERE


class Move(NamedTuple):
    """One gate whose status is another one. before, after: None where there is no such gate."""

    gate: str
    before: Status | None
    after: Status | None
    causes: tuple[Cause, ...]

    @property
    def is_regressed(self) -> bool:
        """Whether a gate that was ready is not any more, or one became invalid."""
        if self.before is None or self.after is None:
            return False
        return self.after == "invalid" or (self.before in READY and self.after not in READY)


class Weakness(NamedTuple):
    """One way in which the policy asks for less than it did.

    gate: a gate's id, else the id of the board, contract, role or actor that it is about.
    what: in one line, for people. place: where it is written; of what is gone, in the base.
    witness: where it was found by trying, what was tried; None elsewhere.
    """

    kind: WeaknessKind
    gate: str
    what: str
    place: Place = NOWHERE
    witness: str | None = None


class DecisionMove(NamedTuple):
    """A board that decides something else. None: it decides nothing, or is not there."""

    board: str
    before: str | None
    after: str | None


class ScoreMove(NamedTuple):
    """A score that is another one. None: there is no such score."""

    name: str
    before: Score | None
    after: Score | None


class PacketChange(NamedTuple):
    """A packet that is rendered differently. difference: lines of a unified diff, perhaps cut."""

    path: str
    board: str
    kind: PacketChangeKind
    difference: tuple[str, ...] = ()


class Standing(NamedTuple):
    """One of the two that are compared: what was judged, by what, and the result.

    name: how people call it (`main`, `the work tree`).
    """

    name: str
    pack: Pack
    scenario: Scenario
    readiness: Readiness


class Comparison(NamedTuple):
    """What a change does.

    base: None where only HEAD could be judged. base_findings: why, at least one then; with a base,
    why it was judged by its policies with HEAD's scenario, and none of its own. moves: the
    gates of HEAD in the pack's order, then those that are gone. newly_next: gates that are
    next now and were not before. findings: of HEAD, those that the base did not have.
    policy_changed: whether the packs differ at all, weakened or not.
    """

    base: Standing | None
    head: Standing
    base_name: str
    moves: tuple[Move, ...] = ()
    decisions: tuple[DecisionMove, ...] = ()
    scores: tuple[ScoreMove, ...] = ()
    newly_next: tuple[str, ...] = ()
    packets: tuple[PacketChange, ...] = ()
    weakened: tuple[Weakness, ...] = ()
    findings: tuple[Finding, ...] = ()
    base_findings: tuple[Finding, ...] = ()
    policy_changed: bool = False
    fail_on: frozenset[FailOn] = frozenset()

    @property
    def before(self) -> Readiness | None:
        """The base's result: `verdict`, `ready`, `total`, and all else."""
        return self.base.readiness if self.base is not None else None

    @property
    def after(self) -> Readiness:
        """HEAD's result."""
        return self.head.readiness

    @property
    def regressed(self) -> tuple[Move, ...]:
        """The moves that went backwards."""
        return tuple(move for move in self.moves if move.is_regressed)

    @property
    def fails(self) -> bool:
        """Whether something of what was to fail is there (`--fail-on`)."""
        found: dict[FailOn, bool] = {
            "regressed": bool(self.regressed),
            "weakened": bool(self.weakened),
        }
        return any(found[each] for each in self.fail_on)

    @property
    def notices(self) -> tuple[Finding, ...]:
        """Everything that a reviewer should look at, as findings: the worst first.

        BFG641 for each gate that regressed, BFG642 for each weakness: errors where they are to
        fail, else warnings. BFG643 where the base could not be judged: a warning.
        """
        return (
            *((self._base_notice(),) if self.base_findings else ()),
            *(self._weak(weakness) for weakness in self.weakened),
            *(finding for _, finding in self.regressions),
        )

    @property
    def regressions(self) -> tuple[tuple[Move, Finding], ...]:
        """The moves that went backwards, each with its notice."""
        return tuple((move, self._regressed(move)) for move in self.regressed)

    def _base_notice(self) -> Finding:
        first, *others = self.base_findings
        more = f" (and {len(others)} more)" if others else ""
        if self.base is not None:
            return Finding(
                "BFG643",
                f"`{self.base_name}` cannot be judged by itself: {first.message}{more}",
                first.place,
                severity="warning",
                note=f"so the scenario of `{self.head.name}` was judged by its policies, without"
                " waivers: what moved was moved by policies and waivers alone",
                hint="nothing is to be done where the scenario is new, or has another name",
            )
        return Finding(
            "BFG643",
            f"`{self.base_name}` cannot be judged: {first.message}{more}",
            first.place,
            severity="warning",
            note="so nothing is told of what this change does; HEAD was judged by itself",
            hint="compare with a revision that can be judged, such as one that this mends",
        )

    def _weak(self, weakness: Weakness) -> Finding:
        return Finding(
            "BFG642",
            f"`{weakness.gate}`: {weakness.what}",
            weakness.place,
            severity="error" if "weakened" in self.fail_on else "warning",
            note=f"found by trying: {weakness.witness}" if weakness.witness else None,
            hint="let whoever answers for it look at it, or put it back",
        )

    def _regressed(self, move: Move) -> Finding:
        place = self.after.gates[move.gate].source
        return Finding(
            "BFG641",
            f"`{move.gate}` was {move.before} and is {move.after}",
            next((cause.place for cause in move.causes if cause.place != NOWHERE), place),
            severity="error" if "regressed" in self.fail_on else "warning",
            note="; ".join(cause.what for cause in move.causes) or None,
            hint=f"bfg-policy explain {move.gate}",
        )
