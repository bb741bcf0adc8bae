"""Runs the command line in forks of a process that has imported it, and tells what each run took.

As a program: a line of JSON on standard input for each run, `[arguments, folder]`, and one on
standard output, a `Cost`. To start costs more than most runs do. Here it is paid once, and counted
in full into every run.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

from tests.hardening.project import write_project
from tests.shared import ROOT

AT = "2026-11-20T12:00:00Z"
MOST_SECONDS = 60


class Cost(NamedTuple):
    """What a process gave and took: CPU seconds, and KiB at its largest."""

    code: int
    seconds: float
    memory: int
    stdout: str
    stderr: str


class Forks(NamedTuple):
    """The process that is forked."""

    process: subprocess.Popen[str]

    def cost_of(self, *arguments: str, cwd: Path) -> Cost:
        """Run `bfg-policy` with these arguments to its end, and never for longer than a minute."""
        given, told = self.process.stdin, self.process.stdout
        assert given is not None
        assert told is not None
        print(json.dumps([arguments, str(cwd)]), file=given, flush=True)
        return Cost(*json.loads(told.readline()))


@contextmanager
def started() -> Iterator[Forks]:
    """The process, ready to be forked."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.hardening.forking"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "BFG_POLICY_NO_CACHE": "1", "PYTHONUTF8": "1"},
    ) as process:
        yield Forks(process)  # its input is closed afterwards, and it ends


def _run(arguments: Sequence[str], folder: str, files: Sequence[IO[bytes]]) -> NoReturn:
    """What `python -m bfg_policy` does once it is imported, in this very process."""
    from bfg_policy.__main__ import run

    os.chdir(folder)
    for number, file in enumerate(files, 1):
        os.dup2(file.fileno(), number)
    sys.argv[1:] = arguments
    run()


def _forked(arguments: Sequence[str], folder: str, spent: float) -> Cost:
    """spent: CPU seconds that count into every run."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = os.fork()
        if process == 0:
            signal.alarm(MOST_SECONDS)
            _run(arguments, folder, (out, err))
        _, status, usage = os.wait4(process, 0)
        told = []
        for file in (out, err):
            file.seek(0)
            told.append(file.read().decode(errors="replace"))
    seconds = spent + usage.ru_utime + usage.ru_stime
    return Cost(os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss, told[0], told[1])


def _warm() -> None:
    """Import what a check and a report need, by making both."""
    from bfg_policy.cli import cli

    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder))
        os.chdir(folder)
        for command in ("check", "render"):
            output = ("--output", "json=x") if command == "check" else ()
            cli.main([command, "scenario.yaml", "--at", AT, *output], standalone_mode=False)
        os.chdir(ROOT)


def main() -> None:
    """Do what is asked for until nothing more is."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    orders = os.fdopen(os.dup(0), encoding="utf-8")
    with Path(os.devnull).open("r+b") as nothing:
        for number in (0, 1):
            os.dup2(nothing.fileno(), number)
    _warm()
    sys.stdout.flush()  # or each fork would write once more what this one wrote
    spent = time.process_time()
    gc.freeze()
    for line in orders:
        arguments, folder = json.loads(line)
        print(json.dumps(_forked(arguments, folder, spent)), file=told, flush=True)


if __name__ == "__main__":
    main()
