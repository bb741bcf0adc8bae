"""The one place that names the order of the stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.cache import PackCache, key_of
from bfg_policy.contracts import Contracts, load_contracts
from bfg_policy.errors import Finding, SourceError, in_order
from bfg_policy.evaluation import judge
from bfg_policy.resources import ROOT, packaged
from bfg_policy.scenario.building import build_scenario
from bfg_policy.scenario.files import Source, read_scenario
from bfg_policy.source import read_bytes, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from bfg_policy.evaluation.expressions import View
    from bfg_policy.pack import Pack
    from bfg_policy.pack.terms import Terms
    from bfg_policy.readiness import Readiness
    from bfg_policy.scenario import Scenario


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
    read = dict.fromkeys([folder, folder / "templates", *folders, templates])
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


def _inputs(folders: Iterable[Path], cwd: Path) -> Iterator[tuple[str, bytes]]:
    """Everything that a pack is made of, by the name that findings and results show."""
    for folder in folders:
        yield shown_path(folder, cwd), b""
        for file in sorted(folder.glob("*.*")) if folder.is_dir() else ():
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
    scenario = build_scenario(merged, loaded.pack, loaded.contracts)
    readiness = judge(loaded.pack, scenario, at)
    return Judged(loaded.pack, scenario, _with(readiness, [*loaded.warnings, *strays]))


def _with(readiness: Readiness, warnings: Sequence[Finding]) -> Readiness:
    return readiness._replace(findings=in_order([*readiness.findings, *warnings]))
