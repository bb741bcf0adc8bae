"""A file that holds credentials is refused before anything else is said about it."""

from __future__ import annotations

import re

from bfg_policy.errors import SourceError
from bfg_policy.secrets import mask, sightings
from bfg_policy.source.faults import Faults
from bfg_policy.source.text import Text, decode

_WHY = "whoever can read the repository, now or later, can use this credential"
_WHAT_TO_DO = (
    "revoke it, take it out of the history, and say where it is kept instead, such as "
    "`vault:path/to/it`; in an example, write `***` for it"
)
_QUOTES = ('"', "'")
_REST_OF_WORD = re.compile(r"[^\s\"'`<>|(){}\[\]]*")


def checked_text(data: bytes, path: str) -> Text:
    """The text of a file's bytes: UTF-8, and nothing in it that looks like a credential.

    Raises SourceError: BFG701 for each credential, wherever it stands: in a key, a value or a
    comment, written plainly or with escapes; else BFG102. No part of a credential is in the
    findings, nor in the lines that these show.
    """
    try:
        source = decode(data, path)
    except SourceError:
        # What is said of it shows a line of the file.
        _refuse_credentials(Text(path, data.decode(errors="replace")))
        raise
    _refuse_credentials(source)
    return source


def _refuse_credentials(source: Text) -> None:
    seen = sightings(source.text)
    if not seen:
        return
    faults = Faults(Text(source.path, mask(source.text, seen)))
    for each in seen:
        start, end = _token(source.text, each.start, each.end)
        message = f"this looks like {each.kind}"
        faults.add("BFG701", start, end, message, note=_WHY, hint=_WHAT_TO_DO)
    faults.raise_if_any()


def _token(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of the word that a credential begins; with its quotes where it is all of a text."""
    opener = text[start - 1 : start]
    found = _REST_OF_WORD.match(text, end)
    assert found is not None
    after = end + len(found.group().rstrip(".,;"))
    if opener in _QUOTES and text[after : after + 1] == opener:
        return start - 1, after + 1
    return start, after
