"""The contracts that are at hand, by name: no network, no file beyond the named folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bfg_policy.contracts.checking import check_contract
from bfg_policy.contracts.keywords import SUFFIX, Schema, every, pointer
from bfg_policy.contracts.validating import Validators
from bfg_policy.contracts.ways import MOST_WAYS, too_many_ways
from bfg_policy.errors import ContractError, Finding
from bfg_policy.source import Document, list_files, read_document, shown_path

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from bfg_policy.contracts.located import Located
    from bfg_policy.errors import Place


class Contracts:
    """Every contract that can be named, and what it says of a document.

    A contract is read and checked when it is first asked for. trusted: the names of those that
    are the product's own code, and are checked by its tests and not on every run.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        cwd: Path | None = None,
        trusted: Collection[str] = (),
    ) -> None:
        self._files = dict(files)
        self._trusted = frozenset(trusted)
        self._cwd = cwd
        self._documents: dict[str, Document] = {}
        self._resolved: dict[tuple[str, str], dict[str, Any]] = {}
        self._validators = Validators(self.closure)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all contracts, such as `policy.v1`, sorted."""
        return tuple(sorted(self._files))

    def schema(self, name: str) -> dict[str, Any]:
        """The schema of a contract; nobody may change it.

        Raises KeyError for a name that is not in `names`, SourceError where the file cannot be
        read, and ContractError (BFG207) where it is no contract.
        """
        found = self._documents.get(name)
        if found is None:
            found = self._documents[name] = self._read(name)
        return found.data

    def resolve(self, name: str, ref: str) -> dict[str, Any]:
        """What a `$ref` that stands in contract `name` points to.

        The references in it begin with a file's name, so that they can be resolved from any
        contract. Raises KeyError where the reference leads nowhere.
        """
        target, fragment = split_reference(name, ref)
        resolved = self._resolved.get((target, fragment))
        if resolved is None:
            found = _absolute(pointer(self.schema(target), fragment), target)
            resolved = self._resolved[target, fragment] = found
        return resolved

    def findings(self, views: Sequence[tuple[str, object]], where: Located) -> list[Finding]:
        """What is wrong with one document, by the contracts of all its views.

        views: (name of a contract, the part of the document that it is about); paths in all of
        them begin at the same root, and `where` knows the places of that root. A field that one
        view does not know can be the misspelling of one that another view knows or misses.
        """
        if all(self._validators.accept(*view) for view in views) and not where.ambiguous(()):
            return []
        from bfg_policy.contracts.explaining import explain

        return explain(self, views, self._validators, where)

    def text(self, name: str) -> str:
        """The whole text of a contract's file. Raises as `schema`."""
        self.schema(name)
        return self._documents[name].text

    def accepts(self, name: str, data: object) -> bool:
        """Whether some data is what a contract says, without a word about why not."""
        return self._validators.accept(name, data)

    def place(self, name: str) -> Place:
        """Where a contract stands. Raises as `schema`."""
        self.schema(name)
        return self._documents[name].place()

    def closure(self, name: str) -> dict[str, Schema]:
        """The contract and all that it refers to, by name.

        Raises as `schema`, and ContractError (BFG207) where trying all of its alternatives would
        never end.
        """
        found: dict[str, Schema] = {}
        waiting = [name]
        while waiting:
            here = waiting.pop()
            if here not in found:
                found[here] = self.schema(here)
                waiting += [split_reference(here, ref)[0] for ref in _references(found[here])]
        if not self._trusted >= found.keys():
            self._check_ways(found)
        return found

    def _check_ways(self, found: Mapping[str, Schema]) -> None:
        where = too_many_ways(found)
        if where is not None:
            name, path = where
            raise ContractError(
                Finding(
                    "BFG207",
                    "alternatives of alternatives: one value would be looked at "
                    f"more than {MOST_WAYS:,} times",
                    self._documents[name].place(path, key=bool(path)),
                    note="checking a document against it would take for ever",
                    hint="let each level lead to the next one once",
                )
            )

    def _read(self, name: str) -> Document:
        file = self._files[name]
        document = read_document(file, root=file.parent, shown=shown_path(file, self._cwd))
        if name in self._trusted:
            return document
        findings = check_contract(document, self._has)
        if findings:
            raise ContractError(findings)
        return document

    def _has(self, name: str, fragment: str) -> bool:
        """Whether a reference leads somewhere; what is there is checked when it is read."""
        if name not in self._files:
            return False
        document = self._documents.get(name)
        file = self._files[name]
        data = document.data if document else read_document(file, root=file.parent).data
        try:
            return isinstance(pointer(data, fragment), (dict, bool))
        except KeyError:
            return False


def load_contracts(engine_dir: Path, folders: Sequence[Path], cwd: Path | None = None) -> Contracts:
    """The contracts of the product and of a pack.

    engine_dir: the product's own folder; what is there under a name in small letters is the
    engine's, and nothing can take its place. folders: where the pack's contracts are, the first
    that has a name wins; a missing folder has none. cwd: what paths are shown relative to.
    Raises ContractError (BFG207) or SourceError for a contract of a pack that cannot be used.
    """
    own = _files(engine_dir, cwd)
    engine = {name: file for name, file in own.items() if name[:1].islower()}
    files = dict(engine)
    foreign: list[str] = []
    for folder in folders:
        for name, file in _files(folder, cwd).items():
            if name not in files:
                files[name] = file
                foreign += [] if own.get(name) == file else [name]
    contracts = Contracts(files, cwd, trusted=engine)
    findings: list[Finding] = []
    for name in foreign:
        try:
            contracts.schema(name)
        except ContractError as error:
            findings += error.findings
    if findings:
        raise ContractError(findings)
    return contracts


def file_name(name: str) -> str:
    """The name of a contract's file."""
    return name + SUFFIX


def split_reference(name: str, ref: str) -> tuple[str, str]:
    """A `$ref` in contract `name` as (name of a contract, JSON pointer); the name may not exist."""
    file, _, fragment = ref.partition("#")
    return (file.removesuffix(SUFFIX) if file else name), fragment


def _files(folder: Path, cwd: Path | None) -> dict[str, Path]:
    listing = list_files(folder, root=folder, suffix=SUFFIX, cwd=cwd)
    if listing.findings:
        wrong = [finding for finding in listing.findings if finding.code != "BFG115"]
        if wrong:
            raise ContractError(wrong)
    return {file.name.removesuffix(SUFFIX): file for file in listing.files}


def _references(schema: Schema) -> list[str]:
    return [found["$ref"] for _, found in every(schema) if isinstance(found.get("$ref"), str)]


def _absolute(found: Any, name: str) -> Any:
    """The same with references that name their file."""
    if isinstance(found, dict):
        made = {key: _absolute(value, name) for key, value in found.items()}
        ref = found.get("$ref")
        if isinstance(ref, str) and ref.startswith("#"):
            made["$ref"] = f"{name}{SUFFIX}{ref}"
        return made
    return [_absolute(item, name) for item in found] if isinstance(found, list) else found
