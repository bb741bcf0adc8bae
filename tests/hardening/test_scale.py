"""What is large is judged in linear time, or refused with the limit in the message."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bfg_policy.source import MAX_BYTES
from tests.hardening.forking import AT, Cost
from tests.hardening.large import write_causes, write_gates, write_rows
from tests.hardening.test_bombs import cost_of, our

# Twice as much may take so many times as long: twice, and some for caches and a busy machine.
RATIO = 2.8

pytestmark = pytest.mark.slow


def judged(folder: Path) -> Cost:
    command = our("check", "scenario.json", "--at", AT, "--format", "json")
    cost = cost_of(*command, cwd=folder)
    assert cost.code == 0, cost.stderr[-500:]
    return cost


def assert_linear(write: Callable[[Path, int], None], size: int, root: Path) -> list[Cost]:
    """Judge so much, and twice as much. Gives what nothing, the one and the other cost."""
    costs = []
    for name, much in (("none", 0), ("once", size), ("twice", 2 * size)):
        folder = root / name
        folder.mkdir()
        write(folder, max(much, 0))
        if much:
            costs.append(judged(folder))
        else:
            costs.append(cost_of(*our("--version"), cwd=folder))
    none, once, twice = costs
    assert twice.seconds - none.seconds < RATIO * (once.seconds - none.seconds)
    assert twice.memory - none.memory < RATIO * (once.memory - none.memory)
    return costs


def test_gates(tmp_path: Path) -> None:
    *_, twice = assert_linear(write_gates, 10_000, tmp_path)
    document = json.loads(twice.stdout)
    assert document["total"] == document["ready"] == 20_000


def test_a_report_of_gates_with_many_causes(tmp_path: Path) -> None:
    write_causes(tmp_path, 5_000)
    cost = cost_of(*our("render", "scenario.json", "--at", AT), cwd=tmp_path)
    assert cost.code == 0, cost.stdout[-500:] + cost.stderr[-500:]
    (report,) = tmp_path.glob("reports/*/readiness.md")
    assert report.read_text(encoding="utf-8").count("and 2499 others") == 2_500


def test_rows(tmp_path: Path) -> None:
    *_, twice = assert_linear(write_rows, 4, tmp_path)
    assert json.loads(twice.stdout)["ready"] == 1


def test_a_scenario_that_is_too_large(tmp_path: Path) -> None:
    write_rows(tmp_path, 17)
    command = our("check", "scenario.json", "--at", AT)
    cost = cost_of(*command, cwd=tmp_path)
    assert cost.code == 4
    assert f"larger than {MAX_BYTES:,} bytes, the limit" in cost.stdout
