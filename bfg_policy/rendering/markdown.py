"""Quoting for GitHub's and GitLab's Markdown, and for Mermaid: no value becomes markup.

Only what stands in a code span is inert there: escapes do not stop an autolink or a mention.
So `code` makes one, and `prose` leaves a word as it is only where nothing could read it as
anything but a word.
"""

from __future__ import annotations

import re
from itertools import groupby

from bfg_policy.rendering.quoting import Filter, Quoted, plain
from bfg_policy.rendering.visible import is_visible, visible

_PIPE = "&#124;"
_EMPTY = '""'

# A word of prose: blanks end it, except those between two backticks.
_WORD = re.compile(r"(?:`[^`]*`|[^ ])+")
# What may stand around the core of a word, and around code: `(see "this").`
_AROUND = re.compile(r"""([("'“«]*)(.*?)([)"'”».,;:!?…%]*)""", re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")
# The core of a word: letters and digits of any script, and what joins them.
_CORE = re.compile(r"[A-Za-z0-9\u0080-\U0010ffff][A-Za-z0-9\u0080-\U0010ffff'(),./-]*")
# What a forge links all by itself: web addresses, commits, and issues such as `GH-1`.
_LINKED = re.compile(
    r"www\.|(?<![A-Za-z0-9])(?:[0-9a-f]{7,40}|[A-Z]{2,}-[0-9]+)(?![A-Za-z0-9])", re.IGNORECASE
)
_ALONE = frozenset(
    {"-", "\u2013", "\u2014", "·", "/", "+", "&", "→", "…", "«", "»", ":", ";", "!", "?"}
)
_LIST_MARKER = re.compile(r"[0-9]+[.)]")

_MERMAID_PLAIN = re.compile(r"[A-Za-z0-9 _.,:/()-]")


def code(value: object) -> Quoted:
    """A value as a code span that nothing in it can end, in a table's cell or anywhere else.

    The fence is longer than the value's own backticks; a pipe, which ends a cell even in code,
    stands as an entity between two spans; line ends and the unseen are shown escaped; an empty
    value is `""`. Raises Refused for what is no text, number or boolean.
    """
    text = visible(plain(value, "Markdown"))
    if not text:
        return Quoted(_EMPTY)
    return Quoted(_PIPE.join(_span(part) if part else "" for part in text.split("|")))


def _span(text: str) -> str:
    runs = [len(list(run)) for character, run in groupby(text) if character == "`"]
    fence = "`" * (max(runs, default=0) + 1)
    # Markdown takes one blank off both ends where both have one: it shall take ours.
    is_padded = "`" in (text[0], text[-1]) or (text[0] == text[-1] == " " and text.strip(" "))
    blank = " " if is_padded else ""
    return f"{fence}{blank}{text}{blank}{fence}"


def prose(value: object) -> Quoted:
    """A title or sentence as prose: in a paragraph, a heading or a table's cell.

    A pair of backticks in it means code. A word that Markdown or a forge could take for more
    than a word (a link, mention, issue, commit, emphasis, HTML) becomes code, too; several
    blanks become one. Raises Refused for what is no text, number or boolean.
    """
    words = _WORD.findall(plain(value, "Markdown"))
    return Quoted(" ".join(_word(word, is_first=not index) for index, word in enumerate(words)))


def _word(word: str, *, is_first: bool) -> str:
    if word in _ALONE and not is_first:
        return word
    around = _AROUND.fullmatch(word)
    assert around is not None  # all three parts may be empty, and the middle takes anything
    before, core, after = around.groups()
    if not core:
        return word
    marked = _CODE.fullmatch(core)
    if marked and is_visible(core):
        return f"{before}{code(marked[1])}{after}"
    is_plain = _CORE.fullmatch(core) and is_visible(core) and not _LINKED.search(core)
    if is_plain and not (is_first and _LIST_MARKER.match(word)):
        return word
    return f"{before}{code(core)}{after}"


def mermaid(value: object) -> Quoted:
    """A value inside a quoted label of a Mermaid diagram; all but plain characters as `#NN;`.

    Raises Refused for what is no text, number or boolean.
    """
    text = visible(plain(value, "Mermaid"))
    return Quoted(
        "".join(each if _MERMAID_PLAIN.match(each) else f"#{ord(each)};" for each in text)
    )


FILTERS: dict[str, Filter] = {"md": code, "md_text": prose, "mermaid": mermaid}
