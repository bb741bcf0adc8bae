"""Small judgements made by hand: a town library that opens its new catalogue."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from bfg_policy.errors import Finding, Place
from bfg_policy.pack import Board, Gate, Pack, Packet, whole
from bfg_policy.readiness import (
    Approval,
    BoardResult,
    Change,
    GateResult,
    Observation,
    OwnerResult,
    PackId,
    Readiness,
    Score,
)
from bfg_policy.scenario import Actor, Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
DIGEST = "9a5722babf35fec66e72c074a6238b61bb8f4b7fbecd05dbc0aa96a0e323f4c3"
PACK_DIGEST = "1b5e" * 16

_WANT = {
    # gate: (owner, needs, status, reason, because, root causes, unblocks)
    "paperwork/licence": ("head", (), "ready", "proved", "its own proof holds", (), 0),
    "paperwork/privacy": (
        *("head", (), "waived", "waived"),
        "not accepted yet by role `head`; waived: the form is late",
        (),
        0,
    ),
    "pilot/import": (
        *("librarian", ("paperwork/*",), "next", "evidence-missing"),
        "no evidence of `ImportRun.v1` is recorded",
        (),
        3,
    ),
    "pilot/search": (
        *("librarian", ("pilot/import",), "blocked", "needs", "waits for `pilot/import`"),
        ("pilot/import",),
        2,
    ),
    "launch/backup": (
        *("technician", (), "invalid", "evidence-invalid"),
        "evidence `backup` is from the future",
        (),
        1,
    ),
    "launch/open": (
        *("head", ("pilot/*", "launch/backup"), "blocked", "needs"),
        "waits for board `pilot`, `launch/backup`",
        ("pilot/import", "launch/backup"),
        0,
    ),
}
_TITLES = {
    "paperwork": {"en": "Paperwork", "fr": "Dossier"},
    "pilot": {"en": "Pilot"},
    "launch": {"en": "Launch"},
    "pilot/import": {"en": "Records imported", "fr": "Notices importées"},
}
_REMEDIES = {"pilot/import": {"en": "Import the records and commit the run's record."}}


class Judgement(NamedTuple):
    """What a renderer is given."""

    pack: Pack
    scenario: Scenario
    readiness: Readiness


def library(
    *,
    is_ready: bool = False,
    templates: Mapping[str, str] | None = None,
    packets: Mapping[str, Packet] | None = None,
    document: Mapping[str, Any] | None = None,
    verdict: str | None = "launch",
    findings: tuple[Finding, ...] | None = None,
) -> Judgement:
    """The library half way (every status occurs once or more), or with every gate ready."""
    gates = {gate: _gate_result(gate, is_ready=is_ready) for gate in _WANT}
    boards = {board: _board_result(board, gates) for board in ("paperwork", "pilot", "launch")}
    scenario = _scenario(document or {})
    readiness = Readiness(
        scenario=scenario.id,
        target="koha-24",
        at=AT,
        pack=PackId("town-library", "2.1.0", PACK_DIGEST),
        verdict=boards[verdict].decision if verdict else None,
        gates=gates,
        boards=boards,
        scores={"opening": Score(3, 3, 3) if is_ready else Score(1, 1, 3)},
        owners={role: _owner(role, gates) for role in ("head", "librarian", "technician")},
        observations={
            "ImportRun.v1": Observation(
                *("import", "ImportRun.v1", "import-log 3"),
                observed_at=datetime(2026, 11, 19, 8, tzinfo=UTC),
                live=True,
                expired=False,
                sections={"run": {"status": "pass", "records": 41250}},
            )
        }
        if is_ready
        else {},
        next_action=None if is_ready else "pilot/import",
        next_change=Change(
            datetime(2026, 12, 1, tzinfo=UTC), "paperwork/privacy", "waiver-expired"
        ),
        findings=(() if is_ready else (FUTURE,)) if findings is None else findings,
    )
    return Judgement(_pack(templates or {}, packets or {}, verdict), scenario, readiness)


FUTURE = Finding(
    "BFG504",
    "evidence `backup` is from the future: observed after 2026-11-20T12:00:00Z",
    Place(
        *("scenarios/opening.yaml", 31, 18, 22),
        excerpt="    observed_at: '2026-11-21T03:00:00Z'",
    ),
    note="nobody has observed it yet, so its gates are invalid",
    hint="judge at a later instant, or correct the collector's clock and observe again",
)


def _gate_result(gate_id: str, *, is_ready: bool) -> GateResult:
    owner, needs, status, reason, because, causes, unblocks = _WANT[gate_id]
    board, _, key = gate_id.partition("/")
    if is_ready and status not in ("ready", "waived"):
        status, reason, because = "ready", "proved", "its own proof holds"
        causes, unblocks = (), 0
    signed = Approval("ada", datetime(2026, 11, 2, tzinfo=UTC), None, None)
    late = Approval("ada", None, datetime(2026, 12, 1, tzinfo=UTC), "the form is late")
    return GateResult(
        id=gate_id,
        board=board,
        key=key,
        title=_TITLES.get(gate_id, {"en": key.capitalize()}),
        owner=owner,
        status=status,  # type: ignore[arg-type]
        reason=reason,  # type: ignore[arg-type]
        because=because,
        needs=needs,
        root_causes=causes,
        unblocks=unblocks,
        remedy=_REMEDIES.get(gate_id, {}),
        labels={"ticket": "opening"} if gate_id == "launch/open" else {},
        acceptance=signed if gate_id == "paperwork/licence" else None,
        waiver=late if status == "waived" else None,
        source=Place(f"policies/{board}.yaml", 9, 3),
    )


def _board_result(board: str, gates: Mapping[str, GateResult]) -> BoardResult:
    own = [gate for gate in gates.values() if gate.board == board]
    ready = sum(gate.is_ready for gate in own)
    decision = ("OPEN" if ready == len(own) else "NOT_YET") if board == "launch" else None
    return BoardResult(
        id=board,
        contract="LibraryLaunch.v1" if board == "launch" else None,
        title=_TITLES[board],
        owner=own[0].owner,
        gates=tuple(gate.id for gate in own),
        ready=ready,
        total=len(own),
        decision=decision,
        also={"doors": "closed"} if decision == "NOT_YET" else {},
    )


def _owner(role: str, gates: Mapping[str, GateResult]) -> OwnerResult:
    def listed(status: str) -> tuple[str, ...]:
        return tuple(g.id for g in gates.values() if g.owner == role and g.status == status)

    actors = {"head": ("ada",), "librarian": ("bo", "cy"), "technician": ()}[role]
    return OwnerResult(role, actors, listed("next"), listed("invalid"), listed("blocked"))


def _scenario(document: Mapping[str, Any]) -> Scenario:
    actors = (
        Actor("ada", "Ada Berg", "Office", "head", ("all:accept", "all:read")),
        Actor("bo", "Bo Lind", None, "librarian", ("all:read",)),
        Actor("cy", None, None, "librarian", ()),
    )
    whole_document: dict[str, Any] = {
        "scenario": "opening",
        "tenant": "town",
        "target": "koha-24",
        "snapshot": {
            "schema": "Catalogue.v1",
            "rows": {"titles": 3, "loans": 1},
            "sha256": DIGEST,
            "verified": False,
        },
        **document,
    }
    return Scenario(
        id=whole_document["scenario"],
        tenant=whole_document["tenant"],
        target=whole_document["target"],
        document=whole_document,
        actors={actor.id: actor for actor in actors},
        records={},
        acceptances=(),
        waivers=(),
        payload_sha256=None,
        place=lambda path: Place("scenarios/opening.yaml", len(path), 1),
    )


def _pack(templates: Mapping[str, str], packets: Mapping[str, Packet], verdict: str | None) -> Pack:
    place = Place("policies/pack.yaml", 1, 1)
    ids = {"paperwork": "head", "pilot": "librarian", "launch": "technician"}
    needs = {gate: want[1] for gate, want in _WANT.items()}
    nodes = {whole(board): _gates_of(board) for board in ids}
    return Pack(
        id=PackId("town-library", "2.1.0", PACK_DIGEST),
        roles=("head", "librarian", "technician"),
        facts=None,
        boards={
            board: Board(
                *(board, None, _TITLES[board], owner, _gates_of(board), ()),
                packet=packets.get(board),
                place=place,
            )
            for board, owner in ids.items()
        },
        gates={
            gate: Gate(
                id=gate,
                board=gate.partition("/")[0],
                key=gate.partition("/")[2],
                title={},
                owner=want[0],
                needs=want[1],
                evidence=None,
                rule=None,
                accept=False,
                accept_actor=None,
                remedy={},
                labels={},
                place=place,
            )
            for gate, want in _WANT.items()
        },
        needs={**needs, **nodes},
        order=(),
        decisions=(),
        verdict=verdict,
        scores={"opening": "launch"},
        require=(),
        approvers=frozenset({"head"}),
        never_waived=frozenset(),
        groups={"titles": ("titles",), "loans": ("loans", "returns")},
        templates=templates,
        template_paths={name: f"policies/templates/{name}.j2" for name in templates},
        collectors={},
    )


def _gates_of(board: str) -> tuple[str, ...]:
    return tuple(gate for gate in _WANT if gate.startswith(board + "/"))
