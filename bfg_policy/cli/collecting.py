"""What commands that observe a target share: which server is meant, and where a record goes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click

from bfg_policy import writer
from bfg_policy.cli import exits
from bfg_policy.collectors.faults import BadConnection, NoServer
from bfg_policy.rendering.visible import visible
from bfg_policy.source import shown_path

if TYPE_CHECKING:
    from datetime import datetime

    from bfg_policy.cli.outputs import Printer
    from bfg_policy.collectors.course import Course
    from bfg_policy.collectors.endpoints import Endpoint
    from bfg_policy.collectors.records import Kind, Section
    from bfg_policy.collectors.subjects import Subject
    from bfg_policy.pack.types import Collected
    from bfg_policy.pipeline import LoadedPack
    from bfg_policy.scenario import Scenario
    from bfg_policy.scenario.files import Source

_Command = TypeVar("_Command", bound=Callable[..., object])
_EVIDENCE = "evidence"
_DSN = "BFG_DATABASE_URL"
_PROGRAMS = "BFG_PG_BINDIR"
_SALT = "BFG_ENDPOINT_SALT"
# Of libpq's own variables those that say which server is meant.
_LIBPQ = ("PGSERVICE", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE")
# How a record names a server of our own, whose port is another one each time.
_EMBEDDED = "embedded"
_ERASE_LINE = "\r\x1b[K"


def server_options(command: _Command) -> _Command:
    """`--dsn`, `--ephemeral` and `--snapshot`."""
    for option in (
        click.option(
            "--snapshot",
            metavar="PATH",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="The snapshot's payload, where it does not lie in the scenario's folder.",
        ),
        click.option(
            "--ephemeral",
            is_flag=True,
            help="The server was made for the occasion: the record does not call it live.",
        ),
        click.option(
            "--dsn",
            metavar="DSN",
            help="The server: `postgresql://…` or libpq's `key=value` words. Other users of this"
            " machine see a command line: keep passwords in BFG_DATABASE_URL, a service or a"
            " password file.  [default: $BFG_DATABASE_URL, else $PGHOST, $PGSERVICE and so on,"
            " else an embedded PostgreSQL]",
        ),
    ):
        command = option(command)
    return command


class Progress:
    """Tells on a terminal what is looked at now, on one line that is erased again."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._is_told = sys.stderr.isatty() and environment.get("TERM") != "dumb"

    def __call__(self, what: str) -> None:
        """Say what is looked at now."""
        self._write(f"{_ERASE_LINE}… {visible(what)}")

    def clear(self) -> None:
        """Take the line away."""
        self._write(_ERASE_LINE)

    def _write(self, text: str) -> None:
        if self._is_told:
            sys.stderr.write(text)
            sys.stderr.flush()


class Server(NamedTuple):
    """The server that is meant. redacted: how a record names it; described: how a transcript does.

    is_ours: whether it was made for this, so that what is done on it may be committed.
    """

    endpoint: Endpoint
    kind: Kind
    redacted: str
    described: str
    is_ours: bool


@contextmanager
def open_server(
    dsn: str | None,
    scenario: Scenario,
    progress: Progress,
    *,
    ephemeral: bool,
    environment: Mapping[str, str] = os.environ,
) -> Iterator[Server]:
    """The server that is meant; one of our own runs as long as this lasts.

    Raises a usage error where the DSN cannot be used, or no server starts.
    """
    from bfg_policy.collectors.endpoints import endpoint_of, redacted, salt_of

    salt = salt_of([scenario.id, scenario.tenant, scenario.target], environment.get(_SALT))
    try:
        named = _named(dsn, environment)
        if named is not None:
            endpoint = endpoint_of(named.dsn)
            kind: Kind = "ephemeral" if ephemeral else "live"
            yield Server(endpoint, kind, endpoint.redacted(salt), named.told, is_ours=False)
            return
        from bfg_policy.collectors.programs import find_programs
        from bfg_policy.collectors.servers import embedded_server

        progress("a PostgreSQL of our own")
        folder = environment.get(_PROGRAMS)
        programs = find_programs(Path(folder) if folder else None, environment.get("PATH"))
        with embedded_server(programs) as server:
            told = f"an embedded PostgreSQL {server.version}"
            name = redacted(salt, _EMBEDDED)
            yield Server(endpoint_of(server.dsn), "ephemeral", name, told, is_ours=True)
    except BadConnection as error:
        raise click.UsageError(f"the DSN cannot be used: {error}") from None
    except NoServer as error:
        raise click.UsageError(str(error)) from None


class _Named(NamedTuple):
    dsn: str
    told: str


def _named(dsn: str | None, environment: Mapping[str, str]) -> _Named | None:
    """The DSN that somebody gave, and where; None where nobody did."""
    if dsn:
        return _Named(dsn, "the server of --dsn")
    if environment.get(_DSN):
        return _Named(environment[_DSN], f"the server of ${_DSN}")
    for name in _LIBPQ:
        if environment.get(name):
            return _Named("", f"the server of ${name}")
    return None


def need_extra() -> None:
    """Raise a usage error where the driver and what else the collectors need is missing."""
    try:
        import cryptography  # noqa: F401 - whether it is there
        import psycopg  # noqa: F401 - whether it is there, with its library
    except ImportError:
        raise click.UsageError(
            "this takes a PostgreSQL driver, which is an extra: pip install 'bfg-policy[postgres]'"
        ) from None


class Slot(NamedTuple):
    """Where a record goes: of which contract, under which name, below which scenario's folder."""

    folder: Path
    collected: Collected

    @property
    def name(self) -> str:
        """The record's file below the folder."""
        return f"{_EVIDENCE}/{self.collected.record}.json"

    @property
    def shown(self) -> str:
        """The record's file, as it is shown."""
        return shown_path(self.folder / self.name, Path.cwd())

    def check(self, subject: Subject) -> None:
        """Raise a usage error where another record would stand beside the new one."""
        other = subject.stands_in_the_way(
            self.collected.contract, self.collected.record, self.shown
        )
        if other is not None:
            raise click.UsageError(
                f"{visible(str(other.place))} holds a record of `{self.collected.contract}`"
                f" already, and this one would be written to {visible(self.shown)}: delete it, for"
                " nobody could tell which of the two counts"
            )

    def write(self, text: str) -> None:
        """Put the record in its place. Raises RenderError where that cannot be."""
        writer.write_tree(self.folder, {self.name: text})


def slot_of(loaded: LoadedPack, collector: str, source: Source) -> Slot:
    """Where a collector's record of this scenario goes.

    collector: its key in pack.yaml. Raises a usage error where the pack has no record for it, or
    the scenario is not a folder.
    """
    collected = loaded.pack.collectors.get(collector)
    if collected is None:
        raise click.UsageError(f"pack.yaml names no record for this: see `collectors.{collector}`")
    if isinstance(source, bytes) or not source.is_dir():
        raise click.UsageError(
            "the scenario is one self-contained file, and a record is a file beside it: move it"
            " to a folder of its own, as scenario.yaml, and name the folder"
        )
    return Slot(source, collected)


class Observed(NamedTuple):
    """What came of observing a target.

    heading: what was observed, for people. snapshot_sha256: of the snapshot that it is about; None
    where it is about none.
    """

    heading: str
    server: Server
    course: Course
    at: datetime
    snapshot_sha256: str | None = None


def keep(observed: Observed, subject: Subject, slot: Slot, printer: Printer) -> int:
    """Write the record, whatever it says, and tell the whole course of it; gives the exit code.

    Raises RenderError where the record cannot be written.
    """
    from bfg_policy.collectors.records import Target, all_passed, build_record, record_text
    from bfg_policy.collectors.transcript import transcript_text
    from bfg_policy.reporters import Style

    target = Target(subject.scenario.target, observed.server.kind)
    sections = observed.course.sections()
    record = build_record(
        slot.collected.contract, target, observed.at, sections, observed.snapshot_sha256
    )
    slot.write(record_text(record))
    style = Style(color=printer.color)
    printer.write(transcript_text(observed.heading, observed.course, style))
    former = subject.replaced(slot.collected.record)
    printer.write(_closing_lines(slot, former, sections, str(record["sha256"])))
    return exits.OK if all_passed(sections) else exits.NOT_READY


def _closing_lines(slot: Slot, former: object, sections: tuple[Section, ...], digest: str) -> str:
    """What is said at the end: where the record is, and what it replaces for the worse."""
    from bfg_policy.collectors.records import worse_sections

    lines = [f"written {visible(slot.shown)}  sha256 {digest}"]
    worse = worse_sections(former, sections)
    if worse:
        names = ", ".join(worse)
        lines.append(f"the record that it replaces had passed: {names}. This one is what is so now")
    return "\n" + "\n".join(lines) + "\n"
