"""Odd surroundings: broken outputs, ASCII locales, no home, closed pipes, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.shared import ROOT

AT = "2026-11-23T10:00:00Z"
CHECK = [sys.executable, "-m", "bfg_policy", "check", "--at", AT]


def execute(
    command: list[str], environment: dict[str, str] | None = None, **options: object
) -> subprocess.CompletedProcess[bytes]:
    """A real process with nothing in its environment but what is given."""
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command,
        cwd=ROOT,
        env=environment or {},
        check=False,
        stderr=subprocess.PIPE,
        **{"stdout": subprocess.PIPE, **options},
    )


def test_an_empty_environment_is_enough() -> None:
    ran = execute(CHECK)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.decode().startswith("NO-GO for db-auth-session-adapter")


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "tr_TR.UTF-8"},
        {"TZ": "Pacific/Kiritimati"},
        {"TZ": "America/St_Johns"},
        {"HOME": "/nonexistent"},
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "4294967295"},
        {"PYTHONOPTIMIZE": "2"},
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_the_same_bytes_everywhere(environment: dict[str, str], form: str) -> None:
    scenario = ["scenarios/staging-rehearsal", "--format", form]
    assert execute([*CHECK, *scenario], environment).stdout == execute([*CHECK, *scenario]).stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_without_a_traceback() -> None:
    with Path("/dev/full").open("wb") as full:
        ran = execute(CHECK, stdout=full)
    assert ran.returncode == 74
    assert b"cannot write" in ran.stderr
    assert b"Traceback" not in ran.stderr


def test_a_closed_pipe_is_not_a_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ran = execute(CHECK, stdout=writer)
    finally:
        os.close(writer)
    assert ran.returncode == 74
    assert ran.stderr == b""


def test_ctrl_c_has_an_exit_code_of_its_own() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bfg_policy", "check", "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    # It waits for its standard input; a signal before that hits the interpreter's own start.
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err


def test_a_foreign_exception_is_told_as_our_bug() -> None:
    script = (
        "import bfg_policy.pipeline as p\n"
        "def broken(*_): raise ValueError('hunter2')\n"
        "p.judge_scenario = broken\n"
        "from bfg_policy.cli import main\n"
        "main(['check'])\n"
    )
    ran = execute([sys.executable, "-c", script])
    assert ran.returncode == 70
    assert b"a bug of ours (ValueError in broken" in ran.stderr
    assert b"hunter2" not in ran.stdout + ran.stderr
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("closed", "arguments", "code", "told"),
    [
        ("0<&-", "check -", 2, b"standard input is closed"),
        ("1>&-", "check", 74, b"standard output is closed"),
        ("2>&-", "check nowhere", 2, b""),
    ],
)
def test_a_closed_stream_is_no_bug_of_ours(
    closed: str, arguments: str, code: int, told: bytes
) -> None:
    ran = execute(["sh", "-c", f"exec {sys.executable} -m bfg_policy {arguments} {closed}"])
    assert ran.returncode == code
    assert told in ran.stderr
    assert b"Traceback" not in ran.stderr


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    command = (
        f'cd "{tmp_path}" && rmdir "{tmp_path}" && exec {sys.executable} -P -m bfg_policy check'
    )
    ran = execute(["sh", "-c", command], {"PYTHONPATH": str(ROOT)})
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"the current folder does not exist any more" in ran.stderr
