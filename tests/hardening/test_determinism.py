"""The same bytes for the same input and instant, whatever the surroundings are."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from bfg_policy.reporters import REPORTERS
from tests.hardening import market
from tests.running import run
from tests.shared import ROOT
from tests.testing import shop

LATER = "2026-12-20T12:00:00Z"
TEXTS = (
    *("one", "Zwölf", "日本 \u202e", "a|b `c`", "\u0130stanbul \u0131i", "\ufb01le", "::error::x"),
    *("b", "B", "a.b"),
)
ALL_FORMATS = [part for form in REPORTERS for part in ("--output", f"{form}=out/{{}}.{form}")]
COMMANDS = [
    *(
        [*command, *(part.format(command[0]) for part in ALL_FORMATS)]
        for command in (
            ["check", "--at", market.AT],
            ["lint"],
            ["diff", ".", "--base-at", market.AT, "--at", LATER],
            ["test", "--coverage"],
        )
    ),
    *(["plan", "--at", market.AT, "--format", form] for form in ("text", "json", "markdown")),
    ["what-if", "--at", market.AT, "--later", "30d", "--format", "markdown"],
    ["explain", "b003/said", "--at", market.AT],
    ["eval", "scenario", "--at", market.AT],
    ["schema"],
    ["check", "nowhere"],
    ["render", "--at", market.AT],
    ["packet", "verify"],
    ["render", "--check", "--at", LATER],
    ["docs"],
]
# One process runs all the commands: most of a run is the start of the interpreter.
SCRIPT = """
import json, os, sys
{prelude}
from bfg_policy.cli import main
for command in json.load(open(sys.argv[1])):
    print("$", *command, flush=True)
    try:
        main(command)
    except SystemExit as left:
        print("exit", left.code, flush=True)
"""
# What a file system gives depends on it; here it gives the names from last to first.
BACKWARDS = """
class Listed(list):
    def __enter__(self): return self
    def __exit__(self, *_): return None
    def close(self): pass
scandir, listdir = os.scandir, os.listdir
os.scandir = lambda path=".": Listed(sorted(scandir(path), key=lambda e: e.name, reverse=True))
os.listdir = lambda path=".": sorted(listdir(path), reverse=True)
"""


def project(folder: Path, seed: int) -> Path:
    """The market with a shop's tests beside it; its files are made in some order."""
    files = market.files(TEXTS, "nörth", named=True)
    tests = [
        {"test": text, "expect": {"gates": {"*": "ready"}}, "change": {"set": "words.0", "to": "x"}}
        for text in TEXTS
    ]
    suite = shop.suite(*tests, scenario=f"../../{market.SCENARIO}")
    files["policies/tests/a.yaml"] = market.yaml_text(suite)
    files["policies/tests/b.yaml"] = market.yaml_text({**suite, "suite": "other"})
    for name in ("a", "B", "é", "z"):
        files[f"{market.SCENARIO}/evidence/{name}.json"] = json.dumps({"contract": "Round.v1"})
    files[f"{market.SCENARIO}/evidence/z.json"] = "{"
    order = sorted(files)
    random.Random(seed).shuffle(order)  # noqa: S311
    for name in order:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[name], encoding="utf-8", newline="")
    return folder


def mended(folder: Path) -> Path:
    """The same without the evidence that is wrong."""
    shutil.rmtree(folder / market.SCENARIO / "evidence")
    return folder


def execute(
    folder: Path, environment: dict[str, str], prelude: str = "", *options: str
) -> tuple[bytes, dict[str, bytes]]:
    """All that the commands print and write there, with nothing but this in the environment."""
    listed = folder.parent / f"{folder.name}.json"
    listed.write_text(json.dumps(COMMANDS))
    (folder / "out").mkdir()
    cache = folder.parent / "cache"
    ran = subprocess.run(
        [sys.executable, *options, "-c", SCRIPT.format(prelude=prelude), str(listed)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert b"Traceback" not in ran.stdout, ran.stdout[-2000:]
    written = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for name in ("reports", "docs", "out")
        for path in (folder / name).rglob("*")
        if path.is_file()
    }
    return ran.stdout, written


@cache
def expected() -> tuple[bytes, dict[str, bytes]]:
    found = execute(
        mended(project(Path(mkdtemp(prefix="same-")) / "project", 0)), {"BFG_POLICY_NO_CACHE": "1"}
    )
    assert found[0].count(b"\nexit 0\n") >= len(COMMANDS) - 5
    assert found[0].count(b"$ ") >= len(COMMANDS)
    assert len(found[1]) > len(TEXTS)
    return found


SURROUNDINGS = {
    "C": {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "TZ": "<+0330>-3:30",
        "PYTHONHASHSEED": "0",
    },
    "Turkish": {
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "TZ": "Pacific/Kiritimati",
        "PYTHONHASHSEED": "4242",
    },
    "French": {"LC_ALL": "fr_FR.UTF-8", "LANGUAGE": "fr", "TZ": "America/St_Johns"},
    "odd": {
        "LANG": "POSIX",
        "PYTHONIOENCODING": "latin-1",
        "TZ": "no/zone",
        "HOME": "/nonexistent",
        "COLUMNS": "33",
        "LINES": "5",
        "TERM": "dumb",
        "USER": "x",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SURROUNDINGS)
def test_the_environment_changes_nothing(name: str, tmp_path: Path) -> None:
    folder = mended(project(tmp_path / "project", 1))
    assert execute(folder, SURROUNDINGS[name]) == expected()


@pytest.mark.slow
def test_nor_does_the_order_of_files(tmp_path: Path) -> None:
    """Made in another order, and listed from last to first."""
    folder = mended(project(tmp_path / "project", 2))
    assert execute(folder, {}, BACKWARDS) == expected()


@pytest.mark.slow
def test_nor_do_umask_and_optimisation(tmp_path: Path) -> None:
    """And nothing tells where the folder lies: this one lies deeper."""
    folder = mended(project(tmp_path / "a b" / "deep" / "er", 4))
    assert execute(folder, {}, "os.umask(0o077)", "-OO") == expected()


@pytest.mark.parametrize("form", REPORTERS)
def test_findings_come_in_one_order(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many files that are wrong, by their paths; however they are listed."""
    first, second = project(tmp_path / "1", 6), project(tmp_path / "2", 7)
    told = run("check", "--at", market.AT, "--format", form, cwd=first)
    assert told.code == 4
    listed = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path=".": _Listed(list(listed(path))[::-1]))
    assert run("check", "--at", market.AT, "--format", form, cwd=second) == told


class _Listed(list[os.DirEntry[str]]):
    def __enter__(self) -> _Listed:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_only_the_way_to_a_file_depends_on_the_folder(tmp_path: Path) -> None:
    """Paths are relative to the current folder when below it, else as given."""
    folder = mended(project(tmp_path / "project", 8))
    inside = run("check", market.SCENARIO, "--at", market.AT, "--format", "json", cwd=folder)
    options = ("--policies", "project/policies", "--at", market.AT, "--format", "json")
    above = run("check", f"project/{market.SCENARIO}", *options, cwd=tmp_path)
    assert above.code == inside.code == 0
    assert '"project/policies/' in above.stdout
    assert above.stdout.replace('"project/', '"') == inside.stdout
    (tmp_path / "beside").mkdir()
    options = ("--policies", "../project/policies", "--at", market.AT, "--format", "json")
    beside = run("check", f"../project/{market.SCENARIO}", *options, cwd=tmp_path / "beside")
    assert beside.stdout.replace('"../project/', '"') == inside.stdout
