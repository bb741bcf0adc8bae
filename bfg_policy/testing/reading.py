"""Files of tests -> suites: read, validated, with their base scenarios, linked to the pack."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bfg_policy.errors import (
    ContractError,
    Finding,
    LinkError,
    NothingToJudge,
    Place,
    SourceError,
)
from bfg_policy.pack.terms import LARGEST_POLICY
from bfg_policy.scenario.building import build_scenario
from bfg_policy.scenario.files import read_scenario
from bfg_policy.scenario.merged import Merged
from bfg_policy.source import Document, list_files, read_document, shown_path
from bfg_policy.testing.linking import Linker
from bfg_policy.testing.placing import Base
from bfg_policy.testing.types import Spot, Suites

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bfg_policy.contracts import Contracts
    from bfg_policy.pack import Pack

TEST_CONTRACT = "policy_test.v1"
SUFFIX = ".yaml"
MAX_FINDINGS = 100


def read_suites(
    paths: Sequence[Path], pack: Pack, contracts: Contracts, project: Path, cwd: Path
) -> Suites:
    """The suites in some files and folders; one that does not exist holds none.

    project: the folder that base scenarios may lie in, besides that of the suite itself. cwd: an
    absolute path, which the others are relative to, and shown relative to. Raises SourceError,
    ContractError or LinkError with all that is wrong in the phase, or NothingToJudge where there
    are no tests.
    """
    files, warnings = _files(paths, cwd)
    if not files:
        raise NothingToJudge(
            Finding(
                "BFG101",
                "there are no tests",
                Place(shown_path(paths[0], cwd)),
                note="nothing was tested",
                hint=f"write a suite (`*{SUFFIX}`) there, or name another file or folder",
            )
        )
    documents = _documents(files, cwd)
    findings = [
        finding
        for _, document in documents
        for finding in contracts.findings([(TEST_CONTRACT, document.data)], document)
    ]
    if findings:
        raise ContractError(findings)
    bases = _Bases(pack, contracts, project, cwd)
    linker = Linker(pack)
    cases, explained = [], []
    for file, document in documents:
        cases.extend(linker.cases(document, bases.open(file, document)))
        explained.extend(linker.explained(document))
    if linker.findings:
        raise LinkError(_once_each(linker.findings))
    return Suites(tuple(cases), tuple(explained), (*warnings, *bases.warnings))


def _once_each(findings: Sequence[Finding]) -> list[Finding]:
    """The first findings: what a table's cases have in common is wrong once, and not in each."""
    different = list(dict.fromkeys(findings))
    listed = different[:MAX_FINDINGS]
    if len(different) > MAX_FINDINGS:
        more = f"there are {len(different) - MAX_FINDINGS} more findings, which are not shown"
        listed.append(Finding(listed[-1].code, more, Place(listed[-1].place.path), "note"))
    return listed


def _files(paths: Sequence[Path], cwd: Path) -> tuple[dict[Path, Path], list[Finding]]:
    """The files of tests, each with the root that no link may lead out of; and warnings."""
    files: dict[Path, Path] = {}
    warnings: list[Finding] = []
    for given in paths:
        path = Path(os.path.normpath(cwd / given))
        if not os.path.lexists(path):  # what is named is there; a pack's own folder need not be
            continue
        if not path.is_dir():
            files[path] = path
            continue
        listing = list_files(path, root=path, suffix=SUFFIX, cwd=cwd)
        errors = [finding for finding in listing.findings if finding.is_error]
        if errors:
            raise SourceError(errors)
        warnings.extend(listing.findings)
        files.update(dict.fromkeys(listing.files, path))
    return files, warnings


def _documents(files: Mapping[Path, Path], cwd: Path) -> list[tuple[Path, Document]]:
    read: list[tuple[Path, Document]] = []
    findings: list[Finding] = []
    for file, root in files.items():
        shown = shown_path(file, cwd)
        try:
            document = read_document(file, root=root, max_bytes=LARGEST_POLICY, shown=shown)
            read.append((file, document))
        except SourceError as error:
            findings.extend(error.findings)
    if findings:
        raise SourceError(findings)
    return read


class _Bases:
    """The base scenarios, each read and judged sound once; warnings: about their files."""

    def __init__(self, pack: Pack, contracts: Contracts, project: Path, cwd: Path) -> None:
        self.warnings: list[Finding] = []
        self._pack = pack
        self._contracts = contracts
        self._project = project
        self._cwd = cwd
        self._read: dict[Path, Base] = {}

    def open(self, file: Path, document: Document) -> Base:
        """The base of a suite. Raises what reading and building a scenario raise."""
        written = document.data["scenario"]
        spot = Spot(document, ("scenario",))
        if isinstance(written, dict):
            merged = Merged(written, {(): (document, spot.path)})
            build_scenario(merged, self._pack, self._contracts)
            return Base(merged)
        path = Path(os.path.normpath(file.parent / str(written)))
        if path not in self._read:
            self._check(path, file.parent, spot)
            merged, strays = read_scenario(path, self._cwd)
            build_scenario(merged, self._pack, self._contracts)
            self.warnings.extend(strays)
            self._read[path] = Base(merged)
        return self._read[path]

    def _check(self, path: Path, folder: Path, spot: Spot) -> None:
        """Raise LinkError where a suite leads to what it may not read, or to nothing."""
        project = Path(os.path.normpath(self._cwd / self._project))
        allowed = (folder, project, self._cwd)
        root = next((each for each in allowed if path.is_relative_to(each)), None)
        if root is None:
            why = "leads out of the project"
        elif any(part.is_symlink() for part in _below(path, root)):
            why = "leads through a symbolic link, which is not followed"
        elif not path.exists():
            why = "does not exist"
        else:
            return
        raise LinkError(
            Finding(
                "BFG345",
                f"the scenario `{spot.document.data['scenario']}` {why}",
                spot.place,
                note="a suite reads scenarios of its own project and nothing else",
                hint="write the path relative to this file, such as `../../scenarios/demo`",
            )
        )


def _below(path: Path, root: Path) -> list[Path]:
    """The path and what is above it, without the root."""
    return [part for part in (path, *path.parents) if part != root and part.is_relative_to(root)]
