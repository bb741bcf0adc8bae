"""`bfg-digest-1`: one digest for one snapshot, and the digest of an evidence record.

A row's line is its canonical JSON (RFC 8785); a table's digest is the SHA-256 of the sorted
hexadecimal SHA-256 of its lines, each followed by a line feed (`LC_ALL=C sort | sha256sum`
agrees); a snapshot's is the SHA-256 of the canonical JSON of its tables' rows and digests with
the schema and the tenant.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ALGORITHM = "bfg-digest-1"
LARGEST_INTEGER = 2**53 - 1


class NotCanonical(ValueError):
    """A value outside the profile of `bfg-digest-1`.

    path: keys and indices from the value that was given down to the one that does not fit.
    """

    def __init__(self, path: tuple[str | int, ...], why: str) -> None:
        super().__init__(why)
        self.path = path
        self.why = why


def canonical(value: object) -> bytes:
    """The canonical JSON (RFC 8785) of plain data, as UTF-8.

    value: dicts with ASCII keys, lists, strings, booleans, null, integers to 2^53-1. Within this
    profile the standard library's output, sorted and without blanks, is the canonical form.
    Raises NotCanonical for everything else: floats, larger integers, lone surrogates, NUL.
    """
    _check_profile(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def _check_profile(value: object) -> None:
    waiting: list[tuple[tuple[str | int, ...], object]] = [((), value)]
    while waiting:
        path, item = waiting.pop()
        if isinstance(item, dict):
            for key, child in item.items():
                if not (isinstance(key, str) and key.isascii()):
                    raise NotCanonical((*path, key), "its name is not ASCII")
                waiting.append(((*path, key), child))
        elif isinstance(item, list):
            waiting.extend(((*path, index), child) for index, child in enumerate(item))
        else:
            why = scalar_fault(item)
            if why:
                raise NotCanonical(path, why)


def scalar_fault(item: object) -> str | None:
    """Why a value that is no mapping or list is outside the profile, or None."""
    if item is None or isinstance(item, bool):
        return None
    if isinstance(item, int):
        return None if abs(item) <= LARGEST_INTEGER else "it is an integer beyond 2^53-1"
    if isinstance(item, str):
        if "\0" in item:
            return "it holds a NUL character"
        return "it holds a lone surrogate" if _has_surrogate(item) else None
    return "it is not an integer, and a digest takes no other numbers"


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _hex(data: bytes) -> str:
    return sha256(data).hexdigest()


def row_digest(row: Mapping[str, object]) -> str:
    """The digest R of a row: 64 hexadecimal digits. Raises NotCanonical."""
    return _hex(canonical(row))


def combined(digests: Iterable[str]) -> str:
    """The digest T of a table, out of its rows' digests R in whatever order they come."""
    return _hex("".join(sorted(f"{digest}\n" for digest in digests)).encode("ascii"))


def table_digest(rows: Sequence[Mapping[str, object]]) -> str:
    """The digest T of a table's rows, in whatever order they come. Raises NotCanonical."""
    digests = []
    for index, row in enumerate(rows):
        try:
            digests.append(row_digest(row))
        except NotCanonical as fault:
            raise NotCanonical((index, *fault.path), fault.why) from None
    return combined(digests)


def summary(tables: Mapping[str, Sequence[Mapping[str, object]]]) -> dict[str, dict[str, object]]:
    """What a snapshot's digest is made of: `{table: {rows, digest}}`. Raises NotCanonical."""
    found: dict[str, dict[str, object]] = {}
    for name, rows in tables.items():
        try:
            found[name] = {"rows": len(rows), "digest": table_digest(rows)}
        except NotCanonical as fault:
            raise NotCanonical((name, *fault.path), fault.why) from None
    return found


def summary_digest(schema: str, tenant: str, tables: Mapping[str, Mapping[str, object]]) -> str:
    """The digest S of a snapshot, out of its `summary`. Raises NotCanonical.

    schema: the contract of the payload.
    """
    whole = {"algorithm": ALGORITHM, "schema": schema, "tenant": tenant, "tables": tables}
    return _hex(canonical(whole))


def snapshot_digest(
    schema: str, tenant: str, tables: Mapping[str, Sequence[Mapping[str, object]]]
) -> str:
    """The digest S of a snapshot: 64 hexadecimal digits. Raises NotCanonical.

    schema: the contract of the payload; tables: rows by table, an empty table counting too.
    """
    return summary_digest(schema, tenant, summary(tables))


def record_digest(record: Mapping[str, object]) -> str:
    """The digest of an evidence record: of its canonical JSON without `sha256`.

    Raises NotCanonical.
    """
    return _hex(canonical({key: value for key, value in record.items() if key != "sha256"}))


def checksum(digest: str) -> str:
    """A digest as people see it: `bfg-` and its first 8 digits."""
    return f"bfg-{digest[:8]}"
