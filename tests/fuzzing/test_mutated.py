"""Mutated files through the commands that people run: results or findings, and nothing else.

10,000 of them; `BFG_POLICY_FUZZ_INPUTS` asks for another number, at night for instance.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bfg_policy.catalogue import CATALOGUE
from tests.fuzzing.mutations import mutants, mutated_texts
from tests.running import Ran, run
from tests.shared import ROOT

INPUTS = int(os.environ.get("BFG_POLICY_FUZZ_INPUTS", "10000"))
HOSPITAL = ROOT / "tests" / "packs" / "hospital"
AT = "2026-11-20T12:00:00Z"
# So many scenarios go into one run; none may take two seconds, and here all of them take less.
BATCH = 20
SECONDS = 2.0
_LINE_ENDS = re.compile("\r\n|\r|\n")

pytestmark = pytest.mark.slow


def text_of(path: str) -> str:
    return (HOSPITAL / path).read_text(encoding="utf-8")


GO = text_of("scenarios/go.yaml")
DOCUMENT: dict[str, Any] = yaml.safe_load(GO)
PARTS: dict[str, Any] = {
    "snapshot.json": {
        "schema": DOCUMENT["snapshot"]["schema"],
        "tables": DOCUMENT["snapshot"]["tables"],
    },
    "evidence/interface_test.json": DOCUMENT["evidence"]["interface_test"],
    "acceptances/chief-physician/go-live.go.json": DOCUMENT["acceptances"][-1],
}


def share(part: float, batch: int = 1) -> settings:
    """How many examples make up a part of all inputs."""
    return settings(
        max_examples=max(1, round(INPUTS * part / batch)),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the hospital that may be spoilt."""
    folder = tmp_path_factory.mktemp("mutated") / "hospital"
    shutil.copytree(HOSPITAL, folder)
    with pytest.MonkeyPatch.context() as patch:
        # Every pack is another one, and keeping them would only cost.
        patch.setenv("BFG_POLICY_NO_CACHE", "1")
        yield folder


def timed(*arguments: str | Path, cwd: Path) -> Ran:
    before = time.process_time()
    ran = run(*arguments, cwd=cwd)
    assert time.process_time() - before < SECONDS
    assert ran.code in {0, 1, 2, 3, 4}, ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
    return ran


def assert_sound(findings: list[dict[str, Any]], files: Mapping[str, bytes]) -> None:
    """Each has a code that is known, and a place that there is in the file that it names."""
    for finding in findings:
        assert finding["code"] in CATALOGUE
        assert finding["message"].strip()
        if finding["path"] in files and finding["line"] is not None:
            text = files[finding["path"]].decode("utf-8", "replace").removeprefix("\ufeff")
            lines = _LINE_ENDS.split(text)
            assert 1 <= finding["line"] <= len(lines), finding
            if finding["column"] is not None:
                assert 1 <= finding["column"] <= len(lines[finding["line"] - 1]) + 1, finding


def assert_one_or_the_other(ran: Ran, files: Mapping[str, bytes]) -> None:
    """One result or findings: whatever cannot be judged says at least one thing that is wrong."""
    document = json.loads(ran.stdout)
    findings = document["findings"]
    assert_sound(findings, files)
    if ran.code in {3, 4}:
        assert any(finding["severity"] == "error" for finding in findings)


def check_all(names: list[str], files: Mapping[str, bytes], project: Path) -> None:
    for name, data in files.items():
        (project / name).write_bytes(data)
    ran = timed("check", *names, "--at", AT, "--format", "json", cwd=project)
    results = json.loads(ran.stdout)["results"]
    assert len(results) == len(names)
    for each in results:
        result = each["result"]
        assert_sound(result["findings"], files)
        assert each["exit"] in {0, 1, 4}
        if each["exit"] == 4:
            assert any(finding["severity"] == "error" for finding in result["findings"])


@given(texts=st.lists(mutants(GO), min_size=BATCH, max_size=BATCH))
@share(0.322, BATCH)
def test_scenarios_in_yaml(texts: list[bytes], project: Path) -> None:
    names = [f"s{number}.yaml" for number in range(BATCH)]
    check_all(names, dict(zip(names, texts, strict=True)), project)


@given(texts=st.lists(mutants(json.dumps(DOCUMENT)), min_size=BATCH, max_size=BATCH))
@share(0.2, BATCH)
def test_scenarios_in_json(texts: list[bytes], project: Path) -> None:
    names = [f"s{number}.json" for number in range(BATCH)]
    check_all(names, dict(zip(names, texts, strict=True)), project)


@pytest.mark.parametrize("part", PARTS)
def test_parts_of_folders(part: str, project: Path) -> None:
    folders = [f"folder{number}" for number in range(BATCH)]
    rest = {key: value for key, value in DOCUMENT.items() if key not in {"evidence", "acceptances"}}
    rest["snapshot"] = {k: v for k, v in DOCUMENT["snapshot"].items() if k != "tables"}
    for folder in folders:
        for name, content in {**PARTS, "scenario.yaml": rest}.items():
            path = project / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content), encoding="utf-8")

    @given(texts=st.lists(mutants(json.dumps(PARTS[part])), min_size=BATCH, max_size=BATCH))
    @share(0.25 / len(PARTS), BATCH)
    def check_them(texts: list[bytes]) -> None:
        files = {f"{folder}/{part}": text for folder, text in zip(folders, texts, strict=True)}
        check_all(folders, files, project)

    check_them()


# A file of the pack, a part of all inputs, and the commands that read it.
LINT = ("lint", "--format", "json")
CHECK = ("check", "scenarios/go.yaml", "--at", AT, "--format", "json")
PACK_FILES = [
    ("policies/go-live.yaml", 0.04, (LINT, CHECK)),
    ("policies/result-interface.yaml", 0.05, (LINT, CHECK)),
    ("policies/pack.yaml", 0.05, (LINT, CHECK)),
    ("contracts/LabFacts.v1.schema.json", 0.03, (CHECK,)),
    ("contracts/InterfaceTest.v1.schema.json", 0.02, (CHECK,)),
    ("policies/tests/laboratory.yaml", 0.02, (("test", "--format", "json", "--jobs", "1"),)),
]


@pytest.mark.parametrize(("path", "part", "commands"), PACK_FILES, ids=[f[0] for f in PACK_FILES])
def test_files_of_a_pack(
    path: str, part: float, commands: tuple[tuple[str, ...], ...], project: Path
) -> None:
    sound = (project / path).read_bytes()

    @given(data=mutants(sound.decode()), command=st.sampled_from(commands))
    @share(part)
    def run_them(data: bytes, command: tuple[str, ...]) -> None:
        (project / path).write_bytes(data)
        assert_one_or_the_other(timed(*command, cwd=project), {path: data})

    try:
        run_them()
    finally:
        (project / path).write_bytes(sound)


def test_templates(project: Path) -> None:
    path = project / "policies" / "templates" / "go-live-sheet.txt.j2"
    sound = path.read_bytes()

    @given(data=mutated_texts(sound.decode()))
    @share(0.008)
    def render_them(data: bytes) -> None:
        path.write_bytes(data)
        ran = timed("render", "scenarios/go.yaml", "--at", AT, cwd=project)
        assert ran.code in {0, 4}, ran.stdout
        assert ran.code == 0 or "error[BFG" in ran.stdout

    try:
        render_them()
    finally:
        path.write_bytes(sound)


def test_schema_maps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the repository's own pack, the only one with a map."""
    monkeypatch.setenv("BFG_POLICY_NO_CACHE", "1")
    for folder in ("policies", "contracts"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (path,) = (tmp_path / "policies" / "database").glob("*.yaml")
    name = path.relative_to(tmp_path).as_posix()

    @given(data=mutants(path.read_text(encoding="utf-8")))
    @share(0.01)
    def lint_them(data: bytes) -> None:
        path.write_bytes(data)
        assert_one_or_the_other(timed(*LINT, cwd=tmp_path), {name: data})

    lint_them()
