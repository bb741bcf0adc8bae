"""What every command takes in: its options, and how they become paths and instants."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click

from bfg_policy import pipeline
from bfg_policy.cache import PackCache
from bfg_policy.cli.naming import no_scenario, scenario_named
from bfg_policy.cli.paths import SCENARIOS, is_folder, scenarios_in
from bfg_policy.cli.settings import BadSettings, Settings, read_settings
from bfg_policy.errors import Finding, NothingToJudge, Place
from bfg_policy.instants import parse_instant
from bfg_policy.secrets import redact
from bfg_policy.source import MAX_BYTES

if TYPE_CHECKING:
    from bfg_policy.contracts import Contracts
    from bfg_policy.pipeline import LoadedPack, LoadedTerms
    from bfg_policy.scenario.files import Source

_Command = TypeVar("_Command", bound=Callable[..., object])

STDIN = "-"


class Instant(click.ParamType):  # type: ignore[type-arg]
    """An RFC 3339 instant with an offset; cut to whole seconds."""

    name = "instant"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The instant in UTC; a usage error where the text is none."""
        if isinstance(value, datetime):
            return value
        try:
            return parse_instant(str(value)).replace(microsecond=0)
        except ValueError:
            hint = "write it as RFC 3339 does, with its offset, such as 2026-11-20T12:00:00Z"
            self.fail(f"`{value}` is no instant; {hint}", param, ctx)


class Given(NamedTuple):
    """What the command line itself says of where things are; isolated: that settings count not."""

    policies: Path | None = None
    contracts: Path | None = None
    scenario: Path | None = None
    isolated: bool = False


class Policies:
    """Which policies are meant, with the settings that stand behind the options."""

    def __init__(
        self, policies: Path | None, contracts: Path | None, *, isolated: bool, color: str
    ) -> None:
        self.color = color
        self.revision: str | None = None  # of `--policies-from`
        self._given = Given(policies, contracts, isolated=isolated)
        self.settings = _settings(isolated=isolated)
        self._policies = (
            _folder(policies, "policies")
            or _folder(_unlinked(self.settings.policies), "policies")
            or _unlinked(_if_folder(Path("policies")))
        )
        self._contracts = _folder(contracts, "contracts") or _folder(
            _unlinked(self.settings.contracts), "contracts"
        )

    @property
    def folder(self) -> Path | None:
        """The folder of the policies: given, configured or ./policies; None for the packaged."""
        return self._policies

    def open_pack(self) -> LoadedPack:
        """The pack: given, configured, ./policies, or the packaged one. Raises as the pipeline."""
        cwd = Path.cwd()
        if self.revision is not None:
            from bfg_policy.cli.projects import open_pack_of

            return open_pack_of(self.revision, self._given)
        return pipeline.open_pack(self._policies, self._contracts, cwd, pack_cache(cwd, os.environ))

    def open_terms(self) -> LoadedTerms:
        """What of the same pack a scenario is held against, whatever is wrong with its policies."""
        return pipeline.open_terms(self._policies, self._contracts, Path.cwd())

    def open_contracts(self) -> Contracts:
        """The contracts that are at hand, whatever is wrong with the policies."""
        return pipeline.open_contracts(self._policies, self._contracts, Path.cwd())


def pack_cache(cwd: Path, environment: Mapping[str, str]) -> PackCache | None:
    """The cache in the user's own folder; none where it is unwanted, or would be in a checkout."""
    if environment.get("BFG_POLICY_NO_CACHE"):
        return None
    named = environment.get("XDG_CACHE_HOME")
    try:
        folder = Path(named) if named else Path.home() / ".cache"
    except RuntimeError:  # no home
        return None
    if not folder.is_absolute() or folder.is_relative_to(cwd):
        return None
    return PackCache(folder / "bfg-policy")


def policy_options(command: _Command) -> _Command:
    """`--policies`, `--contracts`, `--isolated` and `--color`, handed on as one `Policies`."""

    @wraps(command)
    def with_policies(
        *args: object,
        policies: Path | None,
        contracts: Path | None,
        isolated: bool,
        color: str,
        **rest: object,
    ) -> object:
        chosen = Policies(policies, contracts, isolated=isolated, color=color)
        return command(*args, policies=chosen, **rest)

    return _with_places(with_policies)  # type: ignore[return-value]


def place_options(command: _Command) -> _Command:
    """The same options, handed on as `given`, a `Given`, and `color`."""

    @wraps(command)
    def with_given(
        *args: object,
        policies: Path | None,
        contracts: Path | None,
        isolated: bool,
        **rest: object,
    ) -> object:
        return command(*args, given=Given(policies, contracts, isolated=isolated), **rest)

    return _with_places(with_given)  # type: ignore[return-value]


def policies_from_option(command: _Command) -> _Command:
    """`--policies-from`, for a command that takes `policy_options`."""

    @wraps(command)
    def with_revision(
        *args: object, policies: Policies, policies_from: str | None, **rest: object
    ) -> object:
        policies.revision = policies_from
        return command(*args, policies=policies, **rest)

    return click.option(  # type: ignore[return-value]
        "--policies-from",
        metavar="REVISION",
        help="Judge by the policies and contracts of a git revision, such as origin/main.",
    )(with_revision)


def _with_places(wrapped: Callable[..., object]) -> Callable[..., object]:
    for option in (
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            help="Colour: on a terminal (auto), always or never.",
        ),
        click.option("--isolated", is_flag=True, help="Ignore pyproject.toml and bfg-policy.toml."),
        click.option(
            "--contracts",
            metavar="DIR",
            type=click.Path(path_type=Path),
            help="Folder of contracts.  [default: the configured one, else contracts/ beside the"
            " policies, else the packaged ones]",
        ),
        click.option(
            "--policies",
            metavar="DIR",
            type=click.Path(path_type=Path),
            help="Folder with pack.yaml and the policies.  [default: the configured one, else"
            " ./policies, else the packaged pack]",
        ),
    ):
        wrapped = option(wrapped)
    return wrapped


def at_option(command: _Command) -> _Command:
    """`--at`."""
    return click.option(
        "--at",
        metavar="INSTANT",
        type=Instant(),
        help="Judge at this instant, such as 2026-11-20T12:00:00Z.  [default: now]",
    )(command)


def scenarios_argument(command: _Command) -> _Command:
    """`[SCENARIO]...`."""
    return click.argument(
        "scenarios", nargs=-1, metavar="[SCENARIO]...", type=click.Path(path_type=Path)
    )(command)


def scenario_argument(command: _Command) -> _Command:
    """`[SCENARIO]`."""
    return click.argument("scenario", required=False, type=click.Path(path_type=Path))(command)


def now() -> datetime:
    """The present instant, in UTC and whole seconds: the only clock of the product."""
    return datetime.now(UTC).replace(microsecond=0)


def _settings(*, isolated: bool) -> Settings:
    try:
        return Settings() if isolated else read_settings(Path())
    except BadSettings as error:
        raise click.UsageError(redact(str(error))) from None


def _folder(path: Path | None, what: str) -> Path | None:
    if path is not None and not is_folder(path):
        raise click.UsageError(f"there is no folder `{path}` of {what}")
    return path


def _if_folder(path: Path) -> Path | None:
    return path if path.is_dir() else None


def _unlinked(path: Path | None) -> Path | None:
    """The path as it is. Raises a usage error where it leads through a symbolic link.

    For what nobody named on the command line: the link came with the files that are judged, and
    could lead to a place that has nothing to do with them.
    """
    for part in (path, *path.parents) if path is not None else ():
        if part.is_symlink():
            raise click.UsageError(
                f"`{part}` is a symbolic link, followed only where the command line names it"
            )
    return path


def scenario_source(given: Path | None, configured: Path | None) -> Source:
    """Which scenario is meant: given, configured, or the only one in ./scenarios; `-` is stdin.

    What is given may be a path, or the name of what lies in ./scenarios.
    Raises a usage error where the path does not exist or several could be meant, and
    NothingToJudge where there is none at all.
    """
    chosen = given or _unlinked(configured)
    if chosen is not None:
        if str(chosen) == STDIN:
            return _standard_input()
        if os.path.lexists(chosen):
            return chosen
        known = scenarios_in(Path(SCENARIOS))
        named = _unlinked(scenario_named(chosen, known) if given else None)
        if named is None:
            why = "" if given else ", which the configuration names"
            raise no_scenario(chosen, known, why)
        return named
    found = scenarios_in(Path(SCENARIOS))
    if not found:
        raise NothingToJudge(
            Finding(
                "BFG101",
                "there is no scenario to judge",
                Place(SCENARIOS),
                note="nothing was judged",
                hint="name one: `bfg-policy check path/to/scenario`",
            )
        )
    if len(found) > 1:
        names = ", ".join(str(path) for path in found)
        raise click.UsageError(f"several scenarios could be meant: {names}; name one")
    _unlinked(found[0])
    return found[0]


def scenario_sources(given: tuple[Path, ...], configured: Path | None) -> dict[str, Source]:
    """The scenarios that are meant, each once, by the path that was given.

    Raises as `scenario_source` does, before anything is read: a path that is not there is a
    mistake in the command.
    """
    sources = [scenario_source(path, configured) for path in dict.fromkeys(given or (None,))]
    return {str(each) if isinstance(each, Path) else STDIN: each for each in sources}


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise click.UsageError("standard input is closed: there is no scenario to read from it")
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)  # one byte more, and the reader refuses it
    except OSError:  # it is open for writing alone, or a terminal that is gone
        raise click.UsageError("standard input cannot be read") from None
