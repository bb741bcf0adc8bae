"""`bfg-policy probe`: observe how the target is connected to, and record it as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy.cli import collecting, inputs, outputs, pinning
from bfg_policy.instants import format_instant

if TYPE_CHECKING:
    from datetime import datetime

    from bfg_policy.cli.collecting import Server, Slot
    from bfg_policy.collectors.course import Course
    from bfg_policy.collectors.scene import Target
    from bfg_policy.collectors.subjects import Subject
    from bfg_policy.pipeline import LoadedPack

_COLLECTOR = "connection"


@click.command(short_help="Connect to the target, and record what is observed.")
@inputs.scenario_argument
@collecting.server_options
@pinning.pin_option
@inputs.at_option
@inputs.policy_options
def probe(
    scenario: Path | None,
    dsn: str | None,
    snapshot: Path | None,
    pins: tuple[str, ...],
    at: datetime | None,
    policies: inputs.Policies,
    *,
    ephemeral: bool,
) -> int:
    """Observe how the target of SCENARIO is connected to, and write the evidence record of it.

    The endpoint, its TLS, a session for each actor, and a row that is written and undone. A target
    is only ever written to inside a transaction that is rolled back. Without a DSN, a PostgreSQL
    of its own is started, and the record says that it was ephemeral.

    \b
    Exit codes:
      0  everything that was looked at holds
      1  something does not; the record says what, and is written all the same
      2  no such path, no collector in pack.yaml, or a scenario that is one file
      3  there are no policies, or there is no scenario
      4  the policies or the scenario cannot be judged

    \b
    Examples:
      bfg-policy probe scenarios/example
      BFG_DATABASE_URL='postgresql://db.example/app?sslmode=verify-full' \\
          bfg-policy probe scenarios/example
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer("text", (), policies.color)
    progress = collecting.Progress()

    def work() -> int:
        collecting.need_extra()
        loaded = policies.open_pack()
        source = inputs.scenario_source(scenario, policies.settings.scenario)
        slot = collecting.slot_of(loaded, _COLLECTOR, source)
        subject = _subject(loaded, slot, snapshot)
        instant = at or inputs.now()
        target = _target(loaded, subject)
        with collecting.open_server(dsn, subject.scenario, progress, ephemeral=ephemeral) as server:
            course = _observe(target, server, frozenset(pins), instant, progress)
        progress.clear()
        heading = (
            f"probe of `{subject.scenario.target}` ({server.kind}, {server.described}) for scenario"
            f" `{subject.scenario.id}` at {format_instant(instant)}"
        )
        observed = collecting.Observed(heading, server, course, instant)
        return collecting.keep(observed, subject, slot, printer)

    try:
        return printer.run(work)
    finally:
        progress.clear()


def _subject(loaded: LoadedPack, slot: Slot, snapshot: Path | None) -> Subject:
    from bfg_policy.collectors.subjects import read_subject

    subject = read_subject(slot.folder, loaded.pack, loaded.contracts, Path.cwd(), snapshot)
    slot.check(subject)
    return subject


def _target(loaded: LoadedPack, subject: Subject) -> Target:
    from bfg_policy.collectors.scene import target_of

    if loaded.pack.schema_map is None:
        raise click.UsageError("the pack maps no database to act on: see `schema_map` in pack.yaml")
    return target_of(loaded.pack, loaded.pack.schema_map, subject.scenario)


def _observe(
    target: Target,
    server: Server,
    pins: frozenset[str],
    at: datetime,
    progress: collecting.Progress,
) -> Course:
    from bfg_policy.collectors.probe import Probe, run_probe

    probe = Probe(server.endpoint, server.kind, server.redacted, pins, at, target)
    return run_probe(probe, progress)
