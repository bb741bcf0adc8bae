"""`bfg-policy waive`: put a dated, approved exception into the scenario, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy.cli import acting, inputs, outputs
from bfg_policy.cli.desk import Desk
from bfg_policy.cli.naming import actor_named, gate_named
from bfg_policy.errors import SourceError
from bfg_policy.scenario.files import SCENARIO_FILE
from bfg_policy.source import parse_document, read_bytes, read_document, shown_path

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from bfg_policy.recording.waivers import Waive

_LIST = "waivers"
_CONTRACT = "waiver.v1"
_MARK = "\ufeff"


@click.command(short_help="Put an approved, dated exception into the scenario.")
@click.argument("words", metavar="GATE [SCENARIO]", nargs=-1, required=True)
@acting.actor_option("The id of the actor who asks for it.")
@click.option(
    "--approved-by",
    metavar="ACTOR",
    required=True,
    help="The id of another actor, of an approving role, who approved it.",
)
@acting.text_option("--reason", "Why; shown wherever the gate is.", required=True)
@acting.expires_option(required=True)
@acting.at_option
@acting.place_options
@inputs.policy_options
def waive(
    words: tuple[str, ...],
    *,
    actor: str,
    approved_by: str,
    reason: str,
    expires: datetime | timedelta,
    at: datetime | None,
    scenario: Path | None,
    dry_run: bool,
    policies: inputs.Policies,
) -> int:
    """Add a waiver of GATE (`board/gate`) to the list in scenario.yaml.

    A waiver stands in for proof that does not hold, never for what the gate needs. Nothing else
    in the file changes, comments and style included.

    \b
    Exit codes:
      0  added (or shown, with --dry-run)
      1  refused: it would not count, or there is nothing to waive; nothing was written
      2  no such gate or actor, or an --expires that is over; or a scenario that is one file
      4  the scenario or the policies cannot be judged; nothing was written

    \b
    Example:
      bfg-policy waive load-test --as omar --approved-by ada --expires 30d \\
          --reason 'The load is that of last year.'
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer("text", (), policies.color)
    moment = at or inputs.now()
    ended = acting.ends(expires, moment)

    def work() -> int:
        from bfg_policy.recording.waivers import Waive

        loaded = policies.open_pack()
        gates, place = acting.placed_last(words, scenario, loaded.pack)
        if len(gates) > 1:
            raise click.UsageError(f"one gate at a time, and not `{gates[1]}`, too")
        named = gate_named(gates[0], loaded.pack)
        source = inputs.scenario_source(place, policies.settings.scenario)
        with acting.alone_in(source):
            desk = Desk(loaded, source, printer)
            made = Waive(named, reason, actor, approved_by, ended)
            return _waive(desk, made, moment, dry_run=dry_run)

    return printer.run(work)


def _waive(desk: Desk, made: Waive, at: datetime, *, dry_run: bool) -> int:
    from bfg_policy.recording.acceptances import json_text
    from bfg_policy.recording.refusing import early, refused_waiver
    from bfg_policy.recording.waivers import snippet, waiver

    before = desk.judged(at)
    for actor in (made.requested_by, made.approved_by):
        actor_named(actor, before.scenario)
    desk.check("the waiver", json_text(waiver(made)), _CONTRACT)
    tried = desk.tried(at, _LIST, [waiver(made)])
    refused = refused_waiver(desk.pack, before.scenario, tried.scenario, at)
    if refused is not None:
        return desk.refuse([refused])
    desk.show(before, [made], at)
    if desk.folder is None:
        return desk.by_hand("the scenario is one file", snippet(made))
    old, new = _edited(desk.folder, made)
    desk.put({SCENARIO_FILE: (old, new)}, dry_run=dry_run)
    after = tried if dry_run else desk.again(at)
    return desk.tell(before, after, [made.gate], early(desk.pack, after.readiness, [made.gate]))


def _edited(folder: Path, made: Waive) -> tuple[str, str]:
    """The text of the scenario's file as it is and with the waiver; a byte order mark stays.

    Raises SourceError where the new text is not exactly the old data with one waiver more.
    """
    from bfg_policy.recording.waivers import cannot_edit, waiver, with_waiver

    shown = shown_path(folder / SCENARIO_FILE, Path.cwd())
    document = read_document(folder / SCENARIO_FILE, root=folder, shown=shown)
    new = with_waiver(document, made)
    listed = document.data.get(_LIST, [])
    assert isinstance(listed, list)
    meant = {**document.data, _LIST: [*listed, waiver(made)]}
    try:
        read_again = parse_document(new.encode(), shown).data
    except SourceError:
        read_again = {}
    if read_again != meant:
        raise SourceError(cannot_edit(shown, made))
    marked = read_bytes(folder / SCENARIO_FILE, root=folder, shown=shown).decode()
    mark = _MARK if marked.startswith(_MARK) else ""
    return mark + document.text, mark + new
