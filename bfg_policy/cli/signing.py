"""How an acceptance or a withdrawal is given: looked at, tried, shown, written, judged again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.cli import acting, inputs, outputs
from bfg_policy.cli.desk import Desk
from bfg_policy.cli.naming import actor_named, gate_named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from bfg_policy.recording.acceptances import Act
    from bfg_policy.scenario import Acceptance

_LIST = "acceptances"
_CONTRACT = "acceptance.v1"
_TICK = 0.1  # seconds between two looks at the clock
_MOST_TICKS = 20


class Request(NamedTuple):
    """What the command line asks for; at is None for now."""

    gates: tuple[str, ...]
    actor: str
    at: datetime | None
    expires: datetime | timedelta | None
    note: str | None
    scenario: Path | None
    dry_run: bool
    withdrawn: bool


def sign(request: Request, policies: inputs.Policies) -> int:
    """Do what is asked for, all of it or nothing; gives the exit code."""
    printer = outputs.Printer("text", (), policies.color)

    def work() -> int:
        loaded = policies.open_pack()
        words, scenario = acting.placed_last(request.gates, request.scenario, loaded.pack)
        gates = tuple(dict.fromkeys(gate_named(each, loaded.pack) for each in words))
        source = inputs.scenario_source(scenario, policies.settings.scenario)
        with acting.alone_in(source):
            return _sign(Desk(loaded, source, printer), gates, request)

    return printer.run(work)


def _sign(desk: Desk, gates: tuple[str, ...], request: Request) -> int:
    from bfg_policy.recording.acceptances import record, snippet
    from bfg_policy.recording.refusing import early, refused_acceptances

    before = desk.judged(request.at or inputs.now())
    at = request.at or _moment(before.scenario.acceptances, gates)
    actor = actor_named(request.actor, before.scenario)
    acts = _acts(gates, actor, at, request)
    files = _files(desk, acts, before.scenario.actors[actor].role)
    tried = desk.tried(at, _LIST, [record(act) for act in acts])
    refused = refused_acceptances(desk.pack, tried.scenario, len(acts))
    if refused:
        return desk.refuse(refused)
    desk.show(before, acts, at)
    if desk.folder is None or desk.holds_itself(_LIST):
        return desk.by_hand("the scenario holds its acceptances itself", snippet(acts))
    desk.put(files, dry_run=request.dry_run)
    after = tried if request.dry_run else desk.again(at)
    warnings = () if request.withdrawn else early(desk.pack, after.readiness, gates)
    return desk.tell(before, after, gates, warnings)


def _moment(given: Sequence[Acceptance], gates: Sequence[str]) -> datetime:
    """The present, once it is later than what these gates' records say: the latest counts."""
    latest = max((each.at for each in given if each.gate in gates), default=None)
    for _ in range(_MOST_TICKS):
        moment = inputs.now()
        if latest is None or moment > latest or (latest - moment).total_seconds() > 1:
            break
        time.sleep(_TICK)
    return moment


def _acts(gates: Sequence[str], actor: str, at: datetime, request: Request) -> list[Act]:
    from bfg_policy.recording.acceptances import Act

    expires = None if request.expires is None else acting.ends(request.expires, at)
    return [Act(gate, actor, at, expires, request.note, request.withdrawn) for gate in gates]


def _files(desk: Desk, acts: Sequence[Act], role: str) -> dict[str, tuple[None, str]]:
    """The acts' files; each is read as it will be, so that nothing is written that is refused.

    Raises SourceError or ContractError.
    """
    from bfg_policy.recording.acceptances import file_name, record_text

    files: dict[str, tuple[None, str]] = {}
    for act in acts:
        name = file_name(act, role, lambda path: path in files or desk.is_taken(path))
        files[name] = (None, record_text(act))
        desk.check(desk.shown(name), files[name][1], _CONTRACT)
    return files
