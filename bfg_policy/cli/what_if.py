"""`bfg-policy what-if`: what suppositions would do to a scenario, without editing a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.cli.acting import Until
from bfg_policy.cli.naming import gate_named, gates_named
from bfg_policy.reporters import Style
from bfg_policy.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from bfg_policy.pack import Pack
    from bfg_policy.planning.supposing import Act, RecordFile, Setting, Suppositions


class Written(NamedTuple):
    """What the command line supposes, as it is written there."""

    accept: tuple[str, ...]
    evidence: tuple[str, ...]
    waive: tuple[str, ...]
    settings: tuple[str, ...]
    later: datetime | timedelta | None


@click.command("what-if", short_help="See what would change, without editing a file.")
@inputs.scenario_argument
@click.option(
    "--accept",
    metavar="GATE[=ACTOR]",
    multiple=True,
    help="Suppose that the gate (or all of a board's that ask for it) is accepted; repeatable.",
)
@click.option(
    "--evidence",
    metavar="CONTRACT|FILE",
    multiple=True,
    help="Suppose a record of the contract that says all that is asked of it, or this very one.",
)
@click.option(
    "--waive",
    metavar="GATE[=ACTOR]",
    multiple=True,
    help="Suppose a waiver of the gate, approved by the actor; repeatable.",
)
@click.option(
    "--set",
    "settings",
    metavar="PATH=VALUE",
    multiple=True,
    help="Suppose another value, such as store.kind=s3 or people[0].name=Anna.",
)
@click.option(
    "--later",
    metavar="DURATION|INSTANT",
    type=Until(),
    help="Judge so much later, such as 30d, or at this instant.",
)
@outputs.form_option("text", "json", "markdown")
@inputs.at_option
@inputs.policy_options
def what_if(
    scenario: Path | None,
    *,
    accept: tuple[str, ...],
    evidence: tuple[str, ...],
    waive: tuple[str, ...],
    settings: tuple[str, ...],
    later: datetime | timedelta | None,
    form: str,
    at: datetime | None,
    policies: inputs.Policies,
) -> int:
    """Judge SCENARIO as it is, and as it would be if all that is supposed were so.

    Nothing is written. Whoever accepts or approves is one who may, unless an ACTOR is named; one
    who may not is told as in a real file. All comes about at --at, and is judged --later.

    \b
    Exit codes:
      0  judged, whatever came out
      2  nothing is supposed, or what is supposed cannot be
      4  the scenario cannot be judged, as it is or as it is supposed to be

    \b
    Examples:
      bfg-policy what-if --accept handover --later 30d
      bfg-policy what-if --evidence LoadTest.v1
      bfg-policy what-if --set service.peak_requests_per_second=500 --format json
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer(form, (), policies.color)
    written = Written(accept, evidence, waive, settings, later)

    def work() -> int:
        from bfg_policy.planning.paths import BadPath
        from bfg_policy.planning.supposing import NobodyMay
        from bfg_policy.planning.what_if import suppose
        from bfg_policy.reporters.supposing import report
        from bfg_policy.scenario.files import read_scenario

        loaded = policies.open_pack()
        suppositions = _suppositions(written, loaded.pack)
        if suppositions.is_empty:
            raise click.UsageError(
                "suppose something: --accept, --evidence, --waive, --set, --later"
            )
        source = inputs.scenario_source(scenario, policies.settings.scenario)
        merged, _ = read_scenario(source, Path.cwd())
        moment = at or inputs.now()
        if isinstance(later, datetime) and later <= moment:
            raise click.UsageError("what --later names is not later than --at")
        try:
            result = suppose(loaded.pack, loaded.contracts, merged, suppositions, moment)
        except BadPath as error:
            raise click.UsageError(f"--set: {error}") from None
        except NobodyMay as error:
            raise click.UsageError(f"--accept: {error}; name an actor: GATE=ACTOR") from None
        printer.write(report(form, result, Style(color=printer.color)))
        return exits.OK

    return printer.run(work)


def _suppositions(written: Written, pack: Pack) -> Suppositions:
    from bfg_policy.planning.supposing import Suppositions

    records, contracts = _evidence(written.evidence, pack)
    return Suppositions(
        settings=tuple(_setting(each) for each in written.settings),
        records=records,
        contracts=contracts,
        accepted=tuple(act for each in written.accept for act in _accepted(each, pack)),
        waived=tuple(_act(each, pack) for each in written.waive),
        later=written.later,
    )


def _setting(written: str) -> Setting:
    from bfg_policy.planning.paths import BadPath, read_path, read_value
    from bfg_policy.planning.supposing import Setting

    path, equals, value = written.partition("=")
    if not equals:
        raise click.UsageError(f"--set `{written}` is not PATH=VALUE")
    try:
        return Setting(read_path(path), read_value(value), written)
    except BadPath as error:
        raise click.UsageError(f"--set `{written}`: {error}") from None


def _accepted(written: str, pack: Pack) -> Iterator[Act]:
    from bfg_policy.planning.supposing import Act

    name, _, actor = written.partition("=")
    gates = gates_named(name, pack)
    # Of a board those gates that ask for it; a gate that does not is told as in a real file.
    asking = [gate for gate in gates if pack.gates[gate].accept] if len(gates) > 1 else gates
    if not asking:
        raise click.UsageError(f"no gate of board `{name}` asks for an acceptance")
    return (Act(gate, actor or None) for gate in asking)


def _act(written: str, pack: Pack) -> Act:
    from bfg_policy.planning.supposing import Act

    name, _, actor = written.partition("=")
    return Act(gate_named(name, pack), actor or None)


def _evidence(written: Sequence[str], pack: Pack) -> tuple[tuple[RecordFile, ...], tuple[str, ...]]:
    """The records that are read from files, and the contracts of those that are made up."""
    asked = dict.fromkeys(
        gate.evidence.contract for gate in pack.gates.values() if gate.evidence is not None
    )
    records, contracts = [], []
    for each in written:
        if each in asked:
            contracts.append(each)
        elif each.endswith(".json") or Path(each).is_file():
            records.append(_record(Path(each)))
        else:
            raise click.UsageError(
                f"no gate asks for evidence of `{each}`, and no file is it"
                + did_you_mean(each, asked)
            )
    return tuple(records), tuple(dict.fromkeys(contracts))


def _record(path: Path) -> RecordFile:
    from bfg_policy.planning.supposing import RecordFile
    from bfg_policy.source import read_document, shown_path

    document = read_document(path, root=path, shown=shown_path(path, Path.cwd()))
    return RecordFile(document.path, path.stem, document.data)
