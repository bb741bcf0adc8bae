"""Whether a text holds credentials, and the same text without them.

A table of forms of our own, for no library holds up here; `docs/secrets.md` has the figures. The
detectors of detect-secrets that go by form know 46 of the 86 credentials in our corpus that
their form gives away, and take 0.1 s to import; CredSweeper knows 63, takes 0.9 s and refuses
one look-alike in 25; Kingfisher (58, 2.9 s) and Betterleaks (59) are 20 to 35 MB of binary that
hardly anybody uses yet. None of them reads YAML's escapes or tells the columns.

A text costs two passes of a linear-time engine over it (`gate`); the tables are imported only
when one of the two stops somewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.secrets.gate import may_hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bfg_policy.secrets.scanning import Sighting

__all__ = ["mask", "redact", "sightings"]


def sightings(text: str) -> tuple[Sighting, ...]:
    """The credentials in a text, in order; each once, however it was told, none within another.

    Escapes of JSON and YAML hide nothing, and neither do percent signs in a URL. Linear in the
    length of the text, which must be encodable as UTF-8.
    """
    if not may_hold(text):
        return ()
    from bfg_policy.secrets.scanning import look

    return look(text)


def mask(text: str, seen: Sequence[Sighting]) -> str:
    """The text with each secret behind as many `*`, also where it stands a second time.

    seen: what `sightings` gave for the text. Lines stay lines, and every offset where it was.
    """
    from bfg_policy.secrets import masking

    return masking.mask(text, seen)


def redact(text: str) -> str:
    """The text with `[redacted]` for each secret in it.

    For texts that come from elsewhere, such as the exceptions of a library, before they are shown.
    """
    readable = text.encode(errors="replace").decode()  # a lone surrogate is part of no secret
    seen = sightings(readable)
    if not seen:
        return text
    from bfg_policy.secrets import masking

    return masking.cut(readable, seen)
