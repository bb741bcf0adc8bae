"""The linked pack: plain, immutable, every reference resolved and every rule parsed and checked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bfg_policy.cel.program import Program, program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from bfg_policy.cel import Expr
    from bfg_policy.database import SchemaMap
    from bfg_policy.errors import Place
    from bfg_policy.readiness import PackId, Texts

WHOLE_BOARD = "/*"
# What the product itself writes into a report's folder, beside the packets.
REPORT = "readiness.md"
# The sets of files that the product has templates for.
PACKET_SETS = ("postgres",)


def whole(board: str) -> str:
    """The graph's node for all gates of a board, such as `board/*`."""
    return board + WHOLE_BOARD


def board_of(node: str) -> str:
    """The board that a gate's id or a whole board's node begins with."""
    return node.partition("/")[0]


def is_whole(node: str) -> bool:
    """Whether a node of the graph stands for a whole board."""
    return node.endswith(WHOLE_BOARD)


def node_words(node: str) -> str:
    """A node of the graph as a sentence names it: `` `board/gate` ``, or ``board `board` ``."""
    return f"board `{board_of(node)}`" if is_whole(node) else f"`{node}`"


class Written(Protocol):
    """Where an expression is written."""

    def place_in(self, path: Sequence[str | int], start: int, end: int) -> Place:
        """Where the code points [start:end] of the expression at `path` stand."""


class Rule:
    """A CEL expression with its place in a policy, or wherever else it is written."""

    def __init__(
        self, text: str, expression: Expr, document: Written, path: tuple[str | int, ...]
    ) -> None:
        self.text = text
        self.expression = expression
        self._document = document
        self._path = path

    @cached_property
    def program(self) -> Program:
        """The expression, ready to be evaluated."""
        return program(self.expression)

    def with_expression(self, expression: Expr) -> Rule:
        """The same rule, of the same text and place, that evaluates another expression."""
        return Rule(self.text, expression, self._document, self._path)

    def __getstate__(self) -> dict[str, object]:
        """What is kept of a rule in a cache: everything but the functions made from it."""
        return {name: value for name, value in vars(self).items() if name != "program"}

    def place(self, start: int = 0, end: int | None = None) -> Place:
        """Where a slice of the expression stands in its file; offsets are code points."""
        return self._document.place_in(self._path, start, len(self.text) if end is None else end)


class EvidenceDemand(NamedTuple):
    """The record that a gate's rule reads. live: whether an ephemeral target is not enough."""

    contract: str
    fresh_for: timedelta
    live: bool


class Gate(NamedTuple):
    """One gate. needs: ids of gates, and nodes of whole boards, in the order written.

    accept: whether it asks for an acceptance; accept_actor: the expression that names the one
    actor who may accept, None where everybody of the owning role may.
    """

    id: str
    board: str
    key: str
    title: Texts
    owner: str
    needs: tuple[str, ...]
    evidence: EvidenceDemand | None
    rule: Rule | None
    accept: bool
    accept_actor: Rule | None
    remedy: Texts
    labels: Mapping[str, str]
    place: Place

    @property
    def has_proof(self) -> bool:
        """Whether the gate asks for anything itself, beyond what it needs."""
        return self.rule is not None or self.accept


class Rung(NamedTuple):
    """One entry of a decision ladder: a code, or the board whose decision it takes over."""

    code: str | None
    like: str | None
    until: tuple[str, ...]
    also: Mapping[str, str]


class Packet(NamedTuple):
    """Which template is rendered for a board, and to which path below the report's folder."""

    template: str
    path: str


class PacketSet(NamedTuple):
    """Which set of files is rendered for a board, and to which folder below the report's."""

    set: str
    path: str


class Board(NamedTuple):
    """One policy. gates: ids in the order written; ladder: empty where it decides nothing."""

    id: str
    contract: str | None
    title: Texts
    owner: str
    gates: tuple[str, ...]
    ladder: tuple[Rung, ...]
    packet: Packet | PacketSet | None
    place: Place


class Collected(NamedTuple):
    """The record that a collector writes: its contract, and its name among the evidence."""

    contract: str
    record: str


class Pack(NamedTuple):
    """Everything that a judgement needs to know about the policies.

    boards, gates: in the pack's order. needs: the graph of gates and whole boards; order: its
    nodes, each after what it needs. decisions: the boards with a ladder, each after those that
    it takes a decision over from. templates: the sources of its packets' and reports'
    templates, by name without `.j2`; template_paths: where each stands. collectors: the records of
    the product's collectors, by `connection` and `rehearsal`, those that it has. schema_map: how
    a snapshot lies in a database, None where the pack does not say. fallback: the expression that
    names the storage which a rehearsal keeps to fall back to, None without one.
    """

    id: PackId
    roles: tuple[str, ...]
    facts: str | None
    boards: Mapping[str, Board]
    gates: Mapping[str, Gate]
    needs: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
    decisions: tuple[str, ...]
    verdict: str | None
    scores: Mapping[str, str]
    require: tuple[str, ...]
    approvers: frozenset[str]
    never_waived: frozenset[str]
    groups: Mapping[str, tuple[str, ...]]
    templates: Mapping[str, str]
    template_paths: Mapping[str, str]
    collectors: Mapping[str, Collected]
    schema_map: SchemaMap | None = None
    fallback: Rule | None = None
