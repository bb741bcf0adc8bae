"""What a scenario claims about its snapshot, held against the payload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.digest import ALGORITHM, NotCanonical, snapshot_digest
from bfg_policy.errors import Finding, Related
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from bfg_policy.scenario.merged import Merged

Groups = Mapping[str, Sequence[str]]
_ROOT = "snapshot"


class Payload(NamedTuple):
    """What the payload is, and what is wrong with the claims about it.

    digest: `bfg-digest-1` of the payload; None where there is none, or where it has no digest.
    """

    digest: str | None
    findings: tuple[Finding, ...]


def check_claims(merged: Merged, groups: Groups) -> Payload:
    """The payload, with one finding for each claim that it contradicts.

    merged: a scenario that obeys its contract. groups: the tables that each group counts.
    """
    snapshot = _snapshot(merged)
    unknown = tuple(_unknown_groups(merged, snapshot, groups))
    if "tables" not in snapshot or unknown:
        return Payload(None, unknown)
    try:
        digest = _digest(merged, snapshot)
    except NotCanonical as fault:
        return Payload(None, (_no_digest(merged, fault),))
    claimed = snapshot.get("sha256")
    if claimed is not None and claimed != digest:
        return Payload(digest, (_other_digest(merged, digest),))
    counted = count_rows(snapshot["tables"], groups)
    return Payload(digest, tuple(_other_rows(merged, snapshot, counted)))


def is_verified(merged: Merged) -> bool:
    """Whether there is a payload that `check_claims` held against a claimed digest."""
    snapshot = _snapshot(merged)
    return "tables" in snapshot and "sha256" in snapshot


def count_rows(tables: object, groups: Groups) -> dict[str, int]:
    """Rows of the payload by group; a table that is not there has none."""
    assert isinstance(tables, Mapping)
    return {
        group: sum(len(tables.get(table, ())) for table in names) for group, names in groups.items()
    }


def _snapshot(merged: Merged) -> Mapping[str, object]:
    snapshot = merged.data.get(_ROOT, {})
    assert isinstance(snapshot, Mapping)
    return snapshot


def _digest(merged: Merged, snapshot: Mapping[str, object]) -> str:
    tables, tenant = snapshot["tables"], merged.data["tenant"]
    assert isinstance(tables, Mapping)
    return snapshot_digest(str(snapshot.get("schema", "")), str(tenant), tables)


def _unknown_groups(
    merged: Merged, snapshot: Mapping[str, object], groups: Groups
) -> Iterator[Finding]:
    rows = snapshot.get("rows", {})
    assert isinstance(rows, Mapping)
    for group in rows:
        if group not in groups:
            suggestion = closest(group, groups)
            known = ", ".join(groups) or "none"
            yield Finding(
                "BFG201",
                f"unknown field `{group}`: the pack counts no such group of rows",
                merged.place((_ROOT, "rows", group), key=True),
                note="nothing reads it",
                hint=None if suggestion else f"the pack's groups are: {known}",
                suggestion=suggestion,
            )


def _no_digest(merged: Merged, fault: NotCanonical) -> Finding:
    return Finding(
        "BFG531",
        f"the payload has no digest: {fault.why}",
        merged.place((_ROOT, "tables", *fault.path)),
        note="what cannot be digested cannot be compared with what was migrated",
        hint="write whole numbers to 2^53-1, and everything else as text",
    )


def _other_digest(merged: Merged, digest: str) -> Finding:
    return Finding(
        "BFG530",
        f"the payload's digest is another one: {digest}",
        merged.place((_ROOT, "sha256")),
        note=f"the payload, its schema or the tenant is not what was claimed ({ALGORITHM})",
        hint="find out which of the two is right; never copy the digest over without looking",
        related=(Related(merged.place((_ROOT, "tables"), key=True), "the payload"),),
    )


def _other_rows(
    merged: Merged, snapshot: Mapping[str, object], counted: Mapping[str, int]
) -> Iterator[Finding]:
    rows = snapshot.get("rows", {})
    assert isinstance(rows, Mapping)
    for group, claimed in rows.items():
        if claimed != counted[group]:
            yield Finding(
                "BFG530",
                f"`{group}` claims {claimed} rows, and the payload has {counted[group]}",
                merged.place((_ROOT, "rows", group)),
                note="a count that is not that of the payload proves nothing",
                hint=f"write {counted[group]}, or bring the right payload",
                related=(Related(merged.place((_ROOT, "tables"), key=True), "the payload"),),
            )
