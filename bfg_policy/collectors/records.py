"""Building an evidence record: who observed what of which target, when, and its own digest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, NamedTuple

from bfg_policy.digest import record_digest
from bfg_policy.instants import format_instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

COLLECTOR = "bfg-policy"

# `pass` held, `fail` did not hold, `error` could not be observed, `not_run` was left out because
# something before it had failed.
Status = Literal["pass", "fail", "error", "not_run"]
# `live` is the real system, `ephemeral` one made for the occasion.
Kind = Literal["ephemeral", "live"]


class Target(NamedTuple):
    """What is observed. adapter: the scenario's target."""

    adapter: str
    kind: Kind


class Section(NamedTuple):
    """One thing that was observed, and the facts about it.

    facts: plain JSON data within the profile of `bfg-digest-1`; neither `status` nor anything
    that names a host, a login, a database or a secret.
    """

    name: str
    status: Status
    facts: Mapping[str, object]


def build_record(
    contract: str,
    target: Target,
    at: datetime,
    sections: Sequence[Section],
    snapshot_sha256: str | None = None,
) -> dict[str, object]:
    """The record of one observation, with its own digest.

    contract: the record's contract. at: when it was observed. snapshot_sha256: the digest of the
    snapshot, where the record is about one. Raises NotCanonical where a fact has no canonical
    JSON.
    """
    record: dict[str, object] = {
        "contract": contract,
        "observed_at": format_instant(at),
        "collector": COLLECTOR,
        "target": target._asdict(),
        **{each.name: {"status": each.status, **each.facts} for each in sections},
    }
    if snapshot_sha256 is not None:
        record["snapshot_sha256"] = snapshot_sha256
    record["sha256"] = record_digest(record)
    return record


def record_text(record: Mapping[str, object]) -> str:
    """A record as it is written to its file: JSON that people can read, in a fixed order."""
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def all_passed(sections: Sequence[Section]) -> bool:
    """Whether something was observed, and all of it held."""
    return bool(sections) and all(each.status == "pass" for each in sections)


def worse_sections(before: object, sections: Sequence[Section]) -> tuple[str, ...]:
    """The sections that passed in a record of before and do not pass now, in order.

    before: the data of the former record, whatever it is.
    """
    if not isinstance(before, dict):
        return ()

    def passed(name: str) -> bool:
        section = before.get(name)
        return isinstance(section, dict) and section.get("status") == "pass"

    return tuple(each.name for each in sections if each.status != "pass" and passed(each.name))
