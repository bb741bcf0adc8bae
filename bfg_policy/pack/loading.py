"""A folder of policies -> Pack: read, validated, linked, checked, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.errors import (
    ContractError,
    Finding,
    NothingToJudge,
    Place,
    SourceError,
)
from bfg_policy.model import PackModel, PolicyModel, SchemaMapModel
from bfg_policy.pack.linking import link
from bfg_policy.pack.terms import LARGEST_POLICY, PACK_CONTRACT, PACK_FILE
from bfg_policy.pack.types import PACKET_SETS
from bfg_policy.pack.written import Template, WrittenMap, WrittenPack, WrittenPolicy
from bfg_policy.source import Document, list_files, read_document, read_text, shown_path
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bfg_policy.contracts import Contracts
    from bfg_policy.pack.types import Pack

_TEMPLATE_SUFFIX = ".j2"
_POLICY_CONTRACT = "policy.v1"
_MAP_CONTRACT = "schema_map.v1"


def load_pack(
    folder: Path, contracts: Contracts, packaged_templates: Path, cwd: Path
) -> tuple[Pack, tuple[Finding, ...]]:
    """The pack that a folder holds, and the warnings about it.

    packaged_templates: the folder of templates that stand in for those the pack lacks.
    Raises SourceError, ContractError, LinkError, RuleError, or NothingToJudge where there are no
    policies.
    """
    written, warnings = read_pack(folder, contracts, cwd)
    own, unread = _read_templates(folder / "templates", folder, cwd)
    packaged, _ = _read_templates(packaged_templates, packaged_templates, cwd)
    pack, more = link(written, contracts, own, packaged)
    return pack, (*warnings, *unread, *more)


def read_pack(
    folder: Path, contracts: Contracts, cwd: Path
) -> tuple[WrittenPack, tuple[Finding, ...]]:
    """The pack as it is written, and the warnings about its files.

    Raises SourceError, ContractError, or NothingToJudge where there are no policies.
    """
    pack_file, policies, warnings = _read(folder, cwd)
    findings = contracts.findings([(PACK_CONTRACT, pack_file.data)], pack_file)
    for policy in policies:
        findings.extend(contracts.findings([(_POLICY_CONTRACT, policy.data)], policy))
    if findings:
        raise ContractError(findings)
    model = PackModel.model_validate(pack_file.data)
    written = WrittenPack(
        pack_file,
        model,
        tuple(WrittenPolicy(each, PolicyModel.model_validate(each.data)) for each in policies),
        _read_map(folder, pack_file, model.schema_map, contracts, cwd)
        if model.schema_map
        else None,
    )
    return written, warnings


def _read_map(
    folder: Path, pack_file: Document, path: str, contracts: Contracts, cwd: Path
) -> WrittenMap:
    """The schema map at a path below the policies. Raises SourceError or ContractError."""
    file = folder / path
    shown = shown_path(file, cwd)
    if not (file.exists() or file.is_symlink()):
        known = [each.relative_to(folder).as_posix() for each in sorted(folder.glob("*/*.yaml"))]
        raise SourceError(
            Finding(
                "BFG101",
                f"there is no file `{path}` below the policies",
                pack_file.place(("schema_map",)),
                note="nothing says how a snapshot lies in a database",
                hint="name the file of the schema map, or write it",
                suggestion=closest(path, known),
            )
        )
    document = read_document(file, root=folder, max_bytes=LARGEST_POLICY, shown=shown)
    findings = contracts.findings([(_MAP_CONTRACT, document.data)], document)
    if findings:
        raise ContractError(findings)
    return WrittenMap(document, SchemaMapModel.model_validate(document.data))


def _read_templates(
    folder: Path, root: Path, cwd: Path
) -> tuple[dict[str, Template], list[Finding]]:
    """The templates of a folder by name without `.j2`, those of a set as `set/name`, and warnings.

    Raises SourceError.
    """
    templates = {}
    warnings: list[Finding] = []
    for below in (folder, *(folder / each for each in PACKET_SETS)):
        listing = list_files(below, root=root, suffix=_TEMPLATE_SUFFIX, cwd=cwd, beside=())
        _raise_errors(listing.findings)
        warnings.extend(listing.findings)
        for file in listing.files:
            shown = shown_path(file, cwd)
            if not file.name.isascii():
                raise SourceError(_unnameable(shown))
            text = read_text(file, root=root, max_bytes=LARGEST_POLICY, shown=shown)
            name = file.relative_to(folder).as_posix().removesuffix(_TEMPLATE_SUFFIX)
            templates[name] = Template(text, shown)
    return templates, warnings


def _unnameable(shown: str) -> Finding:
    return Finding(
        "BFG115",
        "no packet can name this template: its name is not plain ASCII",
        Place(shown),
        hint="rename it: letters, digits, `-`, `_` and `.`",
    )


def _read(folder: Path, cwd: Path) -> tuple[Document, list[Document], tuple[Finding, ...]]:
    """`pack.yaml`, the other policies in the order of their names, and warnings."""
    listing = list_files(folder, root=folder, suffix=".yaml", cwd=cwd)
    _raise_errors(listing.findings)
    files = [file for file in listing.files if file.name != PACK_FILE]
    findings: list[Finding] = []

    def read(file: Path) -> Document | None:
        shown = shown_path(file, cwd)
        try:
            return read_document(file, root=folder, max_bytes=LARGEST_POLICY, shown=shown)
        except SourceError as error:
            findings.extend(error.findings)
            return None

    if not files:
        raise NothingToJudge(
            Finding(
                "BFG101",
                "the folder holds no policies",
                Place(shown_path(folder, cwd)),
                note="nothing was judged",
                hint=f"write a policy (`*.yaml`) beside {PACK_FILE}, or name another folder",
            )
        )
    if len(files) == len(listing.files):
        others = [file.name for file in files]
        raise SourceError(_no_pack(shown_path(folder / PACK_FILE, cwd), closest(PACK_FILE, others)))
    pack_file = read(folder / PACK_FILE)
    policies = [read(file) for file in files]
    if findings or pack_file is None:
        raise SourceError(findings)
    return pack_file, [each for each in policies if each is not None], listing.findings


def _no_pack(shown: str, meant: str | None) -> Finding:
    return Finding(
        "BFG101",
        f"the folder holds no {PACK_FILE}",
        Place(shown),
        note="without it there are no roles, no facts and no order of boards",
        hint=f"rename `{meant}`" if meant else "write it, or name the folder of the policies",
    )


def _raise_errors(findings: Sequence[Finding]) -> None:
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        raise SourceError(errors)
