"""What size costs: CPU time and memory for ever more gates, and for ever larger scenarios.

Each is judged by a process of its own. What counts is the cost of a thousand gates, or of a
megabyte: it should stay the same to 100,000 gates and to the largest file that is read.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.hardening.large import write_gates, write_rows  # noqa: E402
from tests.hardening.test_bombs import AT, cost_of, our  # noqa: E402

GATES = (1_000, 10_000, 100_000)
MEGABYTES = (1, 5, 10)


def main() -> None:
    """Print a line for each size."""
    none = cost_of(*our("--version"), cwd=ROOT).seconds
    for what, sizes, write, unit in (
        ("gates", GATES, write_gates, 1_000),
        ("MB of rows", MEGABYTES, write_rows, 1),
    ):
        for size in sizes:
            with TemporaryDirectory() as folder:
                write(Path(folder), size)
                command = our("check", "scenario.json", "--at", AT, "--format", "json")
                cost = cost_of(*command, cwd=Path(folder))
            each = 1000 * (cost.seconds - none) / (size / unit)
            print(
                f"{size:>7,} {what:<11} {cost.seconds:6.2f} s  {cost.memory / 1024:5.0f} MB  "
                f"{each:6.1f} ms for each {unit:,}  (exit code {cost.code})"
            )


if __name__ == "__main__":
    main()
