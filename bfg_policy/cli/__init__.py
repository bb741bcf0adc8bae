"""The command line: the clock, the environment, the terminal and the exit codes live here."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from bfg_policy import __version__
from bfg_policy.cli import exits
from bfg_policy.cli.arguments import credential_in

if TYPE_CHECKING:
    from collections.abc import Sequence

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_NO_CREDENTIALS = "and other users of this machine see command lines: revoke it, and name no secret"
# Each is `bfg_policy.cli.NAME:NAME`, `-` as `_`, imported when it is used.
_COMMANDS = (
    "check",
    "diff",
    "render",
    "explain",
    "eval",
    "lint",
    "test",
    "schema",
    "docs",
    "init",
    "probe",
    "rehearse",
    "packet",
    "what-if",
    "plan",
    "accept",
    "withdraw",
    "waive",
)


class _Commands(click.Group):
    """The commands, in the order of the documentation; one pays only for the one that it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command = getattr(import_module(f"{__name__}.{name}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="bfg-policy")
def cli() -> None:
    """Decide from policies and recorded facts whether a system may go to production.

    \b
    Exit codes:
      0    judged; all that was required is ready
      1    judged; something required is not ready, or an error finding stands
      2    usage; a path or a required board that does not exist
      3    nothing to judge: no policies, no scenario
      4    input that cannot be judged
      70   a bug of ours
      74   the output cannot be written
      130  interrupted

    \b
    Examples:
      bfg-policy check
      bfg-policy explain BFG201
      bfg-policy diff main
      bfg-policy init my-pack

    \b
    Completion, in bash (zsh and fish alike):
      eval "$(_BFG_POLICY_COMPLETE=bash_source bfg-policy)"
    """  # noqa: D301 - click's sign for lines that stay as they are


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code; no traceback ever reaches a user."""
    if sys.stderr is None:
        sys.stderr = StringIO()  # whoever closed it wants to be told nothing
    if sys.stdout is None:
        click.echo("bfg-policy: cannot write the output: standard output is closed", err=True)
        sys.exit(exits.CANNOT_WRITE)
    for stream in (sys.stdout, sys.stderr):
        # The text is UTF-8 whatever the locale says: an ASCII one would die of the first `é`.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    # A run is short and keeps nearly all that it makes: looking for rubbish finds none.
    gc.set_threshold(100_000, 50, 100)
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _cannot_write(error)
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    if not _has_folder():
        click.echo("bfg-policy: the current folder does not exist any more", err=True)
        return exits.USAGE
    found = credential_in(sys.argv[1:] if arguments is None else arguments)
    if found is not None:
        click.echo(f"bfg-policy: an argument looks like {found}, {_NO_CREDENTIALS}", err=True)
        return exits.USAGE
    try:
        result = cli.main(args=arguments, prog_name="bfg-policy", standalone_mode=False)
    except click.ClickException as error:
        _show(error)
        return exits.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return exits.INTERRUPTED
    except OSError as error:
        return _cannot_write(error) if error.filename is None else _cannot_read(error)
    except Exception as error:
        return _our_bug(error)
    return result if isinstance(result, int) else exits.OK


def _has_folder() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _show(error: click.ClickException) -> None:
    """Tell what is wrong with the command. File names and settings in it are by strangers."""
    from bfg_policy.rendering.visible import visible
    from bfg_policy.reporters.ci import ci_safe
    from bfg_policy.secrets import redact

    context = error.ctx if isinstance(error, click.UsageError) else None
    message = ci_safe(visible(redact(error.format_message())))
    click.UsageError(message, context).show()


def _cannot_read(error: OSError) -> int:
    """A path is kept from us before the command has begun, such as the current folder's own."""
    from bfg_policy.cli.outputs import Printer
    from bfg_policy.reporters import Findings
    from bfg_policy.source import unreadable

    Printer("text", (), "auto").show(Findings((unreadable(error, Path.cwd()),)))
    return exits.CANNOT_JUDGE


def _cannot_write(error: OSError) -> int:
    """The output is a closed pipe or a full disk: say so if anybody still listens."""
    # Nothing more may be written to the broken stream, not even by the interpreter's exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if not isinstance(error, BrokenPipeError):
        click.echo(f"bfg-policy: cannot write the output: {error.strerror}", err=True)
    return exits.CANNOT_WRITE


def _our_bug(error: Exception) -> int:
    # The text of a foreign exception may hold what it choked on: name its kind and place alone.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else "?"
    click.echo(
        f"bfg-policy: a bug of ours ({type(error).__name__} in {where}, version {__version__})\n"
        "Nothing was judged. Please report it with the command that you ran.",
        err=True,
    )
    return exits.BUG
