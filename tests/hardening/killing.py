"""Runs a command in copies of a project, and kills each copy's run one step further in its writing.

As a program: JSON on standard input (`Order`), a line of JSON for each killed run on standard
output (`Killed`). It is a process of its own, for each run is a fork of it: the interpreter and
all modules are there already, which is what makes killing at every step affordable.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.shared import ROOT

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What changes a file system besides opening and writing; each is a step of its own.
_CALLS = (
    "chmod", "fsync", "link", "mkdir", "remove", "rename", "replace", "rmdir", "symlink",
    "truncate", "unlink",
)  # fmt: skip
# In a setting: the folder of the very copy.
HERE = "{here}"
_MOST_STEPS = 2000
# The steps of two files, looked at one by one whatever the stride.
_CLOSELY = 18


class Order(NamedTuple):
    """What to run. project: what is copied; work: where to. setting, stride: as below."""

    project: str
    work: str
    arguments: list[str]
    setting: dict[str, str]
    stride: int


class Killed(NamedTuple):
    """One killed run. folder: the copy as it was left. again: the exit code of a second run.

    left: the files as the killed run left them stand in `folder`, those after a second in
    `repaired`.
    """

    step: str
    folder: str
    repaired: str
    again: int


class Report(NamedTuple):
    """Every killed run; and a whole one: its exit code, its folder, and its steps in order."""

    killed: list[Killed]
    code: int
    folder: str
    steps: list[str]


def kill_everywhere(
    project: Path,
    work: Path,
    arguments: Sequence[str],
    setting: Mapping[str, str] | None = None,
    stride: int = 1,
) -> Report:
    """Run `bfg-policy` in copies of a project below `work`, killed at its first step, its second …

    setting: of the environment, beside a cache folder below `work`. stride: after the steps of
    the first files only each so manieth, for commands that write many files alike.
    """
    order = Order(str(project), str(work), list(arguments), dict(setting or {}), stride)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.hardening.killing"],
        cwd=ROOT,
        input=json.dumps(order).encode(),
        stdout=subprocess.PIPE,
        env={"PATH": os.defpath, "XDG_CACHE_HOME": str(work / "cache")},
        check=True,
    )
    *killed, (code, folder, steps) = map(json.loads, ran.stdout.decode().splitlines())
    return Report([Killed(*each) for each in killed], code, folder, steps)


class _Ran(NamedTuple):
    """code: None if it was killed."""

    code: int | None
    steps: list[str]


class _Steps:
    """Counts the steps of writing, and ends the process before the last that it may do."""

    def __init__(self, last: int, told: int) -> None:
        self._left = last
        self._told = told

    def __call__(self, what: str) -> None:
        os.write(self._told, what.encode() + b"\n")
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class _Halves(io.FileIO):
    """A file that is written in two halves, each a step."""

    def __init__(self, file: Any, mode: str, step: Callable[[str], None]) -> None:
        super().__init__(file, mode)
        self._step = step

    def write(self, data: Any) -> int:
        whole = bytes(data)
        half = (len(whole) + 1) // 2
        for part in (whole[:half], whole[half:]):
            self._step("write")
            super().write(part)
        return len(whole)


def _hook(step: Callable[[str], None]) -> None:
    real_open, real_io_open, real_fdopen = os.open, io.open, os.fdopen

    def counted(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*args: Any, **options: Any) -> Any:
            step(name)
            return real(*args, **options)

        return call

    def opened(path: Any, flags: int, *args: Any, **options: Any) -> int:
        if flags & _WRITING and path != os.devnull:
            step("open")
        return real_open(path, flags, *args, **options)

    def streamed(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
            if not set(mode) & set("wax+"):
                return real(file, mode, *args, **options)
            assert "b" in mode, "the product writes bytes"
            if not isinstance(file, int):
                step("open")
            return _Halves(file, mode.replace("b", ""), step)

        return call

    os.open, io.open, os.fdopen = opened, streamed(real_io_open), streamed(real_fdopen)
    for name in _CALLS:
        setattr(os, name, counted(name))


def _run(order: Order, folder: Path, last: int = 0, of: Path | None = None) -> _Ran:
    """Run in a fork, killed before its step `last` (0: never).

    of: the copy whose setting it has, if it is not its own.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.chdir(folder)
        for name, value in order.setting.items():
            os.environ[name] = value.replace(HERE, str(of or folder))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        from bfg_policy.cli import main

        _hook(_Steps(last, writer))
        try:
            main(order.arguments)
        except SystemExit as left:
            os._exit(left.code if isinstance(left.code, int) else 99)
        finally:
            os._exit(98)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        steps = stream.read().decode().splitlines()
    _, status = os.waitpid(child, 0)
    return _Ran(None if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status), steps)


def _killed(order: Order) -> Iterator[Sequence[object]]:
    _run(order, _copy(order, "warm"))  # what is imported and kept once is so now
    for last in (*range(1, _CLOSELY), *range(_CLOSELY, _MOST_STEPS, order.stride)):
        folder = _copy(order, f"killed{last}")
        code, steps = _run(order, folder, last)
        if code is not None:
            yield code, str(folder), steps
            return
        repaired = Path(order.work) / f"repaired{last}"
        shutil.copytree(folder, repaired, symlinks=True)
        again, _ = _run(order, repaired, of=folder)
        yield Killed(f"{last}: {steps[-1]}", str(folder), str(repaired), again or 0)
    raise RuntimeError("it never ends")


def _copy(order: Order, name: str) -> Path:
    folder = Path(order.work) / name
    shutil.copytree(order.project, folder, symlinks=True)
    return folder


def _warm(arguments: Sequence[str]) -> None:
    """Import what a command takes, before the first fork."""
    from importlib import import_module

    import bfg_policy.pack.loading
    import bfg_policy.packets
    import bfg_policy.rendering.renderer
    import bfg_policy.reporters.text  # noqa: F401 - so that forks need not

    import_module(f"bfg_policy.cli.{arguments[0]}")


if __name__ == "__main__":
    wanted = Order(*json.load(sys.stdin))
    _warm(wanted.arguments)
    for line in _killed(wanted):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()  # or the next fork would write it, too
