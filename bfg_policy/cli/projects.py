"""The projects that are compared: their policies, contracts and scenario, wherever they lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from bfg_policy import pipeline
from bfg_policy.cli.inputs import Given, pack_cache
from bfg_policy.cli.naming import no_scenario, scenario_named
from bfg_policy.cli.paths import SCENARIOS, scenarios_in
from bfg_policy.cli.roots import (
    CONTRACTS,
    POLICIES,
    WORK_TREE,
    Root,
    placed,
    revision_root,
    root_of,
)
from bfg_policy.errors import Finding, NothingToJudge, Place, SourceError
from bfg_policy.scenario.files import SCENARIO_FILE
from bfg_policy.source import shown_path

if TYPE_CHECKING:
    from bfg_policy.pipeline import LoadedPack, Project

# More scenarios at hand than these are not read to try rules on.
_MOST_OTHERS = 10


class Opened(NamedTuple):
    """A project, and where its scenario lies within it."""

    project: Project
    scenario: Path


def open_project(chosen: str | None, given: Given, like: Path | None = None) -> Opened:
    """What is compared: chosen is a revision or a folder; None for the work tree.

    like: the scenario of the other one, taken where none is given and it is there, too.
    A folder is one of a project, or of a scenario, which the work tree's policies judge. A path
    (`.`, `./x`, `/x`) is a folder; else what git knows is a revision, and a folder is what
    else is there. Files of a revision lie in a private folder until the command ends.
    Raises a usage error, SourceError, or NothingToJudge where there is no scenario.
    """
    root = root_of(chosen, given, like)
    if chosen is not None and _is_scenario(root):  # what it is judged by is what is at hand
        root, scenario = root_of(None, given, None)._replace(name=chosen), Path(chosen).resolve()
    else:
        scenario = _scenario(root, given, like)
    return Opened(_project(root, given, placed(root, scenario)), scenario)


def _is_scenario(root: Root) -> bool:
    """Whether it is a scenario's own folder, and no project's that holds one at its top."""
    is_project = root.settings.scenario is not None or root.at(POLICIES).is_dir()
    return not is_project and root.at(SCENARIO_FILE).is_file()


def open_with_scenario_of(other: Opened, chosen: str, given: Given) -> Project:
    """What is compared, its policies and contracts, with the scenario of the other one.

    For one that has no such scenario, or none that can be judged. Raises as `open_project`.
    """
    root = root_of(chosen, given, other.scenario)
    lent = other.project
    project = _project(root, given, placed(root, other.scenario))
    return project._replace(scenario=lent.scenario, lent_from=lent.shown_from)


def _project(root: Root, given: Given, scenario: Path) -> Project:
    others = [each for each in _listed(root) if placed(root, each) != scenario][:_MOST_OTHERS]
    return pipeline.Project(
        name=root.name,
        shown_from=root.shown_from,
        policies=_policies(root, given),
        contracts=_contracts(root, given),
        scenario=scenario,
        others=[placed(root, each) for each in others],
    )


def open_pack_of(revision: str, given: Given) -> LoadedPack:
    """The pack of a revision, with its contracts. Raises as `pipeline.open_pack`."""
    root = revision_root(revision, given)
    policies = _policies(root, given)
    if policies is None:
        raise NothingToJudge(
            Finding(
                "BFG101",
                f"`{revision}` has no folder of policies",
                Place(shown_path(root.at(POLICIES), root.shown_from)),
                note="nothing was judged: policies of another place were not asked for",
                hint="name a revision that has one, or its folder with `--policies DIR`",
            )
        )
    cache = pack_cache(Path.cwd(), os.environ)
    return pipeline.open_pack(policies, _contracts(root, given), root.shown_from, cache)


def _policies(root: Root, given: Given) -> Path | None:
    if given.policies is not None:
        return _there(root, given.policies, POLICIES)
    named = root.settings.policies
    if named is None and not root.at(POLICIES).is_dir():
        return None
    return _there(root, _unlinked(root, named or Path(POLICIES)), POLICIES)


def _contracts(root: Root, given: Given) -> Path | None:
    if given.contracts is not None:
        return _there(root, given.contracts, CONTRACTS)
    if root.settings.contracts is not None:
        return _there(root, _unlinked(root, root.settings.contracts), CONTRACTS)
    policies = given.policies or root.settings.policies or Path(POLICIES)
    # Beside the policies, as it would be found there; a revision's folders lie nowhere else.
    beside = placed(root, policies.parent / CONTRACTS)
    return beside if beside.is_dir() else None


def _there(root: Root, named: Path, what: str) -> Path:
    path = placed(root, named)
    if path.is_dir():
        return path
    if root.name == WORK_TREE:
        raise click.UsageError(f"there is no folder `{named}` of {what}")
    raise NothingToJudge(
        Finding(
            "BFG101",
            f"there is no folder of {what}",
            Place(shown_path(path, root.shown_from)),
            note=f"nothing of `{root.name}` was judged",
        )
    )


def _unlinked(root: Root, named: Path) -> Path:
    """A path that nobody named on the command line: no link may stand on the way to it."""
    for part in (named, *named.parents):
        path = placed(root, part)
        if path.is_symlink():
            raise SourceError(
                Finding(
                    "BFG101",
                    "a symbolic link, followed only where the command line names it",
                    Place(shown_path(path, root.shown_from)),
                    note="it could lead to a place that has nothing to do with what is judged",
                )
            )
    return named


def _scenario(root: Root, given: Given, like: Path | None) -> Path:
    """The scenario that is meant, a path within the project."""
    named = given.scenario
    if named is None and like is not None and os.path.lexists(placed(root, like)):
        named = like
    named = named or root.settings.scenario
    if named is None:
        listed = _listed(root)
        if len(listed) > 1:
            names = ", ".join(path.as_posix() for path in listed)
            raise click.UsageError(f"several could be meant: {names}; name one with `--scenario`")
        named = listed[0] if listed else Path(SCENARIOS)
        is_there = bool(listed)
    else:
        is_there = os.path.lexists(placed(root, named))
        if not is_there and (meant := scenario_named(named, _listed(root))) is not None:
            named, is_there = meant, True
        if not is_there and root.name == WORK_TREE:
            raise no_scenario(named, _listed(root))
    path = placed(root, named)
    if not is_there:
        raise NothingToJudge(
            Finding(
                "BFG101",
                "there is no scenario to judge",
                Place(shown_path(path, root.shown_from)),
                note=f"nothing of `{root.name}` was judged",
                hint="name one that is there: `--scenario scenarios/NAME`",
            )
        )
    return named if given.scenario is not None else _unlinked(root, named)


def _listed(root: Root) -> list[Path]:
    """The scenarios in the usual folder, as paths within the project."""
    folder = root.at(SCENARIOS)
    if folder.is_symlink():
        return []
    found = scenarios_in(folder)
    return [Path(SCENARIOS) / path.name for path in found if not path.is_symlink()]
