"""`[tool.bfg-policy]` in pyproject.toml, or bfg-policy.toml, of the current folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from bfg_policy.secrets import redact
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
    own = folder / _OWN_FILE
    project = folder / _PROJECT_FILE
    if own.is_file():
        return _settings(_OWN_FILE, _toml(own))
    if project.is_file():
        table = _toml(project).get("tool", {})
        section = table.get("bfg-policy", {}) if isinstance(table, dict) else {}
        return _settings(f"{_PROJECT_FILE}, [tool.bfg-policy]", section)
    return Settings()


def _toml(path: Path) -> dict[str, object]:
    import tomllib

    if path.stat().st_size > _LARGEST:
        raise BadSettings(f"{path.name}: larger than {_LARGEST} bytes")
    try:
        text = path.read_text(encoding="utf-8")
        table = None if _has_long_key(text) else tomllib.loads(text)
    # The mistakes of TOML and of UTF-8 are ValueErrors, and so is a number of too many digits.
    except (OSError, ValueError, RecursionError) as error:
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
