"""What a contract's findings need to know of a document: its places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bfg_policy.errors import Place
    from bfg_policy.source import Ambiguous


class Located(Protocol):
    """A document, or a part of one, that knows its places; paths begin at its root."""

    def place(self, path: Sequence[str | int] = (), *, key: bool = False) -> Place:
        """Where the value at a path, or its key, stands."""
        ...

    def ambiguous(self, path: Sequence[str | int] = ()) -> Sequence[Ambiguous]:
        """The scalars at or below a path that YAML 1.1 and 1.2 read differently."""
        ...
