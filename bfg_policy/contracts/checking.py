"""Whether a contract is one: keywords that exist, references that lead somewhere, safe patterns.

A contract comes from a pull request, too. What JSON Schema would silently ignore (a misspelt
keyword, an unknown format) would be a check that never fails: it is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bfg_policy.contracts.formats import why_no_pattern
from bfg_policy.contracts.keywords import FORMATS, KNOWN, SUFFIX, Path, Schema, every, pointer
from bfg_policy.contracts.words import either
from bfg_policy.errors import Finding
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bfg_policy.source import Document

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MOST_PATTERNS = 100
_NO_FETCHING = "nothing is ever fetched: contracts refer to files of their own folder"


def check_contract(document: Document, has: Callable[[str, str], bool]) -> list[Finding]:
    """What keeps a file from being used as a contract (BFG207); empty where nothing does.

    has: whether a contract of that name has something at that JSON pointer.
    """
    findings = list(_findings(document, has))
    if findings:
        return findings
    from jsonschema_rs import meta

    return [] if meta.is_valid(document.data) else [_against_dialect(document)]


def _findings(document: Document, has: Callable[[str, str], bool]) -> Iterator[Finding]:
    schema = document.data
    dialect = schema.get("$schema", _DIALECT)
    if dialect != _DIALECT:
        message = f"contracts are JSON Schema 2020-12: `$schema` is `{_DIALECT}`"
        yield _finding(document, ("$schema",), message)
    name = document.path.replace("\\", "/").rpartition("/")[2].removesuffix(SUFFIX)
    for path, found in every(schema):
        yield from _keywords(document, path, found)
        yield from _patterns(document, path, found)
        ref = found.get("$ref")
        if isinstance(ref, str) and not _leads_somewhere(name, ref, schema, has):
            message = f"the reference `{ref}` leads to no contract at hand"
            yield _finding(document, (*path, "$ref"), message, note=_NO_FETCHING)


def _keywords(document: Document, path: Path, schema: Schema) -> Iterator[Finding]:
    for keyword in schema:
        if keyword not in KNOWN and not keyword.startswith("x-"):
            yield Finding(
                "BFG207",
                f"unknown keyword `{keyword}`",
                document.place((*path, keyword), key=True),
                note="JSON Schema would ignore it, and nothing would be checked",
                suggestion=closest(keyword, sorted(KNOWN)),
            )
    if path and "$id" in schema:
        message = "`$id` may stand only at the top"
        yield _finding(document, (*path, "$id"), message, key=True)
    form = schema.get("format", "date")
    if form not in FORMATS:
        known = ", ".join(f"`{name}`" for name in sorted(FORMATS))
        message = f"the format `{form}` is not checked; those that are: {known}"
        yield _finding(document, (*path, "format"), message, hint="use a `pattern`")
    if isinstance(schema.get("multipleOf", 1), float):
        message = "`multipleOf` takes a whole number: fractions are not exact"
        yield _finding(document, (*path, "multipleOf"), message)


def _patterns(document: Document, path: Path, schema: Schema) -> Iterator[Finding]:
    patterns: list[tuple[Path, str, bool]] = []
    if isinstance(schema.get("pattern"), str):
        patterns.append(((*path, "pattern"), schema["pattern"], False))
    named: Any = schema.get("patternProperties")
    if isinstance(named, dict) and len(named) > _MOST_PATTERNS:
        message = (
            f"more than {_MOST_PATTERNS} patterns of keys, the limit: each is tried on each key"
        )
        yield _finding(document, (*path, "patternProperties"), message, key=True)
    elif isinstance(named, dict):
        patterns += [((*path, "patternProperties", text), text, True) for text in named]
    for where, text, is_key in patterns:
        why = why_no_pattern(text)
        if why is not None:
            shown = text if len(text) <= 80 else f"{text[:79]}…"
            message = f"the pattern `{shown}` cannot be used: {why}"
            yield _finding(document, where, message, key=is_key)


def _leads_somewhere(name: str, ref: str, schema: Schema, has: Callable[[str, str], bool]) -> bool:
    file, _, fragment = ref.partition("#")
    if file and not file.endswith(SUFFIX):
        return False
    target = file.removesuffix(SUFFIX) or name
    if target != name:
        return has(target, fragment)
    try:
        return isinstance(pointer(schema, fragment), (dict, bool))
    except KeyError:
        return False


def _against_dialect(document: Document) -> Finding:
    """What JSON Schema's own schema has against a contract: its most telling complaint."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(
        Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(document.data)
    )
    path = tuple(error.absolute_path) if error else ()
    keyword = next((step for step in reversed(path) if isinstance(step, str)), "the contract")
    finding = _finding(document, path, f"`{keyword}` is not what JSON Schema 2020-12 allows there")
    if keyword != "type" or error is None or not isinstance(error.instance, str):
        return finding
    known = ("array", "boolean", "integer", "null", "number", "object", "string")
    meant = closest(error.instance, known)
    return finding._replace(suggestion=meant, hint=None if meant else f"a type is {either(known)}")


def _finding(
    document: Document,
    path: Path,
    message: str,
    *,
    key: bool = False,
    note: str | None = None,
    hint: str | None = None,
) -> Finding:
    return Finding("BFG207", message, document.place(path, key=key), note=note, hint=hint)
