"""Takes one guard at a time out of a copy of the product, and sees whether a test notices."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from tests.shared import ROOT

# What the product and its tests are made of; what nobody runs is not copied.
_PARTS = (
    "bfg_policy", "contracts", "docs", "examples", "policies", "scenarios", "templates", "tests",
    "pyproject.toml",
)  # fmt: skip
_TEST = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no"]
_PLUGINS = ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov"]
_SECONDS = 120
# What pytest leaves with when some test failed; anything else is no answer.
_FAILED = 1


class Guard(NamedTuple):
    """One guard: what it keeps out, by hardening.md's row or the promise; where; what notices.

    snippet: its source, which stands once in the file. removed: what stands there without it.
    tests: what must fail then, as pytest names it, separated by blanks.
    """

    name: str
    row: str
    file: str
    snippet: str
    removed: str
    tests: str


class Outcome(NamedTuple):
    """Whether a guard is held; why tells what is wrong if it is not, and who noticed if it is."""

    guard: Guard
    is_held: bool
    why: str


def outcomes(guards: Sequence[Guard], work: Path, workers: int = 2) -> Iterator[Outcome]:
    """Each guard's outcome, in their order; `work` is for the copies, one a worker."""
    copies: SimpleQueue[Path] = SimpleQueue()
    for index in range(workers):
        copies.put(_copied(work / f"copy{index}"))

    def tried(guard: Guard) -> Outcome:
        copy = copies.get()
        try:
            return _tried(guard, copy)
        finally:
            copies.put(copy)

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(tried, guards)


def _copied(copy: Path) -> Path:
    """The project in a folder of its own, with its compiled modules: they need not be made anew."""
    copy.mkdir(parents=True)
    for part in _PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, copy / part, copy_function=shutil.copy2)
        else:
            shutil.copy2(ROOT / part, copy / part)
    return copy


def _tried(guard: Guard, copy: Path) -> Outcome:
    file = copy / "bfg_policy" / guard.file
    text = file.read_text("utf-8")
    if text.count(guard.snippet) != 1:
        return Outcome(guard, False, f"stands {text.count(guard.snippet)} times in {guard.file}")
    before = file.stat()
    file.write_text(text.replace(guard.snippet, guard.removed), "utf-8")
    try:
        compile(file.read_text("utf-8"), str(file), "exec")
        code, said = _tests(guard.tests.split(), copy)
    except SyntaxError as error:
        return Outcome(guard, False, f"without it the module is no Python: {error}")
    finally:
        file.write_text(text, "utf-8")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    failed = re.findall(r"^FAILED (\S+)", said, re.MULTILINE)
    if code == _FAILED and failed:
        return Outcome(guard, True, failed[0])
    last = said.strip().splitlines()[-1:] or ["pytest says nothing"]
    return Outcome(guard, False, f"no test notices that it is gone: {last[0]}")


def _tests(tests: Sequence[str], copy: Path) -> tuple[int, str]:
    """pytest's exit code and words, with the copy's modules before all others."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(copy),
        "PYTHONPATH": str(copy),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CI": "1",
    }
    try:
        ran = subprocess.run(
            [*_TEST, *_PLUGINS, *tests],
            cwd=copy,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _FAILED, f"FAILED {tests[0]} - it does not end within {_SECONDS} s"
    return ran.returncode, ran.stdout.decode("utf-8", "replace")


def told(found: Iterator[Outcome], write: Callable[[str], object]) -> int:
    """Print a line for each outcome, as they come; gives how many guards are not held."""
    missing = 0
    for outcome in found:
        missing += not outcome.is_held
        sign = "held   " if outcome.is_held else "MISSING"
        write(f"{sign}  {outcome.guard.row:<12} {outcome.guard.name:<44} {outcome.why}\n")
    return missing
