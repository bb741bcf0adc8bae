"""Mistakes to findings: one each, at the token, with the word that was probably meant."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.contracts import words
from bfg_policy.contracts.formats import matches
from bfg_policy.contracts.mistake import Mistake, suggestion_among
from bfg_policy.contracts.mistakes import mistakes_of
from bfg_policy.contracts.schemas import (
    Resolving,
    allowed_fields,
    description,
    key_description,
    schemas_at,
    takes_boolean,
)
from bfg_policy.errors import Finding, Place, Related, in_order
from bfg_policy.source.shown import cut
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bfg_policy.contracts.keywords import Path, Schema
    from bfg_policy.contracts.located import Located
    from bfg_policy.contracts.validating import Validators
    from bfg_policy.source import Ambiguous

MAX_FINDINGS = 100
# jsonschema is slow: a document of a million mistakes is not read to its end.
_MOST_ERRORS = 1_000
_MOST_LISTED = 12
_JSON = ".json"
# An item of a list whose hyphen has no space after it is a text to YAML.
_TIGHT_ITEM = re.compile(r"-[^\s-]")
_BOOLEANS = {"the boolean true": "true", "the boolean false": "false"}


def explain(
    contracts: Resolving,
    views: Sequence[tuple[str, object]],
    validators: Validators,
    where: Located,
) -> list[Finding]:
    """The findings of a document, in the order of their places; views as `Contracts.findings`."""
    found: dict[tuple[object, ...], _Seen] = {}
    wrong = [name for name, data in views if not validators.accept(name, data)]
    for name, data in views:
        for mistake in _mistakes(validators, name, data) if name in wrong else ():
            key = (mistake.kind, mistake.path, mistake.names, mistake.message)
            found.setdefault(key, _Seen(name, mistake))
    explainer = _Explainer(contracts, views, where)
    findings = list(explainer.findings(list(found.values())))
    if wrong and not findings:
        fits = words.either(f"`{name}`" for name in wrong)
        message = f"the document does not fit its contract {fits}"
        findings = [Finding("BFG205", message, where.place())]
    return _cut_short(in_order(findings), explainer.untold)


def _cut_short(findings: Sequence[Finding], untold: int) -> list[Finding]:
    """The first findings; untold: how many there are besides these."""
    shown, rest = list(findings[:MAX_FINDINGS]), len(findings[MAX_FINDINGS:]) + untold
    if rest > 0:
        more = f"{rest} more findings in this document are not shown"
        shown.append(Finding(shown[-1].code, more, Place(shown[-1].place.path), "note"))
    return shown


def _mistakes(validators: Validators, name: str, data: object) -> Iterator[Mistake]:
    try:
        for error in islice(validators.errors(name, data), _MOST_ERRORS):
            yield from mistakes_of(error)
    except RecursionError:
        yield Mistake("value", (), message="is nested too deep for its contract")


class _Seen(NamedTuple):
    """A mistake, and the contract that found it."""

    name: str
    mistake: Mistake

    @property
    def path(self) -> Path:
        return self.mistake.path


class _Explainer:
    """Turns the mistakes of one document into findings; untold: how many are left out."""

    def __init__(
        self, contracts: Resolving, views: Sequence[tuple[str, object]], where: Located
    ) -> None:
        self._contracts = contracts
        self._views = views
        self._where = where
        self.untold = 0

    def findings(self, found: Sequence[_Seen]) -> Iterator[Finding]:
        """One finding for each scalar that is ambiguous, and for each mistake that stands."""
        ambiguous = self._where.ambiguous(())
        self.untold = len(ambiguous[MAX_FINDINGS:])
        for item in ambiguous[:MAX_FINDINGS]:
            yield self._ambiguous(item)
        standing = self._standing(found, {item.path for item in ambiguous})
        fields: dict[Path, list[_Seen]] = {}
        values: dict[Path, _Seen] = {}
        for seen in standing:
            kind, path = seen.mistake.kind, seen.path
            if kind in {"unknown", "missing"}:
                fields.setdefault(path, []).append(seen)
            elif kind == "key":
                yield self._wrong_key(seen)
            elif path not in values or seen.mistake.rank < values[path].mistake.rank:
                values[path] = seen
        for path, seen_there in fields.items():
            yield from self._wrong_fields(path, seen_there)
        for seen in values.values():
            yield self._wrong_value(seen)

    def _standing(self, found: Sequence[_Seen], ambiguous: set[Path]) -> list[_Seen]:
        """The mistakes that are not consequences of others."""
        own = [seen for seen in found if not self._is_consequence(seen)] or found
        unknown = {
            (*seen.path, seen.mistake.names[0]) for seen in own if seen.mistake.kind == "unknown"
        }
        values = {seen.path for seen in own if seen.mistake.kind in {"type", "choice", "value"}}
        at_or_below = ambiguous | unknown
        return [
            seen
            for seen in own
            if not any(seen.path[:length] in at_or_below for length in range(len(seen.path) + 1))
            and not any(seen.path[:length] in values for length in range(len(seen.path)))
        ]

    def _is_consequence(self, seen: _Seen) -> bool:
        """A field that is only unevaluated because something is wrong in what evaluates it."""
        if seen.mistake.message != "unevaluatedProperties":
            return False
        return seen.mistake.names[0] in allowed_fields(self._schemas(seen.name, seen.path))

    def _wrong_fields(self, path: Path, found: Sequence[_Seen]) -> Iterator[Finding]:
        """Unknown and missing fields of one mapping; a misspelling is both, and one finding."""
        missing = [seen for seen in found if seen.mistake.kind == "missing"]
        present = self._present(path)
        known = [name for seen in missing for name in seen.mistake.names]
        for view, _ in self._views:
            known += allowed_fields(self._schemas(view, path))
        free = [name for name in dict.fromkeys(known) if name not in present]
        for seen in found:
            if seen.mistake.kind != "unknown":
                continue
            name = seen.mistake.names[0]
            meant = closest(name, [str(value) for value in seen.mistake.allowed] or free)
            paired = [other for other in missing if meant in other.mistake.names]
            missing = [other for other in missing if other not in paired]
            free = [other for other in free if other != meant]
            yield self._unknown(path, name, meant, free, is_missing=bool(paired))
        for seen in missing:
            yield self._missing(seen)

    def _unknown(
        self, path: Path, name: str, meant: str | None, free: Sequence[str], *, is_missing: bool
    ) -> Finding:
        hint = None
        if meant is None and 0 < len(free) <= _MOST_LISTED:
            hint = f"what could still stand here: {words.listing(free)}"
        return Finding(
            "BFG201",
            f"unknown field `{cut(name)}`",
            self._where.place((*path, name), key=True),
            note=f"so `{meant}` is missing" if is_missing else "nothing reads it",
            hint=hint,
            suggestion=meant,
        )

    def _missing(self, seen: _Seen) -> Finding:
        names = seen.mistake.names
        inside = f" in {words.field(seen.path)}" if seen.path else ""
        return Finding(
            "BFG202",
            f"{words.either(f'`{name}`' for name in names)} is missing{inside}",
            self._where.place(seen.path),
            hint=self._describe(seen.name, (*seen.path, names[0])),
        )

    def _wrong_key(self, seen: _Seen) -> Finding:
        mistake = seen.mistake
        schemas = self._schemas(seen.name, seen.path)
        return Finding(
            "BFG205",
            f"the key `{cut(mistake.names[0])}` {mistake.message}",
            self._where.place((*seen.path, mistake.names[0]), key=True),
            hint=mistake.hint or key_description(self._contracts, seen.name, schemas),
            suggestion=mistake.mended,
        )

    def _wrong_value(self, seen: _Seen) -> Finding:
        mistake, place = seen.mistake, self._where.place(seen.path)
        subject = words.field(seen.path)
        hint = mistake.hint or self._describe(seen.name, seen.path)
        if mistake.kind == "type":
            raw = _raw(place, mistake.value)
            expected = words.either(mistake.expected)
            message = f"{subject} is {words.actual(mistake.value, raw)} and should be {expected}"
            in_json = (place.path or "").endswith(_JSON)
            mend = _type_hint(mistake, raw, self._patterns(seen), in_json=in_json)
            return Finding("BFG203", message, place, hint=mend or hint)
        if mistake.kind == "choice":
            meant = suggestion_among(mistake.value, mistake.allowed)
            message = f"{subject} {mistake.message}"
            return Finding("BFG204", message, place, hint=hint, suggestion=meant)
        related: tuple[Related, ...] = ()
        if mistake.related is not None:
            related = (Related(self._where.place(mistake.related), "the first one"),)
        return Finding(
            "BFG205",
            f"{subject} {mistake.message}",
            place,
            hint=hint,
            suggestion=mistake.mended,
            related=related,
        )

    def _ambiguous(self, item: Ambiguous) -> Finding:
        hint, suggestion = f"quote it: `'{item.raw}'`", None
        if item.old in _BOOLEANS and any(
            takes_boolean(self._schemas(name, item.path)) for name, _ in self._views
        ):
            hint, suggestion = "a boolean is `true` or `false`", _BOOLEANS[item.old]
        return Finding(
            "BFG109",
            f"{words.field(item.path)} is `{cut(item.raw)}`: {item.old} in YAML 1.1, "
            f"{item.new} in YAML 1.2",
            self._where.place(item.path),
            note="other tools would read another value than this one",
            hint=hint,
            suggestion=suggestion,
        )

    def _schemas(self, name: str, path: Path) -> list[Schema]:
        return schemas_at(self._contracts, name, path)

    def _patterns(self, seen: _Seen) -> list[str]:
        schemas = self._schemas(seen.name, seen.path)
        return [schema["pattern"] for schema in schemas if "pattern" in schema]

    def _describe(self, name: str, path: Path) -> str | None:
        return description(self._schemas(name, path))

    def _present(self, path: Path) -> set[str]:
        """The keys that stand in the mapping at a path, by any view."""
        present: set[str] = set()
        for _, data in self._views:
            value = data
            for step in path:
                try:
                    value = value[step]  # type: ignore[index]
                except (LookupError, TypeError):
                    break
            else:
                present |= value.keys() if isinstance(value, dict) else set()
        return present


def _raw(place: Place, value: object) -> str | None:
    """A number or a boolean as it is written."""
    if isinstance(value, (str, dict, list)) or value is None or place.column is None:
        return None
    return (place.excerpt or "")[place.column - 1 :][: place.length] or None


def _type_hint(
    mistake: Mistake, raw: str | None, patterns: Sequence[str], *, in_json: bool
) -> str | None:
    if raw is not None and "a string" in mistake.expected:
        fits = all(matches(pattern, raw) for pattern in patterns)
        quote = '"' if in_json else "'"
        return f"quote it: `{quote}{cut(raw)}{quote}`" if fits else None
    if isinstance(mistake.value, str) and "a list" in mistake.expected:
        if _TIGHT_ITEM.match(mistake.value) and not in_json:
            return "begin each item with a hyphen and a space: `- item`"
        quote = '"' if in_json else ""
        return f"write a list: `[{quote}{cut(mistake.value)}{quote}]`"
    if isinstance(mistake.value, str) and _is_number(mistake.value, mistake.expected):
        return "remove the quotes"
    return None


def _is_number(text: str, expected: Sequence[str]) -> bool:
    """Whether a quoted text is the number or boolean that is due."""
    if text in {"true", "false"}:
        return bool({"a boolean", f"`{text}`"} & set(expected))
    return bool({"an integer", "a number"} & set(expected)) and text.lstrip("-").isdecimal()
