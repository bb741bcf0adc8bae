"""Asking `git`: hardened, without hooks, pagers, prompts and network; every failure a finding."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from bfg_policy.errors import Finding, Place, SourceError
from bfg_policy.rendering.visible import is_visible
from bfg_policy.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_SECONDS = 60
_LONGEST_NAME = 250
_SAFE = (
    "git",
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "protocol.allow=never"),
)
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}
_OBJECT = re.compile(r"[0-9a-f]{40,64}")
# What would make git write somewhere else, or read paths as patterns.
_UNWANTED = ("GIT_TRACE", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS")


class Repository(NamedTuple):
    """Where a project lies in a repository.

    folder: the project's own. prefix: its path from the top of the repository, "" or ending in a
    slash. environment: what git is run with.
    """

    folder: Path
    prefix: str
    environment: Mapping[str, str]

    def run(self, *arguments: str, data: bytes = b"") -> bytes:
        """What git prints; data: its standard input. Raises SourceError where it fails."""
        done = _run(self.folder, arguments, self.environment, data)
        if done.returncode != 0:
            _failed(done)
        return done.stdout

    def ask(self, *arguments: str) -> str | None:
        """The one line that git answers; None where it says no."""
        done = _run(self.folder, arguments, self.environment, b"")
        line = done.stdout.decode("utf-8", "backslashreplace").strip()
        return line if done.returncode == 0 else None


def open_repository(folder: Path, environment: Mapping[str, str]) -> Repository:
    """The repository that a project's folder lies in.

    environment: that of the process; what could make git write, ask or fetch is left out.
    Raises SourceError (BFG150).
    """
    kept = {name: value for name, value in environment.items() if not name.startswith(_UNWANTED)}
    repository = Repository(folder, "", {**kept, **_ENVIRONMENT})
    done = _run(folder, ("rev-parse", "--show-prefix"), repository.environment, b"")
    if done.returncode != 0:
        is_foreign = "dubious ownership" in _words(done)
        raise SourceError(
            Finding(
                "BFG150",
                "the repository belongs to somebody else, so git does not read it"
                if is_foreign
                else "this folder is in no git repository",
                note="so there are no revisions to read",
                hint="let git trust it: `git config --global --add safe.directory` and its path"
                if is_foreign
                else "run it in the project's clone, or compare two folders",
            )
        )
    return repository._replace(prefix=done.stdout.decode("utf-8", "surrogateescape").rstrip("\n"))


def knows(repository: Repository, revision: str) -> bool:
    """Whether git finds a commit under this name."""
    return _commit(repository, revision) is not None


def resolve(repository: Repository, revision: str) -> str:
    """The id of the commit that a revision (such as `HEAD~1`) names; else SourceError (BFG151)."""
    commit = _commit(repository, revision)
    if commit is not None:
        return commit
    note, hint = None, "fetch it first, or name a branch, a tag or a commit that is here"
    if ".." in revision:
        note = "a range is no revision"
        hint = "name its two ends one after the other; `git merge-base` tells where branches part"
    elif repository.ask("rev-parse", "--is-shallow-repository") == "true":
        note = "this clone is shallow: it holds the latest commits alone"
        hint = (
            "fetch the whole history: `git fetch --unshallow`; in CI `fetch-depth: 0` (GitHub)"
            " or `GIT_DEPTH: 0` (GitLab)"
        )
    message = f"git knows no revision `{revision}` here"
    raise SourceError(Finding("BFG151", message, note=note, hint=hint))


def _commit(repository: Repository, revision: str) -> str | None:
    if not _is_name(revision):
        return None
    wanted = f"{revision}^{{commit}}"
    found = repository.ask("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    # `^main` is something to git, too, and no commit.
    return found if found is not None and _OBJECT.fullmatch(found) else None


def _is_name(revision: str) -> bool:
    """Whether git could know a revision of this name, and could not take it for an option."""
    is_short = 0 < len(revision) <= _LONGEST_NAME
    return is_short and not revision.startswith("-") and is_visible(revision)


def _run(
    folder: Path, arguments: Sequence[str], environment: Mapping[str, str], data: bytes
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - no shell, and no argument of a stranger is an option
            [*_SAFE, *arguments],
            cwd=folder,
            env=dict(environment),
            input=data,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise SourceError(
            Finding(
                "BFG150",
                "there is no `git` to read revisions with",
                hint="install git, or compare two folders",
            )
        ) from None
    except subprocess.TimeoutExpired:
        message = f"`git` did not answer within {_SECONDS} seconds"
        raise SourceError(Finding("BFG150", message, hint="look at the repository")) from None
    except (OSError, ValueError) as error:
        message = f"`git` cannot be run ({type(error).__name__})"
        raise SourceError(Finding("BFG150", message)) from None


def _failed(done: subprocess.CompletedProcess[bytes]) -> NoReturn:
    raise SourceError(
        Finding(
            "BFG152",
            "git cannot read this revision",
            Place(),
            note=_words(done) or None,
            hint="fetch it whole: without `--filter`, and with `fetch-depth: 0`",
        )
    )


def _words(done: subprocess.CompletedProcess[bytes]) -> str:
    """The first line of what git says, without what could be a secret in an address."""
    lines = done.stderr.decode("utf-8", "backslashreplace").splitlines()
    return redact(lines[0]).strip() if lines else ""
