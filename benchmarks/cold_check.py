"""How much CPU a cold `bfg-policy check` costs beside other tools that read the same file.

Every command runs as a whole process, in turn with the others, so that a slow machine slows
all of them; what counts is the median of the ratios, pair by pair.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SCENARIO = ROOT / "scenarios" / "grant-demo-local" / "scenario.yaml"
RUNS = 15


class Rival(NamedTuple):
    name: str
    command: list[str]
    goal: float


OURS = [str(BIN / "bfg-policy"), "check", str(SCENARIO.parent), "--format", "json"]
RIVALS = (
    Rival(
        "check-jsonschema",
        [
            str(BIN / "check-jsonschema"),
            "--schemafile",
            str(ROOT / "contracts" / "scenario.v1.schema.json"),
            str(SCENARIO),
        ],
        0.5,
    ),
    Rival("yamllint", [str(BIN / "yamllint"), "-d", "relaxed", str(SCENARIO)], 1.0),
    Rival("python -c pass", [sys.executable, "-c", "pass"], float("nan")),
)


def cpu_seconds(command: list[str]) -> float:
    """User and system time of one run, as the operating system accounts for it."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print a line for each rival: the median of ours / theirs, and the goal."""
    for command in (OURS, *(rival.command for rival in RIVALS)):
        cpu_seconds(command)  # warm the disk and the compiled bytecode
    ours: list[float] = []
    theirs: dict[str, list[float]] = {rival.name: [] for rival in RIVALS}
    for _ in range(RUNS):
        ours.append(cpu_seconds(OURS))
        for rival in RIVALS:
            theirs[rival.name].append(cpu_seconds(rival.command))
    print(f"cold check of {SCENARIO.parent.name}: {1000 * statistics.median(ours):.0f} ms of CPU")
    for rival in RIVALS:
        ratios = [mine / other for mine, other in zip(ours, theirs[rival.name], strict=True)]
        goal = "" if rival.goal != rival.goal else f"  (goal: at most {rival.goal})"
        print(f"  / {rival.name:<18} {statistics.median(ratios):.2f}{goal}")


if __name__ == "__main__":
    main()
