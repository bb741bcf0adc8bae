"""What stands for a name that is not there: using it is an error, in our own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import StrictUndefined
from jinja2.runtime import Undefined

if TYPE_CHECKING:
    from collections.abc import Iterable


class Unknown(StrictUndefined):
    """A name that is not there: any use of it but `is defined` is an error."""

    @property
    def _undefined_message(self) -> str:
        return self._undefined_hint or f"there is no `{self._undefined_name}`"


def refuse_unknown(values: Iterable[object]) -> None:
    """Raise what a value that is not there raises when it is used."""
    for value in values:
        if isinstance(value, Undefined):
            str(value)  # raises what it is
