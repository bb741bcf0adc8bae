"""A scenario while somebody acts on it: read, tried in memory, shown, written, judged again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bfg_policy import pipeline, writer
from bfg_policy.cli import exits
from bfg_policy.errors import ContractError
from bfg_policy.reporters import Findings, Judged, Style
from bfg_policy.scenario.changing import changed
from bfg_policy.scenario.files import SCENARIO_FILE, read_scenario
from bfg_policy.source import parse_document, shown_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from bfg_policy.cli.outputs import Printer
    from bfg_policy.errors import Finding
    from bfg_policy.pack import Pack
    from bfg_policy.pipeline import LoadedPack
    from bfg_policy.recording.acceptances import Act
    from bfg_policy.recording.waivers import Waive
    from bfg_policy.scenario.files import Source


class Desk:
    """One scenario, and the act that is done about it.

    Raises, as it is made, what the reading raises; each method what its stage raises.
    """

    def __init__(self, loaded: LoadedPack, source: Source, printer: Printer) -> None:
        self.loaded = loaded
        self._source = source
        self._printer = printer
        self._style = Style(color=printer.color)
        self._cwd = Path.cwd()
        self.merged, self._strays = read_scenario(source, self._cwd)

    @property
    def pack(self) -> Pack:
        """The pack that judges."""
        return self.loaded.pack

    @property
    def folder(self) -> Path | None:
        """The folder that is written to; None for a scenario that is one file."""
        source = self._source
        return source if isinstance(source, Path) and source.is_dir() else None

    def holds_itself(self, key: str) -> bool:
        """Whether a list of the document stands in `scenario.yaml`, and not in files of its own."""
        folder = self.folder
        listed = self.merged.data.get(key)
        if folder is None or not listed:
            return False
        place = self.merged.place((key, 0))
        return place.path == self.shown(SCENARIO_FILE)

    def judged(self, at: datetime) -> Judged:
        """The scenario as it was read."""
        return Judged(*pipeline.judge_document(self.loaded, self.merged, at, self._strays))

    def tried(self, at: datetime, key: str, more: Sequence[object]) -> Judged:
        """The scenario as if a list of it held more items; nothing is written."""
        listed = self.merged.data.get(key, [])
        assert isinstance(listed, list)
        data = {**self.merged.data, key: [*listed, *more]}
        document = changed(self.merged, data)
        return Judged(*pipeline.judge_document(self.loaded, document, at, self._strays))

    def again(self, at: datetime) -> Judged:
        """The scenario as it stands in its files now."""
        return Judged(*pipeline.judge_scenario(self.loaded, self._source, at, self._cwd))

    def refuse(self, findings: Sequence[Finding]) -> int:
        """Tell why nothing is done."""
        self._printer.show(Findings(tuple(findings)))
        return exits.NOT_READY

    def show(self, before: Judged, acts: Iterable[Act | Waive], at: datetime) -> None:
        """Show what exactly is accepted, withdrawn or waived."""
        from bfg_policy.recording.subjects import subjects
        from bfg_policy.reporters.acting import act_card

        listed = list(acts)
        gates = [act.gate for act in listed]
        found = subjects(self.pack, before.scenario, before.readiness, gates, at)
        for subject, act in zip(found, listed, strict=True):
            self._printer.write(act_card(subject, act, before.scenario, self._style) + "\n")

    def by_hand(self, why: str, snippet: str) -> int:
        """Tell what to add to a file that nothing is written into."""
        from bfg_policy.rendering.visible import visible

        self._printer.write(f"Nothing is written: {why}. To do it, add to it:\n\n")
        self._printer.write("".join(f"{visible(line)}\n" for line in snippet.splitlines()))
        return exits.USAGE

    def put(self, texts: Mapping[str, tuple[str | None, str]], *, dry_run: bool) -> None:
        """Write files below the scenario's folder, or show what would be written.

        texts: what stands there (None for nothing) and what shall, by relative path.
        """
        from bfg_policy.reporters.acting import written_lines

        folder = self.folder
        assert folder is not None
        if not dry_run:
            writer.write_tree(folder, {name: new for name, (_, new) in texts.items()})
        for name, (old, new) in texts.items():
            path = self.shown(name)
            lines = written_lines(path, old, new, dry_run=dry_run, style=self._style)
            self._printer.write(lines)
        self._printer.write("\n")

    def is_taken(self, name: str) -> bool:
        """Whether there is something of a relative path below the scenario's folder."""
        return self.folder is not None and os.path.lexists(self.folder / name)

    def shown(self, name: str) -> str:
        """The path of a file below the scenario's folder, as people see it."""
        return name if self.folder is None else shown_path(self.folder / name, self._cwd)

    def check(self, name: str, text: str, contract: str) -> None:
        """See that a JSON text could be read from a file, before it is written.

        Raises SourceError (a credential in it) or ContractError.
        """
        document = parse_document(text.encode(), name, json=True)
        findings = self.loaded.contracts.findings([(contract, document.data)], document)
        if findings:
            raise ContractError(findings)

    def tell(
        self, before: Judged, after: Judged, gates: Collection[str], warnings: Iterable[Finding]
    ) -> int:
        """Tell what the act did."""
        from bfg_policy.reporters.acting import act_outcome
        from bfg_policy.reporters.excerpts import finding_block

        self._printer.write(act_outcome(before.readiness, after, gates, self._style))
        for finding in warnings:
            self._printer.write("\n" + finding_block(finding, self._style) + "\n")
        return exits.OK
