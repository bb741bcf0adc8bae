"""Projects of any size: gates in files of a thousand, and a scenario of so many rows."""

from __future__ import annotations

import json
from pathlib import Path

from bfg_policy.digest import snapshot_digest
from tests.hardening.project import FACTS, PACK, ROWS, SCENARIO

GATES_A_BOARD = 1_000
_CELL = "x" * 60


def write_gates(folder: Path, count: int) -> None:
    """A project of so many gates. Every board waits for the one before, and in it every gate for
    one before it, or for nothing: a graph that is deep and wide.
    """
    _write(folder, SCENARIO)
    for board in range(count // GATES_A_BOARD):
        gates: dict[str, object] = {}
        for gate in range(GATES_A_BOARD):
            needs = [f"g{gate - 1}"] if gate % 3 else [f"b{board - 1}"] * (board > 0)
            rule = f"flag && number < {gate + 2}"
            gates[f"g{gate}"] = {"rule": rule, "needs": needs}
        policy = {"policy": f"b{board}", "owner": "chief", "gates": gates}
        (folder / "policies" / f"b{board}.yaml").write_text(json.dumps(policy), encoding="utf-8")


def write_causes(folder: Path, count: int) -> None:
    """A project in which half of so many gates wait for each of the other half, not ready all."""
    _write(folder, SCENARIO)
    for board, gate in (("first", {"rule": "!flag"}), ("then", {"needs": ["first"]})):
        gates = {f"g{number}": gate for number in range(count // 2)}
        policy = {"policy": board, "owner": "chief", "gates": gates}
        (folder / "policies" / f"{board}.yaml").write_text(json.dumps(policy), encoding="utf-8")


def write_rows(folder: Path, megabytes: int) -> None:
    """A project with one gate, and a scenario whose payload has so many megabytes."""
    count = megabytes * (1 << 20) // (len(_CELL) + len('{"id":100000,"text":""},'))
    rows = [{"id": 100_000 + number, "text": _CELL} for number in range(count)]
    tables = {"rows": rows}
    snapshot = {
        "schema": "Rows.v1",
        "rows": {"rows": count},
        "sha256": snapshot_digest("Rows.v1", str(SCENARIO["tenant"]), tables),
        "tables": tables,
    }
    _write(folder, {**SCENARIO, "snapshot": snapshot})
    gate = {"g": {"rule": "snapshot.verified && snapshot.rows.rows > 0"}}
    policy = {"policy": "main", "owner": "chief", "gates": gate}
    (folder / "policies" / "main.yaml").write_text(json.dumps(policy), encoding="utf-8")


def _write(folder: Path, scenario: object) -> None:
    for name, content in {
        "policies/pack.yaml": PACK,
        "contracts/Facts.v1.schema.json": FACTS,
        "contracts/Rows.v1.schema.json": ROWS,
        "scenario.json": scenario,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
