"""The writer: whole files or none, and never outside the root."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from bfg_policy.errors import RenderError
from bfg_policy.writer import existing_files, read_existing, write_file, write_tree

if TYPE_CHECKING:
    from pathlib import Path


def test_only_files_that_differ_are_written(tmp_path: Path) -> None:
    root = tmp_path / "reports"
    files = {"readiness.md": "a\n", "sql/one.sql": "é\n"}
    assert write_tree(root, files) == (root / "readiness.md", root / "sql/one.sql")
    before = (root / "readiness.md").stat().st_ino
    assert write_tree(root, {**files, "sql/one.sql": "c\n"}) == (root / "sql/one.sql",)
    assert (root / "readiness.md").stat().st_ino == before
    assert existing_files(root) == ("readiness.md", "sql/one.sql")
    assert read_existing(root, "sql/one.sql") == "c\n"


def test_line_feeds_stay_line_feeds(tmp_path: Path) -> None:
    write_file(tmp_path / "a", "one\ntwo\n")
    assert (tmp_path / "a").read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("link", ["", "sql", "sql/one.sql"])
def test_a_link_on_the_way_is_refused(tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    (outside / "sql").mkdir(parents=True)
    root = tmp_path / "reports"
    at = root / link if link else root
    at.parent.mkdir(parents=True, exist_ok=True)
    at.symlink_to(outside)
    with pytest.raises(RenderError) as refused:
        write_tree(root, {"sql/one.sql": "x"})
    assert refused.value.findings[0].code == "BFG605"
    assert "symbolic link" in refused.value.findings[0].message
    assert list(outside.rglob("*")) == [outside / "sql"]


def test_a_folder_in_the_way_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(RenderError):
        write_file(tmp_path / "a", "x")
    (tmp_path / "file").write_text("x")
    with pytest.raises(RenderError):
        write_file(tmp_path / "file" / "below", "x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "file"]


def test_what_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a"
    target.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RenderError, match="No space left"):
        write_file(target, "new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_synced_then_renamed_then_the_folder_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rename may reach the disk before what was written: then a crash leaves an empty file."""
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        steps.append("folder" if is_folder else f"file of {os.fstat(descriptor).st_size}")
        fsync(descriptor)

    def renamed(*names: str) -> None:
        steps.append("rename")
        replace(*names)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    write_file(tmp_path / "a", "text")
    assert steps == ["file of 4", "rename", "folder"]


def test_a_planted_temporary_is_not_written_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "urandom", lambda count: b"\0" * count)
    planted = tmp_path / f".{'00' * 8}.tmp"
    planted.write_text("somebody else's")
    with pytest.raises(RenderError, match="exists"):
        write_file(tmp_path / "a", "new")
    assert planted.read_text() == "somebody else's"
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_killed_at_a_write_the_old_file_stays_whole(tmp_path: Path, step: str) -> None:
    target = tmp_path / "a"
    target.write_text("old")
    script = textwrap.dedent(
        f"""
        import os, pathlib, signal
        from bfg_policy.writer import write_file
        def die(*_):
            os.kill(os.getpid(), signal.SIGKILL)
        os.fsync = die if {step!r} == "fsync" else os.fsync
        pathlib.Path.replace = die
        write_file(pathlib.Path({str(target)!r}), "new" * 100000)
        """
    )
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == -signal.SIGKILL
    assert target.read_text() == "old"


def test_a_file_that_is_not_there_has_no_text(tmp_path: Path) -> None:
    assert read_existing(tmp_path, "none") is None
    (tmp_path / "folder").mkdir()
    assert read_existing(tmp_path, "folder") is None
    assert existing_files(tmp_path / "none") == ()


@pytest.mark.parametrize("kind", ["pipe", "link", "link to a pipe"])
def test_what_is_no_file_is_not_replaced_by_one(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "a"
    if kind != "link":
        os.mkfifo(tmp_path / "pipe" if "link" in kind else target)
    if "link" in kind:
        (tmp_path / "file").write_text("x")
        target.symlink_to("pipe" if "pipe" in kind else "file")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(RenderError, match="no file"):
        write_file(target, "x")
    assert (target.is_fifo(), target.is_symlink()) == ("pipe" in kind, "link" in kind)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_what_a_killed_run_left_behind_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(tmp_path), "replace", killed)
        patch.setattr(type(tmp_path), "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            write_file(tmp_path / "a", "old")
    assert len(list(tmp_path.iterdir())) == 1
    write_file(tmp_path / "a", "new")  # by the same process, so under the same id
    assert (tmp_path / "a").read_text() == "new"


def test_a_link_anywhere_leaves_the_whole_tree_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "b").symlink_to("elsewhere")
    with pytest.raises(RenderError):
        write_tree(tmp_path, {"a": "x", "b": "x", "c": "x"})
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_folders_in_folders_without_end_are_not_followed(tmp_path: Path) -> None:
    deep = tmp_path / "/".join("a" * 100)
    deep.mkdir(parents=True)
    for folder in (deep, tmp_path / "a"):
        (folder / "b").write_text("x")
    (tmp_path / "a" / "link").symlink_to(tmp_path)
    assert existing_files(tmp_path) == ("a/b",)
