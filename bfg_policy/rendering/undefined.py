"""What stands for a name that is not there: using it is an error, in our own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import StrictUndefined
from jinja2.runtime import Undefined

from bfg_policy.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class Unknown(StrictUndefined):
    """A name that is not there: any use of it but `is defined` is an error.

    hint: the whole message; without one it is about the name. among: the names that could have
    been meant; they are compared only for a message, since many are made that nobody uses.
    """

    def __init__(
        self, hint: str | None = None, name: str | None = None, among: Collection[str] = ()
    ) -> None:
        super().__init__(hint, among, name)

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint or self._undefined_name is None:
            return self._undefined_hint or "there is no such value"
        # A template's own mapping can have numbers as keys.
        known = (each for each in self._undefined_obj if isinstance(each, str))
        return f"there is no `{self._undefined_name}`{did_you_mean(self._undefined_name, known)}"


def refuse_unknown(values: Iterable[object]) -> None:
    """Raise what a value that is not there raises when it is used."""
    for value in values:
        if isinstance(value, Undefined):
            str(value)  # raises what it is
