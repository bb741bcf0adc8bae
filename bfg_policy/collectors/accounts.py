"""Whom a server of our own runs as: PostgreSQL refuses root, so root lends it another user."""

from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.collectors.faults import NoServer

if TYPE_CHECKING:
    from pathlib import Path

# Users that own nothing else of worth; PostgreSQL insists on one that has a name.
_NAMES = ("postgres", "nobody", "daemon")


class Account(NamedTuple):
    """A user of this machine, by number."""

    user: int
    group: int


def lent_account() -> Account | None:
    """Whom the server has to run as; None where it is ourselves.

    Raises NoServer where we are root and there is nobody else.
    """
    if os.geteuid() != 0:
        return None
    import pwd

    known = {each.pw_name: each for each in pwd.getpwall()}
    for name in _NAMES:
        if name in known:
            return Account(known[name].pw_uid, known[name].pw_gid)
    raise NoServer(
        "PostgreSQL does not run as root, and this machine has no user to run it as"
        f" ({', '.join(_NAMES)}): run this as another user"
    )


def may_enter(folder: Path, account: Account) -> bool:
    """Whether a user may read a folder and get there."""
    return _may(folder, account, 0o5) and all(_may(each, account, 0o1) for each in folder.parents)


def give(folder: Path, account: Account) -> None:
    """Make a folder and everything in it somebody's own."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.user, account.group, follow_symlinks=False)


def copied(programs: Path, into: Path) -> Path:
    """A copy of an installation of PostgreSQL, where its own folder may not be entered.

    programs: its `bin`; what it needs lies beside it, and where it came with a wheel, in a folder
    beside the wheel's own. The copy's `bin`.
    """
    package = programs.parent.parent
    copy = into / "copied" / package.name / programs.parent.name
    for part in (programs.name, "lib", "share"):
        source = programs.parent / part
        if source.is_dir():
            shutil.copytree(source, copy / part, symlinks=True)
    libraries = f"{package.name}.libs"
    if (package.parent / libraries).is_dir():
        shutil.copytree(package.parent / libraries, into / "copied" / libraries, symlinks=True)
    return copy / programs.name


def _may(path: Path, account: Account, wanted: int) -> bool:
    found = path.stat()
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid == account.user:
        mode >>= 6
    elif found.st_gid == account.group:
        mode >>= 3
    return mode & wanted == wanted
