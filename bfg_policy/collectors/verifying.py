"""Whether a database is what its packets make it, and its rows are what the snapshot has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from psycopg import Error

from bfg_policy.collectors.connecting import session
from bfg_policy.collectors.faults import NotConnected
from bfg_policy.collectors.hiding import has_numbers
from bfg_policy.collectors.rehearsal.entering import protected
from bfg_policy.collectors.rehearsal.stage import PARITY, VERIFY, Refused, Stage
from bfg_policy.collectors.wording import why_not_obeyed
from bfg_policy.errors import Finding, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.collectors.endpoints import Endpoint
    from bfg_policy.database import SchemaMap

_NUMBERED = "other roles are numbered here: run this file with psql, and the server names them"


class Packets(NamedTuple):
    """A packet set as it is rendered now. folder: where its files lie, as it is shown."""

    schema_map: SchemaMap
    files: Mapping[str, str]
    folder: str


def verify_database(endpoint: Endpoint, packets: Packets) -> tuple[Finding, ...]:
    """One finding for each difference between the database and the packets; none of it stays.

    Rows are only looked at where the tables are what they should be.
    """
    try:
        with session(endpoint, protected(endpoint)) as connection:
            stage = Stage(connection, packets.schema_map, packets.files)
            drifts = _run(stage, packets, VERIFY, "BFG621")
            if drifts and stage.named(PARITY):
                return tuple(map(_without_rows, drifts))
            return drifts or _run(stage, packets, PARITY, "BFG622")
    except NotConnected as error:
        return (_unseen(packets, str(error)),)
    except Error as error:
        return (_unseen(packets, why_not_obeyed(error)),)


def _run(stage: Stage, packets: Packets, step: int, code: str) -> tuple[Finding, ...]:
    for name in stage.named(step):
        try:
            with stage.undone():
                stage.run(packets.files[name])
        except Refused as error:
            return tuple(_told(error, Place(f"{packets.folder}/{name}"), code))
    return ()


def _told(error: Refused, place: Place, code: str) -> list[Finding]:
    """A finding for each thing that a packet names, all of them with what it says of the whole."""
    whole, *named = error.lines or ("it is not what the packet says",)
    if not named:
        return [Finding(code, whole, place)]
    return [Finding(code, line, place, note=whole, hint=_who(line)) for line in named]


def _without_rows(drift: Finding) -> Finding:
    said = f"{drift.note}; " if drift.note else ""
    return drift._replace(note=f"{said}its rows were not looked at")


def _who(line: str) -> str | None:
    """Where a reader finds the names that are not told here."""
    return _NUMBERED if has_numbers(line) else None


def _unseen(packets: Packets, why: str) -> Finding:
    return Finding(
        "BFG623",
        f"the database could not be looked at: {why}",
        Place(packets.folder),
        note="whether it is what the packets make it is not known",
        hint="look at the DSN, and at what its login may do",
    )
