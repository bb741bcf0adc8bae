"""Bombs of a megabyte: each is judged, or refused at its line, at a bounded cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hardening.bombs import GROUPS, Bomb
from tests.hardening.forking import AT, Cost, Forks, started
from tests.hardening.project import write_project

# Of the claims of one scenario each is told.
MOST_TOLD = 20_000
SECONDS = 2.0
# What else runs on the machine slows single runs more than the yardstick tells.
NOISE = 1.5
MEMORY = 256 * 1024  # KiB
# What `python -c pass` costs on the machine by which two seconds are meant. A slower or a busy
# one has as many times the time.
YARDSTICK = 0.014
# A small process of its own: what a big one starts would count the big one's memory as its own.
LAUNCH = """
import json, os, sys
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(process, 0)
seconds = usage.ru_utime + usage.ru_stime
sys.stderr.write("\\n" + json.dumps([os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss]))
"""


def cost_of(*command: str, cwd: Path) -> Cost:
    """Run a command to its end, and never for longer than a minute."""
    ran = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCH, *command],
        cwd=cwd,
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "BFG_POLICY_NO_CACHE": "1", "PYTHONUTF8": "1"},
    )
    stderr, _, told = ran.stderr.decode(errors="replace").rpartition("\n")
    code, seconds, memory = json.loads(told)
    return Cost(code, seconds, memory, ran.stdout.decode(errors="replace"), stderr)


def slowness(cwd: Path) -> float:
    """How many times slower this machine is now than the one that is meant; at least 1."""
    taken = sorted(cost_of(sys.executable, "-c", "pass", cwd=cwd).seconds for _ in range(5))
    return max(1.0, taken[2] / YARDSTICK)


def our(*arguments: str) -> tuple[str, ...]:
    """The product's command line."""
    return (sys.executable, "-m", "bfg_policy", *arguments)


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with started() as process:
        yield process


def faults(forks: Forks, bomb: Bomb, folder: Path, factor: float) -> Iterator[str]:
    """What is wrong with how a bomb was taken."""
    write_project(folder, **{bomb.path: bomb.data})
    formats = ("--format", "json") if bomb.command[0] == "check" else ()
    cost = forks.cost_of(*bomb.command, "--at", AT, *formats, cwd=folder)
    if cost.seconds > SECONDS * NOISE * factor:
        yield f"took {cost.seconds:.2f} s of CPU (times {factor:.1f} allowed)"
    if cost.memory > MEMORY:
        yield f"took {cost.memory / 1024:.0f} MB"
    if "Traceback" in cost.stdout + cost.stderr:
        yield "a traceback"
    if not is_told(bomb, cost):
        yield f"exit code {cost.code}: {cost.stdout[:300]} {cost.stderr[-200:]}"


def is_told(bomb: Bomb, cost: Cost) -> bool:
    """Whether the result is the right one: an error at a line, or a judgement without any."""
    if bomb.path.endswith(".toml"):
        return cost.code == 2 and bomb.path in cost.stderr
    if bomb.command[0] != "check":
        return cost.code == (4 if bomb.code else 0) and (bomb.code or "") in cost.stdout
    findings = json.loads(cost.stdout)["findings"] if cost.stdout else []
    errors = [each for each in findings if each["severity"] == "error"]
    if bomb.code is None:
        return cost.code in {0, 1} and not errors
    found = any(each["code"] == bomb.code and each["line"] for each in errors)
    return cost.code in {1, 4} and found and len(findings) <= MOST_TOLD


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_bombs(group: str, forks: Forks, tmp_path: Path) -> None:
    factor = slowness(tmp_path)
    wrong = {}
    for number, bomb in enumerate(GROUPS[group]()):
        folder = tmp_path / str(number)
        folder.mkdir()
        wrong[bomb.name] = list(faults(forks, bomb, folder, factor))
    assert len(wrong) > 5
    assert {name: found for name, found in wrong.items() if found} == {}


def test_a_cost_is_noticed(tmp_path: Path) -> None:
    """The measure itself: time, memory, and the exit code."""
    work = "import sys; b = bytearray(3 * 10**8); sum(range(10**7)); sys.exit(3)"
    cost = cost_of(sys.executable, "-c", work, cwd=tmp_path)
    assert cost.code == 3
    assert cost.memory > MEMORY
    assert cost.seconds > cost_of(sys.executable, "-c", "pass", cwd=tmp_path).seconds


@pytest.mark.parametrize(
    "arguments",
    [("check", "scenario.yaml", "--at", AT), ("lint", "--format", "json"), ("check", "--at", "x")],
)
def test_a_fork_does_what_the_command_does(
    arguments: tuple[str, ...], forks: Forks, tmp_path: Path
) -> None:
    write_project(tmp_path)
    forked, real = forks.cost_of(*arguments, cwd=tmp_path), cost_of(*our(*arguments), cwd=tmp_path)
    assert (forked.code, forked.stdout, forked.stderr) == (real.code, real.stdout, real.stderr)
    # To start is counted, with all that a process holds then.
    assert forked.seconds > real.seconds / 2
    assert forked.memory > real.memory / 2
