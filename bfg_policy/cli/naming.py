"""What names on the command line mean: gates, boards and actors, or what was meant by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bfg_policy.source import DATA_SUFFIXES
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bfg_policy.pack import Pack
    from bfg_policy.scenario import Scenario


def gate_named(written: str, pack: Pack, sought: str = "gate") -> str:
    """The gate that is meant: its id, or its name alone where only one board has it.

    sought: what there is none of, in words. Raises a usage error where none or several could be
    meant.
    """
    if written in pack.gates:
        return written
    if written in pack.boards:
        gates = ", ".join(pack.boards[written].gates)
        raise click.UsageError(f"`{written}` is a board; name one of its gates: {gates}")
    found = _of_that_name(written, pack)
    if found is not None:
        return found
    meant = _meant(written, _names(pack))
    raise click.UsageError(f"there is no {sought} `{written}`{meant}")


def gates_named(written: str, pack: Pack) -> tuple[str, ...]:
    """The gates of a board (`board` or `board/*`), or the one gate that is meant."""
    board = written.removesuffix("/*")
    return pack.boards[board].gates if board in pack.boards else (gate_named(written, pack),)


def goal_named(written: str, pack: Pack) -> str:
    """The board or gate that is meant; raises a usage error where there is none."""
    board = written.removesuffix("/*")
    if board in pack.boards:
        return board
    if written in pack.gates:
        return written
    found = _of_that_name(written, pack)
    if found is not None:
        return found
    meant = _meant(written, _names(pack) | {board: board for board in pack.boards})
    raise click.UsageError(f"there is no board and no gate `{written}`{meant}")


def _of_that_name(written: str, pack: Pack) -> str | None:
    same = [gate.id for gate in pack.gates.values() if gate.key == written]
    if len(same) > 1:
        raise click.UsageError(f"several gates have that name: {', '.join(same)}")
    return same[0] if same else None


def actor_named(written: str, scenario: Scenario) -> str:
    """The id of an actor of the scenario; raises a usage error where there is no such actor."""
    if written in scenario.actors:
        return written
    by_name = [actor.id for actor in scenario.actors.values() if actor.name == written]
    if len(by_name) == 1:
        hint = f"; did you mean `{by_name[0]}`?"
    else:
        hint = _meant(written, {actor: actor for actor in scenario.actors})
    known = "" if hint else f"; known are {', '.join(scenario.actors) or 'none'}"
    raise click.UsageError(f"no actor of the scenario has the id `{written}`{hint}{known}")


def scenario_named(written: Path, known: Iterable[Path]) -> Path | None:
    """The one scenario of that name, where a name is written instead of a path; else None.

    known: the paths of those that there are. One that is a file may be named without its suffix.
    """
    name = str(written)
    found = [path for path in known if name in (path.name, _bare(path))]
    return found[0] if len(found) == 1 else None


def no_scenario(written: Path, known: Iterable[Path], why: str = "") -> click.UsageError:
    """The error for a path where no scenario is. known: the paths of those that there are.

    why: where the path comes from, as it continues the sentence.
    """
    paths = {_bare(path): path.as_posix() for path in known}
    paths |= {path: path for path in paths.values()}
    hint = _meant(written.as_posix(), paths)
    return click.UsageError(f"there is no scenario `{written}`{why}{hint}")


def _bare(path: Path) -> str:
    """A scenario's name. What follows a dot in that of a folder belongs to it: `prod.v2`."""
    return path.stem if path.suffix in DATA_SUFFIXES else path.name


def _names(pack: Pack) -> dict[str, str]:
    """What a gate may be called, its id or its name alone, each with the id."""
    ids = {gate: gate for gate in pack.gates}
    # Of several gates of one name the first.
    return {gate.key: gate.id for gate in reversed(tuple(pack.gates.values()))} | ids


def _meant(written: str, known: Mapping[str, str]) -> str:
    """The hint at what was meant. known: what may be written, and what it then is."""
    suggestion = closest(written, known)
    return f"; did you mean `{known[suggestion]}`?" if suggestion else ""
