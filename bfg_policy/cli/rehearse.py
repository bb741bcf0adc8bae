"""`bfg-policy rehearse`: carry the snapshot through the target and back, and record it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy.cli import collecting, inputs, outputs, pinning
from bfg_policy.errors import Finding, LinkError
from bfg_policy.instants import format_instant

if TYPE_CHECKING:
    from datetime import datetime

    from bfg_policy.cli.collecting import Server
    from bfg_policy.collectors.rehearsal.plan import Plan
    from bfg_policy.collectors.rehearsal.reading import Rehearsed, Source
    from bfg_policy.pipeline import LoadedPack

_COLLECTOR = "rehearsal"
_COMMITTED = "committed, and taken back"
_ROLLED_BACK = "in a transaction that was rolled back"
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,53}")


class SchemaName(click.ParamType):  # type: ignore[type-arg]
    """The plain name of a database schema."""

    name = "schema"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The name; a usage error where it is none that all files can write alike."""
        name = str(value)
        if not _PLAIN_NAME.fullmatch(name) or name.startswith("pg_"):
            self.fail(
                f"`{name}` is no plain name of a schema: at most 54 lower-case letters, digits and"
                " underscores, beginning with a letter, and not with `pg_`",
                param,
                ctx,
            )
        return name


@click.command(short_help="Carry the snapshot through the target and back, and record it.")
@inputs.scenario_argument
@collecting.server_options
@pinning.pin_option
@click.option(
    "--into",
    metavar="SCHEMA",
    type=SchemaName(),
    help="Commit each step, in this schema and SCHEMA_control; what it makes there it takes away"
    " again. What is there already must be of these packets.",
)
@inputs.at_option
@inputs.policy_options
def rehearse(
    scenario: Path | None,
    dsn: str | None,
    snapshot: Path | None,
    pins: tuple[str, ...],
    into: str | None,
    at: datetime | None,
    policies: inputs.Policies,
    *,
    ephemeral: bool,
) -> int:
    """Carry the snapshot of SCENARIO through the target and back, and write the evidence of it.

    The export, the schema map, every actor as a claim, replay and comparison, the way back. The
    target is only written to inside a transaction that is rolled back, unless --into names a
    schema. Without a DSN, a PostgreSQL of its own is started, on which every packet commits, and
    the record says that it was ephemeral.

    \b
    Exit codes:
      0  everything that was tried holds
      1  something does not; the record says what, and is written all the same
      2  no such path, no collector in pack.yaml, or a scenario that is one file
      3  there are no policies, or there is no scenario
      4  the policies or the scenario cannot be judged

    \b
    Examples:
      bfg-policy rehearse scenarios/example
      bfg-policy rehearse scenarios/example --dsn service=target --into trial
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer("text", (), policies.color)
    progress = collecting.Progress()

    def work() -> int:
        collecting.need_extra()
        from bfg_policy.collectors.rehearsal.reading import Source, read_rehearsed
        from bfg_policy.collectors.rehearsal.running import run_rehearsal

        loaded = policies.open_pack()
        chosen = inputs.scenario_source(scenario, policies.settings.scenario)
        slot = collecting.slot_of(loaded, _COLLECTOR, chosen)
        source = Source(slot.folder, snapshot, Path.cwd())
        rehearsed = read_rehearsed(source, loaded.pack, loaded.contracts)
        slot.check(rehearsed.subject)
        instant = at or inputs.now()
        subject = rehearsed.subject.scenario
        with collecting.open_server(dsn, subject, progress, ephemeral=ephemeral) as server:
            plan = _plan(loaded, rehearsed, source, server, into, instant)
            plan = plan._replace(pins=frozenset(pins))
            course = run_rehearsal(plan, server.endpoint, progress)
        progress.clear()
        how = _COMMITTED if plan.commits else _ROLLED_BACK
        heading = (
            f"rehearsal on `{subject.target}` ({server.kind}, {server.described}) of scenario"
            f" `{subject.id}` at {format_instant(instant)}, {how}"
        )
        observed = collecting.Observed(heading, server, course, instant, subject.snapshot_sha256)
        return collecting.keep(observed, rehearsed.subject, slot, printer)

    try:
        return printer.run(work)
    finally:
        progress.clear()


def _plan(
    loaded: LoadedPack,
    rehearsed: Rehearsed,
    source: Source,
    server: Server,
    into: str | None,
    at: datetime,
) -> Plan:
    from bfg_policy.collectors.rehearsal.plan import Plan
    from bfg_policy.collectors.rehearsal.reading import read_payload
    from bfg_policy.packets.database import database_packet

    pack = loaded.pack
    if pack.schema_map is None:
        raise click.UsageError("the pack maps no database to rehearse on: see `schema_map`")
    if into == pack.schema_map.schema:
        raise click.UsageError(f"`{into}` is the target's own schema: leave --into out")
    if rehearsed.subject.scenario.snapshot_sha256 is None:
        raise LinkError(_nothing(rehearsed))
    return Plan(
        pack=pack,
        schema_map=pack.schema_map if into is None else pack.schema_map.within(into),
        scenario=rehearsed.subject.scenario,
        claim=rehearsed.claim,
        rows=rehearsed.rows,
        read_again=lambda: read_payload(source, loaded.contracts),
        packets=lambda scenario: database_packet(pack, scenario, None, schema=into),
        storage=_storage(loaded, rehearsed),
        at=at,
        commits=server.is_ours or into is not None,
        needs_tls=server.kind == "live",
    )


def _nothing(rehearsed: Rehearsed) -> Finding:
    return Finding(
        "BFG625",
        "there is no snapshot to rehearse: neither a digest is claimed, nor has a payload one",
        rehearsed.subject.scenario.place(()),
        note="a record of a rehearsal says which snapshot it is of",
        hint="write `snapshot.sha256`, and bring the payload as snapshot.json or with --snapshot",
    )


def _storage(loaded: LoadedPack, rehearsed: Rehearsed) -> str | None:
    """What the pack's expression gives; empty where the scenario has nothing of the kind."""
    from bfg_policy.cel import CelEvaluationError

    if loaded.pack.fallback is None:
        return None
    try:
        found = loaded.pack.fallback.program.evaluate(rehearsed.subject.scenario.variables)
    except CelEvaluationError:
        return ""
    return found if isinstance(found, str) else ""
