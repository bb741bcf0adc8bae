"""Odd surroundings: what cannot be read or written, full disks, Ctrl-C, and many runs at once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import yaml

from tests.running import run
from tests.shared import ROOT

AT = "2026-11-23T12:00:00Z"
LATER = "2026-11-24T12:00:00Z"
PYTHON = [sys.executable, "-P", "-m", "bfg_policy"]
SCENARIO = Path("scenarios/example/scenario.yaml")
WAIVE = ["waive", "service/load-test", "--as", "omar", "--approved-by", "ada", "--reason", "Later."]
# Root may read and write everything, unless it gives that up.
POWERLESS = (
    ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"] if os.geteuid() == 0 else []
)
needs_powerless = pytest.mark.skipif(
    bool(POWERLESS) and shutil.which("setpriv") is None,
    reason="root may read everything, and there is no setpriv to give that up with",
)
# Every command that writes a file, and at the instant of LATER has something to write.
WRITERS = {
    "render": ["render", "--at", LATER],
    "output": ["check", "--at", LATER, "--output", "json=result.json"],
    "accept": ["accept", "service/handover", "--as", "omar", "--at", LATER],
    "waive": [*WAIVE, "--expires", "30d", "--at", AT],
    "schema": ["schema", "policy.v1", "--write", "contracts"],
    "init": ["init", "fresh"],
}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "project"
    assert run("init", str(folder), "--at", AT).code == 0
    (folder / "result.json").write_text("older\n")
    contract = folder / "contracts" / "policy.v1.schema.json"
    contract.write_text(contract.read_text() + "\n")
    yield folder
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


def execute(
    command: Sequence[str], cwd: Path, **setting: str
) -> subprocess.CompletedProcess[bytes]:
    """A real process that knows of nothing but where the product lies."""
    return subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **setting},
        capture_output=True,
        timeout=120,
        check=False,
    )


def shell(command: str, cwd: Path, **setting: str) -> subprocess.CompletedProcess[bytes]:
    """`bfg` in the command stands for the product."""
    bfg = " ".join(PYTHON)
    return execute(["bash", "-c", command.replace("bfg ", f"{bfg} ")], cwd, **setting)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def assert_calm(ran: subprocess.CompletedProcess[bytes]) -> None:
    assert b"Traceback" not in ran.stderr, ran.stderr.decode()
    assert b"a bug of ours" not in ran.stderr, ran.stderr.decode()


# What cannot be read ------------------------------------------------------------------------------


@needs_powerless
@pytest.mark.parametrize(
    ("path", "arguments", "code", "shown"),
    [
        (str(SCENARIO), ["check"], 4, "scenarios/example/scenario.yaml"),
        ("scenarios/example", ["check"], 4, "scenarios/example"),
        ("scenarios", ["check"], 4, "scenarios"),
        ("policies", ["check"], 4, "policies"),
        ("policies/pack.yaml", ["lint"], 4, "policies/pack.yaml"),
        ("policies/tests", ["test"], 4, "policies/tests"),
        ("contracts", ["lint"], 4, "contracts"),
        ("contracts/ServiceFacts.v1.schema.json", ["check"], 4, "ServiceFacts.v1.schema.json"),
        ("reports/example", ["render", "--check"], 4, "reports/example"),
        ("bfg-policy.toml", ["check"], 2, "bfg-policy.toml"),
        (".", ["check"], 4, "bfg-policy.toml"),
    ],
    ids=str,
)
def test_what_may_not_be_read_is_a_finding(
    project: Path, path: str, arguments: list[str], code: int, shown: str
) -> None:
    (project / path).chmod(0)
    ran = execute([*POWERLESS, *PYTHON, *arguments], project)
    (project / path).chmod(0o755)
    assert_calm(ran)
    assert ran.returncode == code, ran
    said = (ran.stdout + ran.stderr).decode()
    assert said.count("error[BFG101]" if code == 4 else "Error:") == 1
    assert shown in said
    assert "cannot write" not in said


@needs_powerless
def test_it_is_one_in_every_format(project: Path) -> None:
    (project / "scenarios").chmod(0)
    ran = execute([*POWERLESS, *PYTHON, "check", "--format", "json"], project)
    (finding,) = json.loads(ran.stdout)["findings"]
    assert (finding["code"], finding["path"]) == ("BFG101", "scenarios/example")


def test_standard_input_that_is_open_for_writing_alone(project: Path) -> None:
    ran = shell("bfg check - 0>nothing", project)
    assert_calm(ran)
    assert ran.returncode == 2
    assert b"standard input cannot be read" in ran.stderr


@pytest.mark.parametrize("name", ["a" * 5_000, "a/" * 3_000 + "a"], ids=["name", "path"])
@pytest.mark.parametrize(
    ("before", "codes"),
    [
        (["check"], {2}),
        (["check", "--policies"], {2}),
        (["check", "--output"], {2, 74}),
        (["explain", "service/handover", "--scenario"], {2}),
        (["schema", "--write"], {74}),
        (["init"], {74}),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_names_that_no_file_can_have(
    project: Path, before: list[str], codes: set[int], name: str
) -> None:
    ran = run(*before, f"json={name}" if "--output" in before else name, cwd=project)
    assert ran.code in codes, ran
    assert "a bug of ours" not in ran.stderr


# What cannot be written ---------------------------------------------------------------------------


def assert_nothing_written(
    ran: subprocess.CompletedProcess[bytes], project: Path, before: dict[str, bytes]
) -> None:
    assert_calm(ran)
    assert ran.returncode == 74, ran
    assert b"error[BFG605]" in ran.stdout + ran.stderr
    assert files(project) == before


@needs_powerless
@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_folder_that_may_not_be_written_to(project: Path, command: list[str]) -> None:
    before = files(project)
    for path in (project, *project.rglob("*")):
        if path.is_dir():
            path.chmod(0o555)
    assert_nothing_written(execute([*POWERLESS, *PYTHON, *command], project), project, before)


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_disk_that_is_full(project: Path, command: list[str]) -> None:
    """No file may grow: neither what is asked for nor the cache, which is merely left alone."""
    before = files(project)
    arguments = " ".join(f"'{each}'" for each in command)
    ran = shell(f"ulimit -f 0; bfg {arguments}", project, XDG_CACHE_HOME=str(project / "../cache"))
    assert_nothing_written(ran, project, before)


def test_a_cache_that_cannot_be_kept_stops_nothing(project: Path) -> None:
    home = {"XDG_CACHE_HOME": str(project.parent / "cache")}
    ran = shell(f"ulimit -f 0; bfg check --at {AT}", project, **home)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout == execute([*PYTHON, "check", "--at", AT], project, **home).stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "command",
    [
        *("lint", "explain BFG101", "schema", "eval service.name", "--help"),
        *(f"render --at {LATER}", f"plan --at {AT}"),
        f"accept service/handover --as omar --at {AT}",
    ],
)
def test_a_standard_output_that_is_full(project: Path, command: str) -> None:
    ran = shell(f"bfg {command} > /dev/full", project)
    assert_calm(ran)
    assert ran.returncode == 74
    assert b"cannot write the output: No space left on device" in ran.stderr


@pytest.mark.parametrize("command", ["schema policy.v1", "explain BFG101", "check --format json"])
def test_a_reader_that_reads_no_further(project: Path, command: str) -> None:
    ran = shell(f"bfg {command} | head -c 1", project)
    assert_calm(ran)
    assert (len(ran.stdout), ran.stderr) == (1, b"")


def test_a_link_above_the_reports(project: Path, tmp_path: Path) -> None:
    (project / "reports").rename(tmp_path / "outside")
    (project / "reports").symlink_to(tmp_path / "outside")
    before = files(tmp_path / "outside")
    assert run("render", "--at", LATER, cwd=project).code == 74
    assert files(tmp_path / "outside") == before


def test_a_mask_that_keeps_nothing_from_anybody(project: Path) -> None:
    home = project.parent / "cache"
    assert shell(f"umask 0; bfg check --at {AT}", project, XDG_CACHE_HOME=str(home)).returncode == 0
    (entry,) = (home / "bfg-policy").iterdir()
    assert entry.stat().st_mode & 0o777 == 0o600
    assert entry.parent.stat().st_mode & 0o777 == 0o700


# What is set --------------------------------------------------------------------------------------

SETTINGS: list[dict[str, str]] = [
    {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "nowhere.KOI8-R", "PYTHONIOENCODING": "utf-16"},
    {"TZ": ":/nonexistent"},
    {"TZ": "XYZ+99:99:99"},
    {"TZ": "../../etc/passwd"},
    {"HOME": ""},
    {"HOME": "/dev/null"},
    {"HOME": "/proc"},
    {"XDG_CACHE_HOME": "relative"},
    {"XDG_CACHE_HOME": "/dev/null/cache"},
    {"TMPDIR": "/nonexistent"},
    {"COLUMNS": "-1", "LINES": "x"},
]


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_a_report_is_the_same_bytes_everywhere(project: Path, setting: dict[str, str]) -> None:
    assert run("render", "--at", LATER, cwd=project).code == 0
    expected = files(project)
    (project / "reports/example/readiness.md").unlink()
    ran = execute([*PYTHON, "render", "--at", LATER], project, **setting)
    assert_calm(ran)
    assert (ran.returncode, files(project)) == (0, expected)


# Ctrl-C -------------------------------------------------------------------------------------------

# Sends the signal at a moment that is known: when a module is imported, or a file is opened.
_AT_MOMENT = """
import os, signal, sys
kind, word = os.environ["MOMENT"].split()
def hook(event, arguments):
    if event == kind and word in str(arguments[0]) and "MOMENT" in os.environ:
        del os.environ["MOMENT"]
        os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(hook)
"""


_EARLY = ("import click", "import bfg_policy.cli.exits")


@pytest.mark.parametrize(
    "moment",
    [
        *(*_EARLY, "import bfg_policy.pipeline", "import jinja2", "import bfg_policy.packets"),
        *("open pack.yaml", "open scenario.yaml", "open .tmp", "os.rename .tmp"),
    ],
)
def test_ctrl_c_at_any_moment(project: Path, tmp_path: Path, moment: str) -> None:
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(_AT_MOMENT)
    before = files(project)
    ran = execute(
        [*PYTHON, "render", "--at", LATER],
        project,
        PYTHONPATH=f"{tmp_path / 'hook'}:{ROOT}",
        MOMENT=moment,
        BFG_POLICY_NO_CACHE="1",
    )
    assert (ran.returncode, ran.stdout) == (130, b"")
    # Before the command line itself is there, it has no words for it.
    assert ran.stderr.strip() == (b"" if moment in _EARLY else b"interrupted")
    assert files(project) == before


# Many at once -------------------------------------------------------------------------------------


def at_once(commands: Sequence[Sequence[str]], cwd: Path) -> list[int]:
    """Run all of them at the same time; their exit codes."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen(
            [*PYTHON, *each],
            cwd=cwd,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for each in commands
    ]
    said = [each.communicate(timeout=240)[1] for each in running]
    assert not any(b"Traceback" in each for each in said)
    return [each.returncode for each in running]


def test_eight_reports_at_once_are_one(project: Path) -> None:
    assert at_once([["render", "--at", LATER]] * 8, project) == [0] * 8
    assert run("render", "--check", "--at", LATER, cwd=project).code == 0
    assert [path.name for path in (project / "reports/example").iterdir()] == ["readiness.md"]


def test_no_waiver_is_lost(project: Path) -> None:
    """All are added to one file. Who waits for more than ten seconds is told, and adds nothing."""
    policy = project / "policies/service.yaml"
    gates = "".join(f"  g{index}: {{title: {{en: G}}, accept: true}}\n" for index in range(8))
    policy.write_text(policy.read_text().replace("gates:\n", f"gates:\n{gates}", 1))
    wanted = [["waive", f"service/g{index}", *WAIVE[2:], "--expires", "30d"] for index in range(8)]
    codes = at_once(wanted, project)
    given = yaml.safe_load((project / SCENARIO).read_text())["waivers"]
    done = {f"service/g{index}" for index, code in enumerate(codes) if code == 0}
    assert {each["gate"] for each in given} == done
    assert len(given) == len(done) > 1
    assert set(codes) <= {0, 74}


def test_no_acceptance_is_lost(project: Path) -> None:
    wanted = [
        ["accept", "service/handover", "--as", "omar", "--note", f"Note {index}."]
        for index in range(8)
    ]
    codes = at_once(wanted, project)
    written = [json.loads(path.read_text()) for path in project.glob("**/acceptances/**/*.json")]
    assert {each["note"] for each in written} == {
        f"Note {index}." for index, code in enumerate(codes) if code == 0
    }
    assert len(written) == codes.count(0) >= 1
    assert signal.SIGKILL not in codes
