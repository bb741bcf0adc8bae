"""How much input is read at most: what is larger is refused with the limit in the message."""

from __future__ import annotations

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 1_000_000
MAX_FILES = 10_000
