"""Text that has to fit: into so many characters, or Markdown into so many bytes."""

from __future__ import annotations

_FENCE = "```"


def shortened(text: str, most: int) -> str:
    """A text in at most so many characters, with an ellipsis where something is left out."""
    return text if len(text) <= most else text[: most - 1] + "…"


def cut_markdown(text: str, most: int) -> str:
    """A text of ours in at most so many bytes of UTF-8; empty where not even a note has room.

    Ours begin with what matters most, so the end is cut off, and never within a line: a row of a
    table, a fence and a code span stay whole.
    """
    if len(text.encode()) <= most:
        return text
    lines = text.splitlines(keepends=True)
    note = f"\n*Cut here: {len(lines)} lines have no room in {most} bytes.*\n"
    room = most - len(note.encode())
    kept: list[str] = []
    for line in lines:
        room -= len(line.encode())
        if room < 0:
            break
        kept.append(line)
    while sum(line.startswith(_FENCE) for line in kept) % 2:
        kept.pop()  # a diagram that would not end
    note = f"\n*Cut here: {len(lines) - len(kept)} of {len(lines)} lines have no room.*\n"
    whole = "".join(kept) + note
    return whole if len(whole.encode()) <= most else ""
