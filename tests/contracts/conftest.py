"""Small contracts, written to a folder as a pack's would be."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from bfg_policy.contracts import Contracts, load_contracts

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., Contracts]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Contracts of a pack, by name; the engine has none."""
    folder = tmp_path / "contracts"
    folder.mkdir()

    def contracts(**schemas: Any) -> Contracts:
        for name, schema in schemas.items():
            file = folder / f"{name.replace('_', '.')}.schema.json"
            file.write_text(json.dumps(schema, indent=1))
        return load_contracts(tmp_path / "none", [folder], tmp_path)

    return contracts
