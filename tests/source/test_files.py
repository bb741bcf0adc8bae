"""Files: regular ones below the root, as UTF-8, within limits; and nothing else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bfg_policy.errors import Finding, SourceError
from bfg_policy.source import list_files, parse_document, read_bytes, read_document, shown_path
from tests.source.marked import findings_of


def refusal(file: Path, root: Path, **options: int) -> Finding:
    with pytest.raises(SourceError) as caught:
        read_document(file, root=root, shown="shown", **options)
    (finding,) = caught.value.findings
    assert finding.place.path == "shown"
    return finding


def test_yaml_and_json_by_suffix(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yml", "c.json", "d.YAML"):
        (tmp_path / name).write_text('{"a": 012}' if name == "a.yaml" else '{"a": 1}')
        document = read_document(tmp_path / name, root=tmp_path)
        assert document.data == {"a": 12 if name == "a.yaml" else 1}
        assert document.path == str(tmp_path / name)
    (tmp_path / "e.toml").write_text("a = 1")
    assert refusal(tmp_path / "e.toml", tmp_path).code == "BFG101"


def test_a_file_may_be_its_own_root_and_a_link(tmp_path: Path) -> None:
    """What was named on the command line may be a link: the user has chosen it."""
    (tmp_path / "real.yaml").write_text("a: 1\n")
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    file = tmp_path / "link.yaml"
    assert read_document(file, root=file).data == {"a": 1}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.yaml", "no such file"),
        ("folder.yaml", "a folder, not a regular file"),
        ("pipe.yaml", "a named pipe, not a regular file"),
        ("socket.yaml", "cannot be read"),
        ("link.yaml", "symbolic link"),
        ("linked/a.yaml", "symbolic link"),
        ("deep/linked/a.yaml", "symbolic link"),
        ("real/../real/a.yaml", "leads out of the folder"),
        ("../outside.yaml", "leads out of the folder"),
        ("real/a.yaml/b.yaml", "symbolic link"),
    ],
)
def test_what_is_no_regular_file_below_the_root(tmp_path: Path, name: str, words: str) -> None:
    root = tmp_path / "root"
    for folder in ("real", "deep", "folder.yaml"):
        (root / folder).mkdir(parents=True)
    (root / "real/a.yaml").write_text("a: 1\n")
    (tmp_path / "outside.yaml").write_text("a: 1\n")
    (root / "link.yaml").symlink_to("real/a.yaml")
    (root / "linked").symlink_to("real")
    (root / "deep/linked").symlink_to("../real")
    os.mkfifo(root / "pipe.yaml")
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(root)  # the path of a socket may be no longer than 100 bytes
        try:
            made.bind("socket.yaml")
        finally:
            os.chdir(here)
    finding = refusal(root / name, root)
    assert finding.code == "BFG101"
    assert words in finding.message


def test_a_device_is_refused() -> None:
    with pytest.raises(SourceError, match="a device, not a regular file"):
        read_bytes(Path("/dev/zero"), root=Path("/dev"))


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    assert "may not be read" in refusal(tmp_path / "a.yaml", tmp_path).message


def test_the_size_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 12345\n")
    assert read_document(tmp_path / "a.yaml", root=tmp_path, max_bytes=9).data
    finding = refusal(tmp_path / "a.yaml", tmp_path, max_bytes=8)
    assert finding.code == "BFG112"
    assert "larger than 8 bytes" in finding.message
    assert (finding.place.line, finding.place.column) == (1, 1)


def test_the_size_of_a_text_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes by standard input was no file: nobody has looked at its size."""
    monkeypatch.setattr("bfg_policy.source.files.MAX_BYTES", 8)
    assert findings_of("a: 1234\n") == ()
    assert [finding.code for finding in findings_of("a: 12345\n")] == ["BFG112"]


def test_a_pipe_that_nobody_writes_to_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    script = (
        "import sys; from pathlib import Path; from bfg_policy.source import read_bytes\n"
        "read_bytes(Path(sys.argv[1]), root=Path(sys.argv[1]).parent)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "pipe.yaml"],
        timeout=20,
        stderr=subprocess.PIPE,
        check=False,
    )
    assert b"a named pipe, not a regular file" in ran.stderr


def test_the_number_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bfg_policy.source.yaml_events.MAX_NODES", 20)
    monkeypatch.setattr("bfg_policy.source.json_text.MAX_NODES", 20)
    monkeypatch.setattr("bfg_policy.source.json_exact.MAX_NODES", 20)
    for count, codes in ((10, []), (60, ["BFG112"])):
        text = '{"a": [' + ", ".join("1" * count) + "]}"
        assert [f.code for f in findings_of(text)] == codes
        assert [f.code for f in findings_of(text, json=True)] == codes


ENCODINGS = [
    ("a: é\n".encode("utf-16"), "UTF-16", 1, 1),
    ("a: é\n".encode("utf-16-le"), "UTF-16", 1, 1),
    ("a: é\n".encode("utf-16-be"), "UTF-16", 1, 1),
    ("a: é\n".encode("utf-32"), "UTF-32", 1, 1),
    ("a: é\n".encode("utf-32-be"), "UTF-32", 1, 1),
    ("b: 𝄞\r\na: é\n".encode("latin-1", "ignore"), "0xE9", 2, 4),
    ("b: 𝄞\r\na: é".encode()[:-1], "0xC3", 2, 4),
    (b"\xef\xbb\xbfa: \xff\n", "0xFF", 1, 4),
    (b"a: \xed\xa0\x80\n", "0xED", 1, 4),
    (b"a: \xc0\x80\n", "0xC0", 1, 4),
]


@pytest.mark.parametrize(("data", "words", "line", "column"), ENCODINGS)
@pytest.mark.parametrize("json", [False, True])
def test_utf_8_only(data: bytes, words: str, line: int, column: int, json: bool) -> None:
    (finding,) = findings_of(data, json=json)
    assert finding.code == "BFG102"
    assert words in finding.message
    assert "UTF-8" in finding.message
    assert (finding.place.line, finding.place.column) == (line, column)


def test_a_byte_order_mark_takes_no_column() -> None:
    document = parse_document(b"\xef\xbb\xbfa: 1\n", "f")
    assert document.place(("a",), key=True).column == 1
    assert document.text == "a: 1\n"


def test_listing(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yaml", ".hidden.yaml", "notes.md", "sub/c.yaml", "sub/x/d.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    listing = list_files(tmp_path, root=tmp_path, suffix=".yaml")
    assert [file.name for file in listing.files] == ["a.yaml", "b.yaml"]
    assert listing.findings == ()
    deep = list_files(tmp_path, root=tmp_path, suffix=".yaml", deep=True)
    assert [str(file.relative_to(tmp_path)) for file in deep.files] == [
        "a.yaml", "b.yaml", "sub/c.yaml", "sub/x/d.yaml",
    ]  # fmt: skip
    assert list_files(tmp_path / "none", root=tmp_path, suffix=".yaml").files == ()


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("x.yml", "BFG115", "not read"),
        ("x.YAML", "BFG115", "not read"),
        ("x.json", "BFG115", "not read"),
        ("link.yaml", "BFG101", "symbolic link"),
        ("folder.yaml/", "BFG101", "a folder"),
        ("pipe.yaml", "BFG101", "a named pipe"),
    ],
)
def test_what_looks_as_if_it_counted(tmp_path: Path, name: str, code: str, words: str) -> None:
    path = tmp_path / name
    if name.startswith("link"):
        path.symlink_to("elsewhere")
    elif name.endswith("/"):
        path.mkdir()
    elif name.startswith("pipe"):
        os.mkfifo(path)
    else:
        path.touch()
    listing = list_files(tmp_path, root=tmp_path, suffix=".yaml")
    (finding,) = listing.findings
    assert listing.files == ()
    assert (finding.code, finding.place.path) == (code, str(path))
    assert words in finding.message


def test_linked_folders_are_not_listed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a.json").touch()
    (tmp_path / "linked").symlink_to("real")
    with pytest.raises(SourceError, match="symbolic link"):
        list_files(tmp_path / "linked", root=tmp_path, suffix=".json")
    deep = list_files(tmp_path, root=tmp_path, suffix=".json", deep=True)
    assert [finding.code for finding in deep.findings] == ["BFG101"]
    assert len(deep.files) == 1


def test_the_number_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bfg_policy.source.files.MAX_FILES", 2)
    for name in "abc":
        (tmp_path / f"{name}.yaml").touch()
    with pytest.raises(SourceError, match="more than 2 files"):
        list_files(tmp_path, root=tmp_path, suffix=".yaml")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/work/p/policies/a.yaml", "policies/a.yaml"),
        ("/work/other/a.yaml", "/work/other/a.yaml"),
        ("../x/a.yaml", "../x/a.yaml"),
        ("./x/a.yaml", "x/a.yaml"),
        (os.fsdecode(b"x\xff.yaml"), "x\\xff.yaml"),
    ],
)
def test_shown_paths(path: str, shown: str) -> None:
    assert shown_path(Path(path), Path("/work/p")) == shown
