"""The templates that the product carries, for every pack to use and to build on."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bfg_policy.resources import engine_templates as folder

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUFFIX = ".j2"


@cache
def engine_templates() -> Mapping[str, str]:
    """The sources of the packaged templates, by name without `.j2`, those of a set as `set/name`.

    They are part of the program, as its modules are: read once, and no input.
    """
    return {
        path.relative_to(folder()).as_posix().removesuffix(_SUFFIX): path.read_text("utf-8")
        for path in sorted(folder().rglob(f"*{_SUFFIX}"))
    }
