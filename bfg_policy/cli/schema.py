"""`bfg-policy schema`: print a contract, for an editor or another validator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy import writer
from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.contracts import file_name
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.json import document_text
from bfg_policy.suggestions import did_you_mean

if TYPE_CHECKING:
    from bfg_policy.contracts import Contracts


@click.command(short_help="Print a contract, or list them.")
@click.argument("name", required=False)
@click.option(
    "--write",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write it, and all that it refers to, into this folder; without NAME all contracts.",
)
@inputs.policy_options
def schema(name: str | None, write: Path | None, policies: inputs.Policies) -> int:
    """Print the contract NAME, such as policy.v1: JSON Schema 2020-12.

    Known are the product's own contracts and those in the pack's folder. NAME may also be what a
    document says of itself, such as Readiness.v1. Without NAME they are listed.

    \b
    Exit codes:
      0  printed, listed or written
      2  no such contract

    \b
    Examples:
      bfg-policy schema
      bfg-policy schema policy.v1
      bfg-policy schema --write contracts policy.v1
    """  # noqa: D301 - click's sign for lines that stay as they are
    printer = outputs.Printer("text", (), policies.color)

    def work() -> int:
        contracts = policies.open_contracts()
        chosen = None if name is None else _named(name, contracts)
        if write is not None:
            names = contracts.names if chosen is None else contracts.closure(chosen)
            files = {file_name(each): contracts.text(each) for each in names}
            for path in writer.write_tree(write, files):
                printer.write(f"wrote {visible(path.as_posix())}\n")
        elif chosen is not None:
            printer.write(document_text(dict(contracts.schema(chosen))))
        else:
            printer.write("".join(_listed(each, contracts) for each in contracts.names))
        return exits.OK

    return printer.run(work)


def _listed(name: str, contracts: Contracts) -> str:
    described = str(contracts.schema(name).get("description", ""))
    return visible(f"{name:<34}  {described}") + "\n"


def _named(written: str, contracts: Contracts) -> str:
    """The contract that is meant: by its own name, else by the title that documents carry.

    Raises a usage error where there is none.
    """
    if written in contracts.names:
        return written
    # What is no title, or one that several bear, is nobody's name.
    titled = [each for each in contracts.names if contracts.schema(each).get("title") == written]
    if len(titled) != 1:
        raise click.UsageError(_unknown(written, contracts))
    return titled[0]


def _unknown(name: str, contracts: Contracts) -> str:
    hint = did_you_mean(name, contracts.names)
    return f"there is no contract `{name}`{hint} `bfg-policy schema` lists them"
