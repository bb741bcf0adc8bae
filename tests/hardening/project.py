"""A small sound project, into which one file at a time is put that is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FACTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "flag": {"type": "boolean"},
        "number": {"type": "integer"},
        "word": {"type": "string", "pattern": "^(a+)+$"},
        "numbers": {"type": "array", "items": {"type": "integer"}},
        "unique": {"type": "array", "uniqueItems": True},
    },
    "additionalProperties": False,
}
ROWS: dict[str, Any] = {"type": "object"}
PACK: dict[str, Any] = {
    "pack": "small",
    "roles": ["chief"],
    "facts": "Facts.v1",
    "waivers": {"approvers": ["chief"]},
    "snapshot": {"groups": {"rows": ["rows"]}},
}
POLICY: dict[str, Any] = {
    "policy": "main",
    "owner": "chief",
    "gates": {"g": {"rule": "flag"}, "accepted": {"needs": ["g"], "accept": True}},
    "packet": {"template": "sheet.txt", "path": "sheet.txt"},
}
SCENARIO: dict[str, Any] = {
    "scenario": "one",
    "contract": "ScenarioManifest.v1",
    "tenant": "t",
    "target": "reactor",
    "actors": [{"id": "ann", "role": "chief"}, {"id": "bob", "role": "chief"}],
    "flag": True,
    "number": 1,
    "word": "aaaa",
    "numbers": list(range(60)),
}
FILES: dict[str, str] = {
    "policies/pack.yaml": json.dumps(PACK),
    "policies/main.yaml": json.dumps(POLICY),
    "policies/templates/sheet.txt.j2": "{{ 1 }}\n",
    "contracts/Facts.v1.schema.json": json.dumps(FACTS),
    "contracts/Rows.v1.schema.json": json.dumps(ROWS),
    "scenario.yaml": json.dumps(SCENARIO),
}


def write_project(folder: Path, **files: bytes) -> None:
    """Write the project's files, and some in the place of its own."""
    for name, data in {**{key: text.encode() for key, text in FILES.items()}, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
