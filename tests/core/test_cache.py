"""The cache of linked packs: never out of date, never believed where others can write."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from bfg_policy import pipeline
from bfg_policy.cache import PackCache, key_of
from tests.running import Ran, run
from tests.shared import ROOT

AT = "2026-11-20T12:00:00Z"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("policies", "contracts", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / "project" / name)
    return tmp_path / "project"


def check(project: Path, home: Path) -> Ran:
    return run(
        "check",
        "scenarios/production-go",
        "--at",
        AT,
        "--format",
        "json",
        cwd=project,
        environment={"XDG_CACHE_HOME": str(home)},
    )


def entries(home: Path) -> list[Path]:
    return sorted((home / "bfg-policy").glob("*.pack"))


@pytest.fixture
def linked_once(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Counts how often a pack is really linked."""
    counted: list[None] = []
    link = pipeline._link

    def counting(*arguments: object) -> object:
        counted.append(None)
        return link(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "_link", counting)
    return counted


def test_the_second_run_links_nothing_and_says_the_same(
    project: Path, tmp_path: Path, linked_once: list[None]
) -> None:
    first = check(project, tmp_path / "home")
    second = check(project, tmp_path / "home")
    assert first == second
    assert first.code == 0
    assert len(linked_once) == 1
    (entry,) = entries(tmp_path / "home")
    assert entry.stat().st_mode & 0o777 == 0o600
    assert entry.parent.stat().st_mode & 0o777 == 0o700


CHANGES = {
    "policy": ("policies/dry-run.yaml", "unmapped == 0", "unmapped == 1"),
    "pack file": ("policies/pack.yaml", "1.0.0", "1.0.1"),
    "template": ("policies/templates/release.env.j2", " snapshot ", " of snapshot "),
    "contract": ("contracts/BFGFacts.v1.schema.json", '"description": "', '"description": "A '),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_linked_anew(
    project: Path, tmp_path: Path, linked_once: list[None], change: str
) -> None:
    first = check(project, tmp_path / "home")
    file, old, new = CHANGES[change]
    text = (project / file).read_text()
    assert old in text
    (project / file).write_text(text.replace(old, new, 1))
    second = check(project, tmp_path / "home")
    assert len(linked_once) == 2
    assert json.loads(first.stdout)["pack"] != json.loads(second.stdout)["pack"]


def test_what_is_wrong_is_never_kept(project: Path, tmp_path: Path) -> None:
    (project / "policies" / "dry-run.yaml").write_text("policy: [\n")
    assert check(project, tmp_path / "home").code == 4
    assert entries(tmp_path / "home") == []


class Trap:
    """What a planted entry would do when it is read."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(Path(os.environ["TRAP"])),)


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An entry with a trap in it, the user's own by all that the system says."""
    monkeypatch.setenv("TRAP", str(tmp_path / "sprung"))
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    entry = folder / "key.pack"
    entry.write_bytes(pickle.dumps(Trap()))
    entry.chmod(0o600)
    return entry


@pytest.mark.parametrize("hole", ["folder", "file", "link"])
def test_an_entry_that_others_could_have_written_is_not_read(
    planted: Path, tmp_path: Path, hole: str
) -> None:
    entry, folder = planted, planted.parent
    if hole == "folder":
        folder.chmod(0o770)
    elif hole == "file":
        entry.chmod(0o666)
    else:
        entry.rename(tmp_path / "elsewhere")
        entry.symlink_to(tmp_path / "elsewhere")
    assert PackCache(folder).get("key") is None
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("owner", ["folder", "file"])
def test_an_entry_of_somebody_else_is_not_believed(
    planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: str
) -> None:
    entry, folder = planted, planted.parent
    lstat, foreign = Path.lstat, folder if owner == "folder" else entry

    def owned(path: Path) -> os.stat_result:
        status = lstat(path)
        uid = status.st_uid + 1 if path == foreign else status.st_uid
        return os.stat_result((*status[:4], uid, *status[5:10]))

    monkeypatch.setattr(Path, "lstat", owned)
    assert PackCache(folder).get("key") is None
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("content", [b"", b"garbage", pickle.dumps({"not": "a pack"})])
def test_a_broken_entry_is_no_entry(
    project: Path, tmp_path: Path, linked_once: list[None], content: bytes
) -> None:
    first = check(project, tmp_path / "home")
    (entry,) = entries(tmp_path / "home")
    entry.write_bytes(content)
    assert check(project, tmp_path / "home") == first
    assert len(linked_once) == 2


def test_a_folder_that_cannot_be_written_to_keeps_nothing(project: Path, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, not a folder")
    assert check(project, tmp_path / "home").code == 0


def test_nothing_is_kept_in_the_checkout_or_where_it_is_not_wanted(project: Path) -> None:
    assert check(project, project / "home").code == 0
    assert not (project / "home").exists()
    unwanted = {"BFG_POLICY_NO_CACHE": "1", "XDG_CACHE_HOME": str(project.parent / "home")}
    ran = run("check", "scenarios/production-go", "--at", AT, cwd=project, environment=unwanted)
    assert ran.code == 0
    assert not (project.parent / "home").exists()


def test_the_oldest_entries_make_room(tmp_path: Path) -> None:
    cache = PackCache(tmp_path / "cache")
    for index in range(70):
        cache.put(f"k{index}", index)
        os.utime(tmp_path / "cache" / f"k{index}.pack", (index, index))
    assert len(list((tmp_path / "cache").iterdir())) <= 65
    assert cache.get("k69") == 69
    assert cache.get("k0") is None


def test_a_failing_home_is_survived(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> NoReturn:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert run("check", "scenarios/production-go", "--at", AT, cwd=project).code == 0


def test_names_and_contents_cannot_be_mistaken_for_each_other() -> None:
    assert key_of([("ab", b"c")]) != key_of([("a", b"bc")])
    assert key_of([("a", b"b"), ("c", b"")]) != key_of([("a", b""), ("c", b"b")])
