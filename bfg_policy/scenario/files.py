"""A scenario's folder, file or stream -> one merged document. What each file becomes is fixed."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from bfg_policy.errors import ContractError, Finding, NothingToJudge, Place, Related, SourceError
from bfg_policy.scenario.merged import Merged
from bfg_policy.scenario.merged import Path as DataPath
from bfg_policy.source import (
    DATA_SUFFIXES,
    Document,
    list_files,
    parse_document,
    read_document,
    shown_path,
)
from bfg_policy.suggestions import closest

SCENARIO_FILE = "scenario.yaml"
_SNAPSHOT_FILE = "snapshot.json"
_EVIDENCE = "evidence"
_ACCEPTANCES = "acceptances"
# What else lies beside records and acceptances: signatures, and words for people.
_BESIDE = (".sig", ".md", "codeowners")
_STDIN_NAME = "<stdin>"

# A path, or the bytes of a self-contained scenario.
Source: TypeAlias = Path | bytes


def read_scenario(source: Source, cwd: Path) -> tuple[Merged, tuple[Finding, ...]]:
    """The whole document of a scenario, and warnings about files that nothing reads.

    A folder is the folder form, a file or bytes are self-contained.
    Raises SourceError, ContractError (a key in two files), or NothingToJudge (an empty folder).
    """
    if isinstance(source, bytes):
        is_json = source.lstrip()[:1] == b"{"
        return _alone(parse_document(source, _STDIN_NAME, json=is_json)), ()
    if source.is_dir():
        return _Folder(source, cwd).read()
    return _alone(read_document(source, root=source, shown=shown_path(source, cwd))), ()


def _alone(document: Document) -> Merged:
    return Merged(_mapping(document), {(): (document, ())})


def _mapping(document: Document) -> dict[str, object]:
    """The document's data, which the reader has made sure to be a mapping."""
    assert isinstance(document.data, dict)
    return document.data


class _Folder:
    """Reads one scenario in folder form."""

    def __init__(self, root: Path, cwd: Path) -> None:
        self._root = root
        self._cwd = cwd
        self._origins: dict[DataPath, tuple[Document, DataPath]] = {}
        self._findings: list[Finding] = []
        self._warnings: list[Finding] = []

    def read(self) -> tuple[Merged, tuple[Finding, ...]]:
        main_file = self._root / SCENARIO_FILE
        if not (main_file.exists() or main_file.is_symlink()):
            raise NothingToJudge(
                Finding(
                    "BFG101",
                    f"the folder holds no {SCENARIO_FILE}",
                    Place(shown_path(self._root, self._cwd)),
                    note="nothing was judged",
                    hint="name the scenario's own folder",
                )
            )
        self._look_for_strays()
        main = self._document(main_file)
        evidence = self._documents(_EVIDENCE, deep=False)
        acceptances = self._documents(_ACCEPTANCES, deep=True)
        payload = self._payload()
        if self._findings or main is None:
            raise SourceError(self._findings)
        data = dict(_mapping(main))
        self._origins[()] = (main, ())
        self._merge_payload(data, payload)
        self._merge_evidence(data, evidence)
        self._merge_acceptances(data, acceptances)
        if self._findings:
            raise ContractError(self._findings)
        return Merged(data, self._origins), tuple(self._warnings)

    def _look_for_strays(self) -> None:
        """A YAML or JSON file beside the two that are read counts for nothing: say so."""
        for suffix in DATA_SUFFIXES:
            for file in sorted(self._root.glob(f"*{suffix}")):
                if file.name not in (SCENARIO_FILE, _SNAPSHOT_FILE):
                    self._warnings.append(
                        Finding(
                            "BFG115",
                            "this file is not read",
                            Place(shown_path(file, self._cwd)),
                            severity="warning",
                            note="what stands in it counts for nothing",
                            hint=f"move it into {SCENARIO_FILE}, evidence/ or acceptances/",
                        )
                    )
        self._look_for_stray_folders(self._root, (_EVIDENCE, _ACCEPTANCES))
        self._look_for_stray_folders(self._root / _EVIDENCE, ())

    def _look_for_stray_folders(self, folder: Path, read: tuple[str, ...]) -> None:
        """A folder that is not read and holds what could be evidence or an acceptance."""
        for below in sorted(folder.glob("*/")) if not folder.is_symlink() else ():
            is_ours = below.name in read or below.name.startswith(".") or below.is_symlink()
            if is_ours or not _holds_json(below):
                continue
            suggestion = closest(below.name, read)
            self._warnings.append(
                Finding(
                    "BFG115",
                    "this folder is not read",
                    Place(shown_path(below, self._cwd)),
                    severity="warning",
                    note="what stands in it counts for nothing",
                    hint=f"rename it to `{suggestion}`"
                    if suggestion
                    else "records lie directly in evidence/, and acceptances below acceptances/",
                )
            )

    def _document(self, file: Path) -> Document | None:
        try:
            return read_document(file, root=self._root, shown=shown_path(file, self._cwd))
        except SourceError as error:
            self._findings.extend(error.findings)
            return None

    def _documents(self, name: str, *, deep: bool) -> list[tuple[Path, Document]]:
        folder = self._root / name
        listing = list_files(
            folder, root=self._root, suffix=".json", deep=deep, cwd=self._cwd, beside=_BESIDE
        )
        for finding in listing.findings:
            (self._findings if finding.is_error else self._warnings).append(finding)
        read = [(file, self._document(file)) for file in listing.files]
        return [(file, document) for file, document in read if document is not None]

    def _payload(self) -> Document | None:
        file = self._root / _SNAPSHOT_FILE
        return self._document(file) if file.exists() or file.is_symlink() else None

    def _merge_payload(self, data: dict[str, object], payload: Document | None) -> None:
        if payload is None:
            return
        claims = data.get("snapshot", {})
        if not isinstance(claims, dict):
            return  # the contract says what is wrong with it
        merged = dict(claims)
        for key, value in _mapping(payload).items():
            if key not in merged:
                merged[key] = value
                self._origins["snapshot", key] = (payload, (key,))
            elif key != "schema" or merged[key] != value:
                self._twice(("snapshot", key), payload.place((key,), key=True))
        data["snapshot"] = merged
        main, _ = self._origins[()]
        # What both files speak of stands where people wrote it.
        written = "snapshot" in _mapping(main)
        self._origins["snapshot",] = (main, ("snapshot",)) if written else (payload, ())

    def _merge_evidence(
        self, data: dict[str, object], documents: list[tuple[Path, Document]]
    ) -> None:
        records = data.get("evidence", {})
        if not (documents and isinstance(records, dict)):
            return
        merged = dict(records)
        for file, document in documents:
            path = ("evidence", file.stem)
            if file.stem in records:
                self._twice(path, document.place())
            merged[file.stem] = document.data
            self._origins[path] = (document, ())
        data["evidence"] = merged

    def _merge_acceptances(
        self, data: dict[str, object], documents: list[tuple[Path, Document]]
    ) -> None:
        written = data.get("acceptances", [])
        if not (documents and isinstance(written, list)):
            return
        if written:
            self._twice(("acceptances",), documents[0][1].place())
        data["acceptances"] = [document.data for _, document in documents]
        for index, (_, document) in enumerate(documents):
            self._origins["acceptances", index] = (document, ())

    def _twice(self, path: DataPath, place: Place) -> None:
        main, _ = self._origins[()]
        name = ".".join(str(part) for part in path)
        first = main.place(path, key=True)
        self._findings.append(
            Finding(
                "BFG208",
                f"`{name}` stands in two files: here and in {first.path}",
                place,
                note="nobody could tell which of them counts",
                hint="delete one of the two",
                related=(Related(first, "the other one"),),
            )
        )


def _holds_json(folder: Path) -> bool:
    # Acceptances lie in a folder for each role; what lies deeper is nobody's mistake any more.
    return any(any(folder.glob(pattern)) for pattern in ("*.json", "*/*.json"))
