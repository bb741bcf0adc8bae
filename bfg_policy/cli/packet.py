"""`bfg-policy packet`: what lies in reports/, held against what it should be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy import pipeline
from bfg_policy.cli import collecting, exits, inputs, outputs
from bfg_policy.errors import Finding, Place, in_order
from bfg_policy.instants import format_instant
from bfg_policy.pack.types import REPORT, PacketSet
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters import Findings
from bfg_policy.writer import existing_files, read_existing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.collectors.endpoints import Endpoint
    from bfg_policy.pipeline import Judged, LoadedPack
    from bfg_policy.scenario.files import Source

_HERE = Path()


@click.group(short_help="Hold packets against what they should be.")
def packet() -> None:
    """Hold the packets of a scenario against what they should be."""


@packet.command(short_help="Do the packets belong to the scenario, and does a database match them?")
@inputs.scenario_argument
@outputs.form_option("text", "json")
@click.option(
    "--dsn",
    metavar="DSN",
    envvar="BFG_DATABASE_URL",
    help="Look at this database, too: `postgresql://…` or libpq's `key=value` words. Other users of"
    " this machine see a command line: keep passwords elsewhere.  [default: $BFG_DATABASE_URL]",
)
@inputs.policy_options
def verify(scenario: Path | None, form: str, dsn: str | None, policies: inputs.Policies) -> int:
    """Hold the packets in reports/SCENARIO/ against this scenario, its snapshot and these policies.

    They are rendered again, for the instant that the report was judged at, and compared file by
    file. With a DSN the database is compared with what the packets make it, and its rows with the
    snapshot, in transactions that are rolled back; what is run is rendered anew, never a file.

    \b
    Exit codes:
      0  the packets, and the database where one is named, are what they should be
      1  something differs
      2  no such scenario or folder
      3  there are no policies, or there is no scenario
      4  the policies or the scenario cannot be judged

    \b
    Examples:
      bfg-policy packet verify
      bfg-policy packet verify scenarios/example --dsn service=target
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer(form, (), policies.color)

    def work() -> int:
        loaded = policies.open_pack()
        source = inputs.scenario_source(scenario, policies.settings.scenario)
        judged, existing = _then(loaded, source)
        database = _endpoint(dsn) if dsn else None
        findings = _verify(judged, existing)
        if form == "text" and not findings:
            printer.write(_summary(judged, existing))
        if database is not None:
            found, has_rows = _verify_database(judged, database)
            if form == "text" and not found:
                rows = ", row by row" if has_rows else "; the scenario has no rows to compare"
                printer.write(f"the database is what the packets make it{rows}\n\n")
            findings = in_order([*findings, *found])
        printer.show(Findings(findings))
        return exits.NOT_READY if findings else exits.OK

    return printer.run(work)


def _then(loaded: LoadedPack, source: Source) -> tuple[Judged, Mapping[str, str]]:
    """The judgement for the instant that the report records, and the files that lie beside it."""
    from bfg_policy.packets import recorded_instant

    judged = pipeline.judge_scenario(loaded, source, inputs.now(), Path.cwd())
    folder = outputs.REPORTS / judged.scenario.id
    existing = {
        name: text
        for name in existing_files(folder)
        if (text := read_existing(_HERE, (folder / name).as_posix())) is not None
    }
    recorded = recorded_instant(existing.get(REPORT, ""))
    if recorded is None or recorded == judged.readiness.at:
        return judged, existing
    return pipeline.judge_scenario(loaded, source, recorded, Path.cwd()), existing


def _verify(judged: Judged, existing: Mapping[str, str]) -> tuple[Finding, ...]:
    from bfg_policy.digest import checksum
    from bfg_policy.packets import packet_files
    from bfg_policy.packets.verifying import Identity, verify_packets

    folder = (outputs.REPORTS / judged.scenario.id).as_posix()
    if not existing:
        return (
            Finding(
                "BFG615",
                "there are no packets of this scenario",
                Place(folder),
                note="nothing was held against anything",
                hint="run `bfg-policy render`, and look at what it writes",
            ),
        )
    digest = judged.scenario.snapshot_sha256
    identity = Identity(judged.scenario.id, checksum(digest) if digest else "")
    rendered = packet_files(judged.pack, judged.scenario, judged.readiness)
    return in_order(verify_packets(folder, rendered, existing, identity))


def _endpoint(dsn: str) -> Endpoint:
    collecting.need_extra()
    from bfg_policy.collectors.endpoints import endpoint_of
    from bfg_policy.collectors.faults import BadConnection

    try:
        return endpoint_of(dsn)
    except BadConnection as error:
        raise click.UsageError(f"the DSN cannot be used: {error}") from None


def _verify_database(judged: Judged, endpoint: Endpoint) -> tuple[tuple[Finding, ...], bool]:
    """What is wrong with a database, and whether there are rows that it should hold."""
    from bfg_policy.collectors.verifying import Packets, verify_database
    from bfg_policy.packets.database import PARITY, database_packet

    pack = judged.pack
    if pack.schema_map is None:
        raise click.UsageError("the pack maps no database to look at: see `schema_map`")
    files = database_packet(pack, judged.scenario, judged.readiness)
    folder = next(
        (each.packet.path for each in pack.boards.values() if isinstance(each.packet, PacketSet)),
        pack.schema_map.id,
    )
    shown = (outputs.REPORTS / judged.scenario.id / folder).as_posix()
    packets = Packets(pack.schema_map, files, shown)
    return verify_database(endpoint, packets), PARITY in files


def _summary(judged: Judged, existing: Mapping[str, str]) -> str:
    at = format_instant(judged.readiness.at)
    folder = visible((outputs.REPORTS / judged.scenario.id).as_posix())
    return f"{folder}: all {len(existing)} files are what was rendered for {at}\n\n"
