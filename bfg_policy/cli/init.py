"""`bfg-policy init`: a new pack that passes, in an empty folder."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy import pipeline, writer
from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.contracts import file_name, load_contracts
from bfg_policy.pack.types import REPORT
from bfg_policy.rendering.visible import visible
from bfg_policy.resources import packaged
from bfg_policy.scaffolding import WORKFLOWS, id_from, is_id, new_pack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# What the modelines of the new files name, and what that refers to: an editor reads them.
_FOR_EDITORS = ("pack.v1", "policy.v1", "scenario.v1", "policy_test.v1")
_SCENARIO = Path("scenarios") / "example"
_REPORT = (outputs.REPORTS / _SCENARIO.name / REPORT).as_posix()


@click.command(short_help="Begin a new pack in an empty folder.")
@click.argument(
    "folder", required=False, default=".", type=click.Path(file_okay=False, path_type=Path)
)
@click.option("--pack", metavar="ID", help="The pack's id.  [default: the folder's name]")
@click.option(
    "--ci",
    type=click.Choice([*WORKFLOWS, "none"]),
    default="github",
    show_default=True,
    help="Which CI system gets a workflow.",
)
@inputs.at_option
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour: on a terminal (auto), always or never.",
)
def init(folder: Path, pack: str | None, ci: str, at: datetime | None, color: str) -> int:
    """Write a new pack into FOLDER, the current one by default: policies with tests, contracts, an
    example scenario with its report, and a CI workflow. All of it passes, and is there to be
    changed. Nothing that exists is overwritten; a run that was cut short can be run again.

    \b
    Exit codes:
      0  written
      2  a file is there already, or ID is no id; nothing was written

    \b
    Examples:
      bfg-policy init
      bfg-policy init my-release --pack my-release --ci gitlab
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer("text", (), color)

    def work() -> int:
        name = pack if pack is not None else id_from(folder.resolve().name)
        if not is_id(name):
            raise click.UsageError(
                f"`{name}` is no id: small letters and digits, with `-` between words"
            )
        files = {**new_pack(name, None if ci == "none" else ci), **_contracts()}
        taken = _taken(folder, files)
        if taken:
            raise click.UsageError(
                f"nothing was written: {taken[0]} is there already"
                + (f", and {len(taken) - 1} more" if len(taken) > 1 else "")
            )
        writer.write_tree(folder, files)
        reports = _reports(folder, at or inputs.now())
        writer.write_tree(folder, reports)
        for path in sorted([*files, *reports]):
            printer.write(f"written {visible((folder / path).as_posix())}\n")
        where = "" if folder == Path() else f"cd {visible(shlex.quote(folder.as_posix()))}; "
        printer.write(f"\nNow: {where}bfg-policy check\n")
        return exits.OK

    return printer.run(work)


def _taken(folder: Path, files: Mapping[str, str]) -> list[str]:
    """What is there already, and stands in the way.

    What a killed run has written does not: it has left no report, which comes last.
    """
    there = [path for path in (*files, _REPORT) if os.path.lexists(folder / path)]
    if _REPORT in there:
        return there
    return [path for path in there if writer.read_existing(folder, path) != files[path]]


def _contracts() -> dict[str, str]:
    """The product's contracts that the new files are written against, for editors."""
    own = load_contracts(packaged("contracts"), [])
    names = {each for name in _FOR_EDITORS for each in own.closure(name)}
    return {f"contracts/{file_name(name)}": own.text(name) for name in sorted(names)}


def _reports(folder: Path, at: datetime) -> dict[str, str]:
    """The reports of the example as `render` would write them, by path from the folder."""
    from bfg_policy.packets import packet_files

    here = folder.resolve()
    loaded = pipeline.open_pack(here / "policies", None, here)
    judged = pipeline.judge_scenario(loaded, here / _SCENARIO, at, here)
    files = packet_files(judged.pack, judged.scenario, judged.readiness)
    below = outputs.REPORTS / judged.scenario.id
    return {(below / name).as_posix(): text for name, text in files.items()}
