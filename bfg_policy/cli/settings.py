"""`[tool.bfg-policy]` in pyproject.toml, or bfg-policy.toml, of the current folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from bfg_policy.errors import SourceError
from bfg_policy.secrets import redact
from bfg_policy.source import read_bytes
from bfg_policy.suggestions import closest

_OWN_FILE = "bfg-policy.toml"
_PROJECT_FILE = "pyproject.toml"
_LARGEST = 1 << 20  # bytes
# A key of n parts takes the reader of TOML n² steps: ten thousand parts would take minutes.
_MOST_KEY_PARTS = 16
_KEY_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""


class Settings(NamedTuple):
    """What is configured: relative paths inside the current folder. Flags win over them."""

    scenario: Path | None = None
    policies: Path | None = None
    contracts: Path | None = None


class BadSettings(ValueError):
    """A configuration that cannot be used; the text says which file, what and why."""


def read_settings(folder: Path) -> Settings:
    """The settings of a folder; none where neither file speaks of them. Raises BadSettings."""
    if _is_there(folder / _OWN_FILE):
        return _settings(_OWN_FILE, _toml(folder / _OWN_FILE))
    if _is_there(folder / _PROJECT_FILE):
        table = _toml(folder / _PROJECT_FILE).get("tool", {})
        section = table.get("bfg-policy", {}) if isinstance(table, dict) else {}
        return _settings(f"{_PROJECT_FILE}, [tool.bfg-policy]", section)
    return Settings()


def _is_there(path: Path) -> bool:
    # Also what is no file: settings that somebody meant and nobody reads would be silent.
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _toml(path: Path) -> dict[str, object]:
    import tomllib

    try:
        text = read_bytes(path, root=path.parent, max_bytes=_LARGEST).decode("utf-8-sig")
        table = None if _has_long_key(text) else tomllib.loads(text.replace("\r\n", "\n"))
    except SourceError as error:
        raise BadSettings(f"{path.name}: {error.findings[0].message}") from None
    except UnicodeDecodeError:
        raise BadSettings(f"{path.name}: it is not UTF-8; save it as UTF-8") from None
    # The mistakes of TOML are ValueErrors, and so is a number of too many digits.
    except (ValueError, RecursionError) as error:
        raise BadSettings(f"{path.name}: it cannot be read as TOML ({error})") from None
    if table is None:
        raise BadSettings(f"{path.name}: a key has more than {_MOST_KEY_PARTS} parts")
    return table


def _has_long_key(text: str) -> bool:
    if all(line.count(".") < _MOST_KEY_PARTS for line in text.splitlines()):
        return False
    import re2  # in linear time, whatever the text; and only for the line that may have one

    return re2.search(f"(?:{_KEY_PART}){{{_MOST_KEY_PARTS}}}", text) is not None


def _settings(where: str, section: object) -> Settings:
    if not isinstance(section, Mapping):
        raise BadSettings(f"{where}: it should be a table")
    for key, value in section.items():
        if redact(f"{key} {value}") != f"{key} {value}":
            raise BadSettings(f"{where}: something in it looks like a credential; revoke it")
        if key not in Settings._fields:
            suggestion = closest(key, Settings._fields)
            known = ", ".join(Settings._fields)
            hint = f"did you mean `{suggestion}`?" if suggestion else f"known are: {known}"
            raise BadSettings(f"{where}: unknown setting `{key}`; {hint}")
        if not isinstance(value, str) or not _stays_inside(value):
            raise BadSettings(f"{where}: `{key}` should be a relative path inside this folder")
    return Settings(**{key: Path(value) for key, value in section.items()})


def _stays_inside(value: str) -> bool:
    # A configuration comes from the same pull request as the policies: it names what lies below.
    path = PurePosixPath(value)
    return bool(value) and not path.is_absolute() and ".." not in path.parts
