"""Where the product's own contracts, policies and templates lie: in the wheel, or in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
# What the paths of packaged files are shown relative to: the same on every machine.
ROOT = _PACKAGE.parent


def packaged(name: str) -> Path:
    """The folder `contracts` or `policies` that the product carries with it.

    The wheel holds it as package data; in a checkout it is the folder at the top.
    """
    in_wheel = _PACKAGE / "data" / name
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / name


def engine_templates() -> Path:
    """The folder of the templates that every pack may build on."""
    return _PACKAGE / "templates"


def findings_pages() -> Path:
    """The folder of the pages of all findings, one a code, such as `BFG201.md`."""
    in_wheel = _PACKAGE / "data" / "findings"
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / "docs" / "findings"


def scaffold() -> Path:
    """The folder of the files that a new pack begins with."""
    return _PACKAGE / "scaffolding" / "files"
