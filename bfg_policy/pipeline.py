"""The one place that names the order of the stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.cache import PackCache, key_of
from bfg_policy.contracts import Contracts, load_contracts
from bfg_policy.errors import BfgPolicyError, Finding, RenderError, SourceError, in_order
from bfg_policy.evaluation import judge
from bfg_policy.resources import ROOT, packaged
from bfg_policy.scenario.building import build_scenario
from bfg_policy.scenario.files import Source, read_scenario
from bfg_policy.source import read_bytes, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from bfg_policy.comparison.sides import Side
    from bfg_policy.comparison.types import Comparison
    from bfg_policy.evaluation.expressions import View
    from bfg_policy.pack import Pack
    from bfg_policy.pack.terms import Terms
    from bfg_policy.readiness import Readiness
    from bfg_policy.scenario import Scenario
    from bfg_policy.scenario.merged import Merged


class LoadedPack(NamedTuple):
    """A pack with the contracts that it was checked against, and the warnings about it."""

    pack: Pack
    contracts: Contracts
    warnings: tuple[Finding, ...]


class LoadedTerms(NamedTuple):
    """What of a pack a scenario is held against, with the contracts."""

    terms: Terms
    contracts: Contracts


class Kept(NamedTuple):
    """What is kept of a pack that was linked before."""

    pack: Pack
    warnings: tuple[Finding, ...]


class Project(NamedTuple):
    """Where one of the two that are compared lies.

    name: how people call it. shown_from: what its paths are shown relative to. policies,
    contracts: as for `open_pack`. others: more scenarios, to try rules on; those that cannot be
    judged are left out. lent_from: what the scenario's paths are shown relative to, where it is
    the other project's because this one has none that can be judged.
    """

    name: str
    shown_from: Path
    policies: Path | None
    contracts: Path | None
    scenario: Source
    others: Sequence[Path] = ()
    lent_from: Path | None = None


class Judged(NamedTuple):
    """One judgement with everything that reports and packets may quote."""

    pack: Pack
    scenario: Scenario
    readiness: Readiness


def open_pack(
    policies: Path | None, contracts: Path | None, cwd: Path, cache: PackCache | None = None
) -> LoadedPack:
    """The pack of a folder, linked and checked.

    policies: None for the packaged pack. contracts: None for `contracts` beside the policies,
    where there is one; what it does not have comes from the product. cache: where a pack that
    was linked before is looked for, and kept.
    Raises SourceError, ContractError, LinkError, RuleError or NothingToJudge.
    """
    folder, folders = _where(policies, contracts)
    shown_from = _shown_from(policies, cwd)
    own = packaged("contracts")
    templates = packaged("policies") / "templates"
    if cache is None:
        return _link(folder, folders, templates, shown_from)
    read = dict.fromkeys([folder, *_below(folder), *folders, *_below(templates.parent)])
    key = key_of(_inputs(read, shown_from))
    found = cache.get(key)
    if isinstance(found, Kept):
        return LoadedPack(found.pack, load_contracts(own, folders, shown_from), found.warnings)
    loaded = _link(folder, folders, templates, shown_from)
    cache.put(key, Kept(loaded.pack, loaded.warnings))
    return loaded


def _shown_from(policies: Path | None, cwd: Path) -> Path:
    """What the paths of a pack are shown relative to; of the packaged one, the product itself."""
    return cwd if policies is not None else ROOT


def _where(policies: Path | None, contracts: Path | None) -> tuple[Path, list[Path]]:
    """The folder of the policies, and those of contracts, the first that has a name wins."""
    folder = policies if policies is not None else packaged("policies")
    beside = contracts if contracts is not None else folder.parent / "contracts"
    own = packaged("contracts")
    return folder, [beside, own] if beside.is_dir() else [own]


def open_contracts(policies: Path | None, contracts: Path | None, cwd: Path) -> Contracts:
    """Every contract that is at hand: the product's, and those of the pack's folder.

    policies, contracts: as for `open_pack`. Raises SourceError or ContractError.
    """
    _, folders = _where(policies, contracts)
    return load_contracts(packaged("contracts"), folders, _shown_from(policies, cwd))


def open_terms(policies: Path | None, contracts: Path | None, cwd: Path) -> LoadedTerms:
    """What a scenario is held against, whatever is wrong with the policies.

    policies, contracts: as for `open_pack`. Raises SourceError, ContractError or NothingToJudge.
    """
    from bfg_policy.pack.terms import load_terms

    folder, folders = _where(policies, contracts)
    shown_from = _shown_from(policies, cwd)
    known = load_contracts(packaged("contracts"), folders, shown_from)
    return LoadedTerms(load_terms(folder, known, shown_from), known)


def open_view(
    loaded: LoadedTerms, source: Source, contract: str | None, at: datetime, cwd: Path
) -> View:
    """What a rule sees of a scenario. contract, at: as for `view_of`.

    Raises SourceError, ContractError, LinkError or NothingToJudge.
    """
    from bfg_policy.evaluation.expressions import view_of

    merged, strays = read_scenario(source, cwd)
    scenario = build_scenario(merged, loaded.terms, loaded.contracts)
    view = view_of(scenario, loaded.terms, loaded.contracts, contract, at)
    return view._replace(findings=in_order([*view.findings, *strays]))


def _link(folder: Path, folders: Sequence[Path], templates: Path, cwd: Path) -> LoadedPack:
    # Only here: models, the rule checker and all that they need stay away from a plain check.
    from bfg_policy.pack.loading import load_pack

    known = load_contracts(packaged("contracts"), folders, cwd)
    pack, warnings = load_pack(folder, known, templates, cwd)
    return LoadedPack(pack, known, warnings)


def _below(folder: Path, levels: int = 2) -> Iterator[Path]:
    """The folders below that of the policies that a pack may be read from."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            yield path
            if levels > 1:
                yield from _below(path, levels - 1)


def _inputs(folders: Iterable[Path], cwd: Path) -> Iterator[tuple[str, bytes]]:
    """Everything that a pack is made of, by the name that findings and results show."""
    for folder in folders:
        yield shown_path(folder, cwd), b""
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            yield shown_path(file, cwd), _bytes(file, folder)


def _bytes(file: Path, root: Path) -> bytes:
    try:
        return read_bytes(file, root=root)
    except SourceError as error:
        return repr(error.findings).encode()  # what cannot be read is linked anew, and told


def judge_scenario(loaded: LoadedPack, source: Source, at: datetime, cwd: Path) -> Judged:
    """The readiness of one scenario.

    at: UTC in whole seconds. Raises SourceError, ContractError, LinkError or NothingToJudge.
    """
    merged, strays = read_scenario(source, cwd)
    return judge_document(loaded, merged, at, strays)


def judge_document(
    loaded: LoadedPack, merged: Merged, at: datetime, strays: Sequence[Finding] = ()
) -> Judged:
    """The readiness of a scenario that was read already, or of one with other data in it.

    at: as for `judge_scenario`. strays: the warnings of its reading.
    Raises ContractError or LinkError.
    """
    scenario = build_scenario(merged, loaded.pack, loaded.contracts)
    readiness = judge(loaded.pack, scenario, at)
    return Judged(loaded.pack, scenario, _with(readiness, [*loaded.warnings, *strays]))


def open_side(project: Project, at: datetime, cache: PackCache | None = None) -> Side:
    """A project, judged, with all that comparing it needs.

    Raises SourceError, ContractError, LinkError, RuleError or NothingToJudge.
    """
    from bfg_policy.comparison.sides import Side
    from bfg_policy.comparison.types import Standing
    from bfg_policy.pack.loading import read_pack

    cwd = project.shown_from
    loaded = open_pack(project.policies, project.contracts, cwd, cache)
    folder, _ = _where(project.policies, project.contracts)
    written, _ = read_pack(folder, loaded.contracts, _shown_from(project.policies, cwd))
    judged = judge_scenario(loaded, project.scenario, at, project.lent_from or cwd)
    scenario, readiness = judged.scenario, judged.readiness
    if project.lent_from is not None and scenario.waivers:
        # A scenario that is new brings its waivers: they are told as what the change adds.
        scenario = scenario._replace(waivers=())
        readiness = judge(loaded.pack, scenario, at)
    standing = Standing(project.name, judged.pack, scenario, readiness)
    more = (_scenario(loaded, source, cwd) for source in project.others)
    return Side(standing, written, loaded.contracts, [each for each in more if each is not None])


def _scenario(loaded: LoadedPack, source: Source, cwd: Path) -> Scenario | None:
    try:
        merged, _ = read_scenario(source, cwd)
        return build_scenario(merged, loaded.pack, loaded.contracts)
    except BfgPolicyError:
        return None


def compare_sides(base: Side, head: Side) -> Comparison:
    """What the change from one to the other does, with the packets that it changes."""
    from bfg_policy.comparison.comparing import compare
    from bfg_policy.comparison.packets import packet_changes
    from bfg_policy.packets import packet_files

    comparison = compare(base, head)
    try:
        before, after = (
            packet_files(side.pack, side.scenario, side.readiness) for side in (base, head)
        )
    except RenderError as error:  # it is told, and all else is compared none the less
        first, *others = error.findings
        more = f" (and {len(others)} more)" if others else ""
        told = first._replace(message=f"{first.message}{more}", note="so no packets are compared")
        return comparison._replace(findings=in_order([*comparison.findings, told]))
    return comparison._replace(packets=packet_changes(base.pack, before, head.pack, after))


def _with(readiness: Readiness, warnings: Sequence[Finding]) -> Readiness:
    return readiness._replace(findings=in_order([*readiness.findings, *warnings]))
