"""What templates read plain data with: a text in a language, a fact that may not be there yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bfg_policy.rendering.quoting import Quoted

NOT_RECORDED = Quoted("not recorded")


def recorded(value: object, *path: object, default: object = NOT_RECORDED) -> object:
    """The value at a path of keys below `value`, or `default` where there is none yet.

    None, an empty text and a missing key or item are all not recorded. What is found still has
    to be quoted.
    """
    for key in path:
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value):
            value = value[key]
        else:
            return default
    return default if value is None or value == "" else value


def text(texts: Mapping[str, str], language: str = "en") -> str:
    """A text in a language; where it is not translated, in the first language that it has."""
    if language in texts:
        return texts[language]
    return texts[min(texts)] if texts else ""


def plural(count: int, one: str, many: str) -> str:
    """A count with its noun, such as `1 gate` or `32 gates`; quoted where both nouns are."""
    whole = f"{count} {one if count == 1 else many}"
    return Quoted(whole) if isinstance(one, Quoted) and isinstance(many, Quoted) else whole


READING_FILTERS: dict[str, Callable[..., object]] = {"text": text, "plural": plural}
FUNCTIONS: dict[str, Callable[..., object]] = {"recorded": recorded}
