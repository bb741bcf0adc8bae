"""`bfg-policy docs`: a page a board and a page a finding code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy import writer
from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.errors import Finding, Place
from bfg_policy.pages import board_pages
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters import Findings
from bfg_policy.resources import findings_pages

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = Path("docs")


@click.command(short_help="Write a page a board and a page a finding.")
@click.option(
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=DEFAULT,
    show_default=True,
    help="Folder to write `boards/` and `findings/` into.",
)
@click.option("--check", is_flag=True, help="Write nothing; fail where a page is stale.")
@inputs.policy_options
def docs(folder: Path, check: bool, policies: inputs.Policies) -> int:  # noqa: FBT001 - a flag
    """Write what the policies ask as pages for people: `boards/`, a page a board, and `findings/`,
    a page a finding code.

    \b
    Exit codes:
      0  written; with --check: every page is up to date
      1  with --check: a page is stale or missing
      3  there are no policies
      4  the policies cannot be judged

    \b
    Examples:
      bfg-policy docs
      bfg-policy docs --check
      bfg-policy docs --output build/pages
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer("text", (), policies.color)

    def work() -> int:
        files = _pages(policies)
        if not check:
            for path in writer.write_tree(folder, files):
                printer.write(f"written {visible(path.as_posix())}\n")
            for stray in _strays(folder, files):
                printer.warn(stray)
            return exits.OK
        findings = [
            _stale(folder / name)
            for name, text in files.items()
            if writer.read_existing(folder, name) != text
        ]
        printer.show(Findings((*findings, *_strays(folder, files))))
        return exits.NOT_READY if findings else exits.OK

    return printer.run(work)


def _pages(policies: inputs.Policies) -> dict[str, str]:
    boards = board_pages(policies.open_pack().pack)
    pages = {f"boards/{name}": text for name, text in boards.items()}
    root = findings_pages()
    for path in sorted(root.rglob("*.*")):
        if path.is_file():  # the pages, and the small project that their examples are made in
            name = path.relative_to(root).as_posix()
            pages[f"findings/{name}"] = path.read_text(encoding="utf-8")
    return pages


def _strays(folder: Path, files: Mapping[str, str]) -> list[Finding]:
    """Pages that were of a board, or of a finding, that is no more."""
    return [
        outputs.stray(folder / name)
        for part in dict.fromkeys(name.split("/")[0] for name in files)
        for each in writer.existing_files(folder / part)
        if (name := f"{part}/{each}") not in files and name.endswith(".md")
    ]


def _stale(path: Path) -> Finding:
    return Finding(
        "BFG603",
        "it is not what the policies give",
        Place(path.as_posix()),
        hint="run `bfg-policy docs` and commit what it writes",
    )
