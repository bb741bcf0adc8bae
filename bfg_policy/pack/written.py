"""A pack as it stands in its folder: documents that obey their contracts, with their models."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.errors import Place
    from bfg_policy.model import GateModel, PackModel, PolicyModel, SchemaMapModel
    from bfg_policy.source import Document


class Template(NamedTuple):
    """The source of a template, and its path as it is shown to people."""

    text: str
    path: str


class WrittenPolicy(NamedTuple):
    """One policy file."""

    document: Document
    model: PolicyModel

    def place(self, *path: str | int, key: bool = False) -> Place:
        """Where a value of the policy, or its key, stands."""
        return self.document.place(path, key=key)

    def gates(self) -> Iterator[tuple[str, str, GateModel]]:
        """The gates in the order written: id, key and model of each."""
        for key, gate in self.model.gates.items():
            yield f"{self.model.policy}/{key}", key, gate


class WrittenMap(NamedTuple):
    """The file of a schema map."""

    document: Document
    model: SchemaMapModel


class WrittenPack(NamedTuple):
    """`pack.yaml` and the policies beside it. Boards stand in the pack's order once linked.

    schema_map: the file that it names as such, None where it names none.
    """

    document: Document
    model: PackModel
    policies: tuple[WrittenPolicy, ...]
    schema_map: WrittenMap | None = None

    def place(self, *path: str | int, key: bool = False) -> Place:
        """Where a value of `pack.yaml`, or its key, stands."""
        return self.document.place(path, key=key)
