"""Files to documents: plain data, and the place of every key and value; the only input IO."""

from bfg_policy.source.files import (
    DATA_SUFFIXES,
    Listing,
    list_files,
    parse_document,
    read_bytes,
    read_document,
    read_text,
    shown_path,
    unreadable,
)
from bfg_policy.source.limits import MAX_BYTES, MAX_DEPTH, MAX_FILES, MAX_NODES
from bfg_policy.source.nodes import Ambiguous, Document

__all__ = [
    "DATA_SUFFIXES",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_FILES",
    "MAX_NODES",
    "Ambiguous",
    "Document",
    "Listing",
    "list_files",
    "parse_document",
    "read_bytes",
    "read_document",
    "read_text",
    "shown_path",
    "unreadable",
]
