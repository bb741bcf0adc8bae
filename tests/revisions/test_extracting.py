"""What is read of a revision is what the commit holds, and nothing that leads anywhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bfg_policy.errors import BfgPolicyError
from bfg_policy.revisions import Selection, extract, extracting, knows, open_repository, resolve
from bfg_policy.revisions.git import Repository as Place
from bfg_policy.source import MAX_BYTES
from tests.revisions.repository import Repository

# So many files of the largest size fill 32 MiB and are more.
_FULL = (32 << 20) // MAX_BYTES + 1


@pytest.fixture
def made(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "made")


def read(made: Repository, revision: str, *paths: str, below: str = ".") -> dict[str, str]:
    """What is extracted, by path; of what is no file, what it is."""
    repository = open_repository(made.folder / below, os.environ)
    root = made.folder.parent / "extracted"
    selection = Selection(resolve(repository, revision), paths, revision)
    extract(repository, selection, lambda path: root / path)
    found = {}
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = path.read_text() if path.stat().st_size < 1000 else "large"
        elif not any(path.iterdir()):
            found[name] = "empty"
    return found


def codes(made: Repository, revision: str, *paths: str, below: str = ".") -> list[str]:
    with pytest.raises(BfgPolicyError) as raised:
        read(made, revision, *paths, below=below)
    return [f"{each.code}: {each.message}" for each in raised.value.findings]


def test_what_was_committed_is_read_and_not_what_lies_there(made: Repository) -> None:
    made.write("policies/a.yaml", "committed\n")
    made.write("policies/deep/b.yaml", "too\n")
    made.write("other/c.yaml", "not asked for\n")
    made.commit()
    made.write("policies/a.yaml", "changed\n")
    made.git("add", "--all")
    made.write("policies/new.yaml", "new\n")
    before = made.git("status", "--porcelain")
    found = read(made, "HEAD", "policies", "contracts")
    assert found == {"policies/a.yaml": "committed\n", "policies/deep/b.yaml": "too\n"}
    assert made.git("status", "--porcelain") == before


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        ([], []),
        ([5], [1]),
        ([1, 2, 3, 4], [4]),
        ([MAX_BYTES] * _FULL, [_FULL]),
        # A batch is full with what is more than 32 MiB together.
        ([MAX_BYTES] * (_FULL + 1), [_FULL, 1]),
        ([MAX_BYTES] * (2 * _FULL + 3), [_FULL, _FULL, 3]),
        # What is too large is not read, and may be as large as it likes.
        ([MAX_BYTES + 1] * (2 * _FULL), [2 * _FULL]),
    ],
)
def test_so_much_is_read_at_once(sizes: list[int], batches: list[int]) -> None:
    entries = [extracting._Entry("100644", "0" * 40, size, "a") for size in sizes]
    assert [len(batch) for batch in extracting._batches(entries)] == batches


def test_what_is_not_there_is_left_out(made: Repository) -> None:
    made.write("a.yaml", "a\n")
    made.commit()
    assert read(made, "HEAD", "missing") == {}
    assert read(made, "HEAD") == {}


def test_a_project_below_the_top(made: Repository) -> None:
    made.write("services/shop/policies/a.yaml", "shop\n")
    made.write("policies/a.yaml", "top\n")
    made.commit()
    assert read(made, "HEAD", "policies", below="services/shop") == {"policies/a.yaml": "shop\n"}


def test_names_that_git_would_quote_or_read_as_patterns(made: Repository) -> None:
    names = [
        "a b.yaml",
        "ö.yaml",
        'quote".yaml',
        "new\nline.yaml",
        "[ab].yaml",
        "-x.yaml",
        ":(top)",
    ]
    for name in names:
        made.write(f"policies/{name}", name)
    made.commit()
    assert read(made, "HEAD", "policies") == {f"policies/{name}": name for name in names}


def test_the_bytes_are_those_of_the_commit_whatever_filters_say(made: Repository) -> None:
    made.write(".gitattributes", "*.yaml text eol=crlf filter=evil\n")
    made.git("config", "filter.evil.smudge", "touch pwned; cat")
    made.write("policies/a.yaml", "one\ntwo\n")
    made.commit()
    assert read(made, "HEAD", "policies") == {"policies/a.yaml": "one\ntwo\n"}
    assert not (made.folder / "pwned").exists()


def test_a_link_leads_nowhere(made: Repository) -> None:
    made.write("policies/a.yaml", "a\n")
    (made.folder / "policies/link.yaml").symlink_to("/etc/passwd")
    made.commit()
    assert read(made, "HEAD", "policies")["policies/link.yaml"] == "-> .not-followed"


@pytest.mark.parametrize("asked", ["policies", "policies/deep", "policies/deep/a.yaml"])
def test_a_link_on_the_way_is_refused(made: Repository, asked: str) -> None:
    made.write("elsewhere/deep/a.yaml", "a\n")
    (made.folder / "policies").symlink_to("elsewhere")
    made.commit()
    assert codes(made, "HEAD", asked) == [
        "BFG152: the revision holds a symbolic link, which is not followed"
    ]


def _tree(made: Repository, entries: str) -> str:
    tree = made.git("mktree", "--missing", data=entries.encode())
    commit = made.git("commit-tree", tree, "-m", "made by hand")
    made.git("update-ref", "refs/heads/hand", commit)
    return commit


def test_a_submodule_is_an_empty_folder(made: Repository) -> None:
    blob = made.git("hash-object", "-w", "--stdin", data=b"a\n")
    inner = made.git("mktree", data=f"100644 blob {blob}\ta.yaml\n".encode())
    oid = "1" * 40
    outer = made.git(
        "mktree", "--missing", data=f"040000 tree {inner}\tin\n160000 commit {oid}\tsub\n".encode()
    )
    _tree(made, f"040000 tree {outer}\tpolicies\n160000 commit {oid}\tcontracts\n")
    assert read(made, "hand", "policies") == {"policies/in/a.yaml": "a\n", "policies/sub": "empty"}
    assert codes(made, "hand", "contracts") == [
        "BFG152: the revision holds a submodule, which is not followed"
    ]


@pytest.mark.parametrize("name", ["..", ".", ".git", ".GIT"])
def test_a_tree_that_leads_out_is_refused(made: Repository, name: str) -> None:
    """git itself makes no such trees, and a pull request can bring one all the same."""
    blob = made.git("hash-object", "-w", "--stdin", data=b"a\n")
    inner = made.git("mktree", data=f"100644 blob {blob}\ta.yaml\n".encode())
    raw = f"40000 {name}\0".encode() + bytes.fromhex(inner)
    outer = made.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=raw)
    top = b"40000 policies\0" + bytes.fromhex(outer)
    tree = made.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=top)
    commit = made.git("commit-tree", tree, "-m", "bad")
    assert codes(made, commit, "policies") == [
        "BFG152: the revision holds a path that leads out of its folder"
    ]
    assert not list(made.folder.parent.rglob("a.yaml"))


def test_a_file_that_is_too_large_is_known_by_its_size(made: Repository) -> None:
    path = made.folder / "policies" / "large.yaml"
    path.parent.mkdir()
    path.write_bytes(b"x" * (MAX_BYTES + 1))
    made.commit()
    assert read(made, "HEAD", "policies") == {"policies/large.yaml": "large"}
    written = made.folder.parent / "extracted/policies/large.yaml"
    assert written.stat().st_size == MAX_BYTES + 1
    assert written.read_bytes()[:1] == b"\0"


def test_an_object_that_is_missing_is_told_and_never_fetched(made: Repository) -> None:
    made.write("policies/a.yaml", "a\n")
    made.commit()
    blob = made.git("rev-parse", "HEAD:policies/a.yaml")
    (made.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    made.git("config", "remote.origin.url", "ext::sh -c 'touch pwned'")
    made.git("config", "remote.origin.promisor", "true")
    made.git("config", "extensions.partialClone", "origin")
    (found,) = codes(made, "HEAD", "policies")
    assert found.startswith("BFG152: git ")
    assert not (made.folder / "pwned").exists()


REVISIONS = (
    "",
    "--all",
    "-h",
    "--output=pwned",
    "nothing",
    "main\nHEAD",
    "main\0",
    "HEAD:policies",
    "main..HEAD",
    "^main",
    "$(touch pwned)",
    "x" * 300,
    "\u202emain",
    "refs/heads/../../main",
)


@pytest.mark.parametrize("revision", REVISIONS)
def test_no_such_revision(made: Repository, revision: str) -> None:
    made.write("policies/a.yaml", "a\n")
    made.commit()
    repository = open_repository(made.folder, os.environ)
    assert not knows(repository, revision)
    assert codes(made, revision, "policies")[0].startswith("BFG151: git knows no revision")
    assert not (made.folder / "pwned").exists()


@pytest.mark.parametrize(
    "revision", ["main", "HEAD", "HEAD~1", "v1", "@", "main@{0}", "HEAD^{/fir}"]
)
def test_every_way_to_name_a_commit(made: Repository, revision: str) -> None:
    made.write("a.yaml", "a\n")
    made.commit("first")
    made.git("tag", "-a", "v1", "-m", "a tag")
    made.commit("second")
    assert len(resolve(open_repository(made.folder, os.environ), revision)) == 40


def test_a_shallow_clone_is_told_what_to_do(made: Repository, tmp_path: Path) -> None:
    made.write("a.yaml", "a\n")
    made.commit()
    made.commit()
    made.git("clone", "--quiet", "--depth=1", f"file://{made.folder}", str(tmp_path / "shallow"))
    repository = open_repository(tmp_path / "shallow", os.environ)
    with pytest.raises(BfgPolicyError) as raised:
        resolve(repository, "HEAD~1")
    (finding,) = raised.value.findings
    assert finding.note is not None
    assert "shallow" in finding.note
    assert "fetch-depth: 0" in str(finding.hint)


def test_no_repository_and_no_git(tmp_path: Path) -> None:
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    for more in ({}, {"PATH": str(tmp_path)}):
        with pytest.raises(BfgPolicyError) as raised:
            open_repository(tmp_path, {**environment, **more})
        assert [finding.code for finding in raised.value.findings] == ["BFG150"]


@pytest.mark.parametrize("name", ["-", "--all", "--output=x", "-h", "", "a\nb", "x" * 10_000])
def test_git_is_not_even_asked_for_what_is_no_name(tmp_path: Path, name: str) -> None:
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\n")
    program.chmod(0o755)
    repository = Place(tmp_path, "", {"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert not knows(repository, name)
    assert not (tmp_path / "asked").exists()
    assert not knows(repository, "main")
    assert (tmp_path / "asked").exists()


def test_what_git_says_is_shown_without_passwords(tmp_path: Path) -> None:
    """The address of a remote may hold one, and git repeats it."""
    program = tmp_path / "git"
    program.write_text(
        "#!/bin/sh\necho 'fatal: cannot read https://ann:h7Kq2mZx9Lw4@git.test/a.git' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    repository = Place(tmp_path, "", {"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    with pytest.raises(BfgPolicyError) as raised:
        repository.run("ls-tree", "HEAD")
    (finding,) = raised.value.findings
    assert finding.note is not None
    assert finding.note.startswith("fatal: cannot read https://")
    assert "h7Kq2mZx9Lw4" not in repr(finding)


def test_what_the_environment_asks_of_git_is_not_done(made: Repository, tmp_path: Path) -> None:
    made.write("policies/a.yaml", "a\n")
    made.commit()
    made.git("config", "core.pager", "touch pwned")
    made.git("config", "core.fsmonitor", "touch pwned")
    made.git("config", "alias.rev-parse", "!touch pwned")
    hooks = made.folder / ".git" / "hooks"
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        (hooks / name).write_text("#!/bin/sh\ntouch pwned\n")
        (hooks / name).chmod(0o755)
    trace = tmp_path / "trace"
    environment = {**os.environ, "GIT_TRACE": str(trace), "GIT_GLOB_PATHSPECS": "1"}
    repository = open_repository(made.folder, environment)
    root = tmp_path / "extracted"
    commit = resolve(repository, "HEAD")
    extract(repository, Selection(commit, ["policies"], "HEAD"), lambda path: root / path)
    assert (root / "policies/a.yaml").read_text() == "a\n"
    assert not trace.exists()
    assert not (made.folder / "pwned").exists()
