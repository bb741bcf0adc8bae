"""What `accept`, `withdraw` and `waive` have in common: their options, and where they may write."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bfg_policy import writer
from bfg_policy.cli import inputs
from bfg_policy.instants import parse_duration, plus

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from bfg_policy.pack import Pack
    from bfg_policy.scenario.files import Source

_Command = TypeVar("_Command", bound=Callable[..., object])
_INSTANT = inputs.Instant()


class Until(click.ParamType):  # type: ignore[type-arg]
    """An instant, or a duration from the instant of the act on, such as `30d`."""

    name = "until"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | timedelta:
        """What is meant; a usage error where the text is neither."""
        if isinstance(value, datetime | timedelta):
            return value
        try:
            return parse_duration(str(value))
        except ValueError:
            pass
        try:
            return _INSTANT.convert(value, param, ctx)
        except click.BadParameter:
            hint = "write 30d, or an instant such as 2026-11-20T12:00:00Z"
            self.fail(f"`{value}` is no duration and no instant; {hint}", param, ctx)


def ends(expires: datetime | timedelta, at: datetime) -> datetime:
    """The instant that `--expires` means. Raises a usage error where it is over at `at`."""
    ended = plus(at, expires) if isinstance(expires, timedelta) else expires
    if ended <= at:
        raise click.UsageError("what --expires names is over at the instant of the act")
    return ended.replace(microsecond=0)


def _text(_ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        raise click.BadParameter("it is not UTF-8", param=parameter) from None
    if value is not None and not value.strip():
        raise click.BadParameter("it is empty", param=parameter)
    return value


def text_option(name: str, about: str, *, required: bool) -> Callable[[_Command], _Command]:
    """An option that takes a text which can be written into a file."""
    return click.option(name, required=required, callback=_text, metavar="TEXT", help=about)


def actor_option(about: str) -> Callable[[_Command], _Command]:
    """`--as`, handed on as `actor`."""
    return click.option("--as", "actor", metavar="ACTOR", required=True, help=about)


def expires_option(*, required: bool) -> Callable[[_Command], _Command]:
    """`--expires`."""
    return click.option(
        "--expires",
        metavar="INSTANT",
        type=Until(),
        required=required,
        help="From when on it no longer counts: an instant, or a duration such as 30d.",
    )


def at_option(command: _Command) -> _Command:
    """`--at`."""
    return click.option(
        "--at",
        metavar="INSTANT",
        type=_INSTANT,
        help="When it is done, such as 2026-11-20T12:00:00Z.  [default: now]",
    )(command)


def place_options(command: _Command) -> _Command:
    """`--scenario` and `--dry-run`."""
    for option in (
        click.option(
            "--dry-run", is_flag=True, help="Show what would be written, and write nothing."
        ),
        click.option(
            "--scenario",
            metavar="PATH",
            type=click.Path(path_type=Path),
            help="The scenario's folder; it may also follow the gate.  [default: the configured"
            " one, else the only one]",
        ),
    ):
        command = option(command)
    return command


def placed_last(
    words: tuple[str, ...], scenario: Path | None, pack: Pack
) -> tuple[tuple[str, ...], Path | None]:
    """The gates, and the scenario: `--scenario`, else a path after the gates, as in `check`."""
    last = words[-1]
    is_path = len(words) > 1 and "/" in last and last not in pack.gates and os.path.lexists(last)
    return (words[:-1], Path(last)) if scenario is None and is_path else (words, scenario)


def alone_in(source: Source) -> AbstractContextManager[None]:
    """Nobody else of this product writes below a scenario's folder meanwhile."""
    if isinstance(source, Path) and source.is_dir():
        return writer.locked(source)
    return nullcontext()
