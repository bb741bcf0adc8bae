"""The export: the snapshot is read again from where it lies, and is what the scenario claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.digest import NotCanonical, checksum, snapshot_digest
from bfg_policy.errors import BfgPolicyError
from bfg_policy.scenario.merged import path_text
from bfg_policy.scenario.snapshot import count_rows

if TYPE_CHECKING:
    from bfg_policy.collectors.course import Checks
    from bfg_policy.collectors.rehearsal.plan import Payload, Plan


def export(plan: Plan, checks: Checks) -> None:
    """Read the payload anew, digest it, and hold it against the scenario's claim."""
    payload = _read(plan, checks)
    checks.facts.update(rows=payload.rows, tables=len(payload.tables))
    checks.require(
        "it has rows",
        holds=payload.rows > 0,
        found=f"{payload.rows} rows in {len(payload.tables)} tables"
        + ("" if payload.rows else ": rehearsing nothing proves nothing"),
    )
    digest = checks.facts["sha256"] = _digest(plan, payload, checks)
    claim = plan.claim
    checks.require(
        "the scenario claims its digest",
        holds=claim is not None,
        found=claim or "it claims none: write `snapshot.sha256`",
    )
    checks.require(
        "the digest is the claimed one",
        holds=digest == claim,
        found=f"{checksum(digest)}, {digest}",
    )
    counted = count_rows(payload.tables, plan.pack.groups)
    other = {group: rows for group, rows in plan.rows.items() if counted.get(group) != rows}
    checks.require(
        "the rows are as many as claimed",
        holds=not other,
        found=", ".join(f"{group} {counted.get(group, 0)}" for group in other or counted),
    )


def still_there(plan: Plan, checks: Checks) -> None:
    """What is kept to fall back to is, after all that was done, what it was before."""
    digest = _digest(plan, _read(plan, checks), checks)
    checks.require(
        "the source is as it was",
        holds=digest == plan.claim,
        found=f"read again: {checksum(digest)}",
    )


def _read(plan: Plan, checks: Checks) -> Payload:
    try:
        return plan.read_again()
    except BfgPolicyError as error:
        checks.stop("the payload can be read", error.findings[0].message)


def _digest(plan: Plan, payload: Payload, checks: Checks) -> str:
    try:
        return snapshot_digest(payload.schema, plan.scenario.tenant, payload.tables)
    except NotCanonical as fault:
        checks.stop("it has a digest", f"{path_text(fault.path)}: {fault.why}")
