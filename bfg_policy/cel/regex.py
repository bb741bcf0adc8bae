"""Regular expressions by RE2: no look-around, no back-references, and time linear in the text."""

from __future__ import annotations

from bfg_policy.cel.errors import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Search = Callable[[str], bool]

_KEPT = 256

#: Bytes for one compiled pattern. It bounds how long compiling takes, too.
_MEMORY = 1 << 20
_compiled: dict[str, Search] = {}


def searcher(pattern: str) -> Search:
    """A function that says whether the pattern matches anywhere in a text.

    Raises `Failure` (`argument`) where RE2 does not take the pattern; the function raises it
    for half of a surrogate pair.
    """
    search = _compiled.get(pattern)
    if search is None:
        search = _compile(pattern)
        if len(_compiled) >= _KEPT:
            _compiled.clear()
        _compiled[pattern] = search
    return search


def _compile(pattern: str) -> Search:
    import re2

    options = re2.Options()
    options.log_errors = False
    # Only whether it matches is asked, so parentheses need not remember anything.
    options.never_capture = True
    options.max_mem = _MEMORY
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else b""
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise Failure("argument", f"RE2 does not take this regular expression: {text}") from None
    except UnicodeEncodeError:
        raise Failure("argument", "this regular expression is not Unicode") from None

    find = compiled.search

    def search(text: str) -> bool:
        try:
            # Given bytes, re2 does not work out the positions of characters.
            return find(text.encode()) is not None
        except UnicodeEncodeError:
            raise Failure("argument", "this text is not Unicode") from None

    return search
