"""YAML that is none: the parser's complaint in our words, at the token that is to blame.

libyaml tells where it could not go on. That is often lines after the mistake: a bracket or a
quote that is never closed, a key that is indented for another block. These are looked for here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.source.shown import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import yaml

    from bfg_policy.source.faults import Faults
    from bfg_policy.source.text import Text

_CLOSERS = {"[": "]", "{": "}"}
_WORD = re.compile(r"[^\s,\[\]{}]+")
_KEY_SIGN = re.compile(r":(?=[\s]|$)")
# Blanks of Unicode, and what has no width at all.
_ODD_BLANKS = re.compile("[ ]*([\u00a0\u1680\u2000-\u200d\u202f\u205f\u3000\ufeff]+)")
_LIST_SIGNS = re.compile(r"(?:-\s+)*")


class Open(NamedTuple):
    """A collection that was open when the parser gave up."""

    start: int
    flow: bool


class _Fault(NamedTuple):
    """What is to be told about text[start:end]."""

    start: int
    end: int
    message: str
    hint: str | None = None
    code: str = "BFG103"


class _Case(NamedTuple):
    """The parser's complaint, and what is known around it."""

    source: Text
    text: str
    at: int
    context: str
    context_at: int
    problem: str
    opened: Sequence[Open]
    last: tuple[int, int]

    @property
    def line(self) -> int:
        return self.source.line_start(self.at)

    def word(self, at: int) -> int:
        """The end of the word at `at`, without a colon."""
        found = _WORD.match(self.text, at)
        return at + len(found.group().rstrip(":")) if found else at + 1


def not_yaml(
    error: yaml.MarkedYAMLError,
    source: Text,
    faults: Faults,
    opened: Sequence[Open],
    last: tuple[int, int],
) -> None:
    """Adds the one finding that the parser's error comes from.

    opened: the collections that were open, outermost first. last: the span of the last token.
    """
    at = min(error.problem_mark.index if error.problem_mark else last[1], len(source.text))
    context_at = error.context_mark.index if error.context_mark else at
    case = _Case(
        source,
        source.text,
        at,
        error.context or "",
        context_at,
        error.problem or "",
        opened,
        last,
    )
    fault = next(filter(None, (explain(case) for explain in _EXPLANATIONS)))
    faults.forget_from(fault.start)
    faults.add(fault.code, fault.start, fault.end, fault.message, hint=fault.hint)


def _directive(case: _Case) -> _Fault | None:
    if "directive" not in case.context and "incompatible" not in case.problem:
        return None
    start = case.context_at if "directive" in case.context else case.text.find("%")
    message = "a directive; the only one that is read is `%YAML 1.2`"
    return _Fault(start, case.word(start), message, "remove the line", "BFG107")


def _property(case: _Case) -> _Fault | None:
    for word, code in (("anchor", "BFG105"), ("alias", "BFG105"), ("tag", "BFG106")):
        if word in case.context or ("undefined tag handle" in case.problem and word == "tag"):
            start = case.context_at
            message = f"an {word} cannot be read here" if code == "BFG105" else "tags are not read"
            return _Fault(start, case.word(start), message, "quote it if it is a text", code)
    return None


def _quote(case: _Case) -> _Fault | None:
    if "quoted scalar" not in case.context:
        return None
    start = case.context_at
    if "scanning" in case.context:
        stop = min(
            (at for sign in "\r\n" if (at := case.text.find(sign, start)) >= 0),
            default=len(case.text),
        )
        message = f"the quote `{case.text[start]}` is opened here and never closed"
        return _Fault(start, stop, message, "close it")
    escape = max(start, case.text.rfind("\\", start, case.at + 1))
    end = max(case.at, escape + 2)
    written = case.text[escape:end]
    hint = "write `\\\\` for a backslash, or use single quotes"
    if written[1:2] in {"x", "u", "U"}:
        end = max(case.word(escape), escape + 2)
        if re.match(r"\\u[dD][89a-fA-F]", case.text[escape:]):
            message = "a surrogate is no character"
            return _Fault(escape, min(end, escape + 6), message, "write the character itself")
        hint = "it takes 2 (`\\x`), 4 (`\\u`) or 8 (`\\U`) hexadecimal digits of a character"
    return _Fault(escape, escape + 2, f"`{written[:2]}` is no escape here", hint)


def _tab(case: _Case) -> _Fault | None:
    start = case.line
    while case.text[start : start + 1] == " ":
        start += 1
    if case.text[start : start + 1] != "\t":
        return None
    end = start
    while case.text[end : end + 1] == "\t":
        end += 1
    return _Fault(start, end, "a tab cannot indent a line", "indent with spaces")


def _odd_blank(case: _Case) -> _Fault | None:
    """A blank that nobody can tell from a space, before the first word of a line."""
    for start in (case.line, case.source.line_start(max(case.line - 1, 0))):
        found = _ODD_BLANKS.match(case.text, start)
        if found:
            sign = f"U+{ord(found.group(1)[0]):04X}"
            message = f"the character {sign} cannot indent a line: it is no space"
            return _Fault(found.start(1), found.end(1), message, "indent with spaces")
    return None


def _bracket(case: _Case) -> _Fault | None:
    """A flow collection that is not closed where its lines end, or closed by the wrong sign."""
    inner = [found for found in case.opened if found.flow]
    if case.context.startswith("while parsing a flow") and "node" not in case.context:
        known = {found.start for found in inner}
        if case.context_at not in known and case.text[case.context_at] in _CLOSERS:
            inner.append(Open(case.context_at, flow=True))
    inner = [found for found in inner if case.text[found.start : found.start + 1] in _CLOSERS]
    if not inner:
        return None
    found = case.text[case.at : case.at + 1]
    if not found or _dedented(case, inner[0].start):
        return _never_closed(case, inner[0].start)
    opener = inner[-1].start
    closer = _CLOSERS[case.text[opener]]
    if found in _CLOSERS.values() and found != closer:
        return _never_closed(case, opener)
    if "did not find expected ','" in case.problem:
        message = f"expected `,` or `{closer}` here"
        hint = _after_quote(case) or "quote the text"
        if found == ";":
            hint = "the parts of a mapping or list are separated by commas"
        return _Fault(case.at, case.word(case.at), message, hint)
    return None


def _never_closed(case: _Case, opener: int) -> _Fault:
    sign = case.text[opener]
    stop = re.compile(r"[\r\n]|$").search(case.text, opener)
    message = f"the bracket `{sign}` is opened here and never closed"
    end = stop.start() if stop else opener + 1
    return _Fault(opener, end, message, f"close it with `{_CLOSERS[sign]}`")


def _dedented(case: _Case, opener: int) -> bool:
    """Whether a line between the opener and the problem belongs to the block around them."""
    outer = [found for found in case.opened if not found.flow and found.start < opener]
    column = case.source.column(outer[-1].start) if outer else -1
    stop = case.word(case.at)
    for line in re.finditer(r"[\r\n]([ ]*)([^\s])", case.text[opener:stop]):
        if len(line.group(1)) <= column and line.group(2) not in "]}#":
            return True
    return False


def _after_quote(case: _Case) -> str | None:
    """The hint for text that follows a closed quote: mostly an apostrophe that closed it."""
    start, end = case.last
    between = case.text[end : case.at]
    if case.text[start : start + 1] == "'" and not between.strip(" "):
        return "an apostrophe in single quotes is written twice: `''`"
    if case.text[start : start + 1] == '"' and not between.strip(" "):
        return 'a quote in double quotes is written `\\"`'
    return None


def _second_key_sign(case: _Case) -> _Fault | None:
    """`a: b: c`, a key that is indented too deep, or a line before it that is no key."""
    if "mapping values are not allowed" not in case.problem:
        return None
    first = _first_word(case)
    if case.at - first > 1024:
        return _Fault(first, case.at, "a key is longer than 1,024 characters")
    if _KEY_SIGN.search(case.text, first, case.at):
        message = "a second `: ` on one line: a text that holds it has to be quoted"
        return _Fault(case.at, case.at + 1, message, "quote the whole value")
    before = _line_before(case)
    if before is not None and case.source.column(before) == case.source.column(first):
        message = "expected a key and `: ` on this line"
        return _Fault(before, case.word(before), message, "is a space after the colon missing?")
    word = case.text[first : case.at]
    message = f"`{cut(word)}` is not aligned with the other keys of its block"
    return _Fault(first, case.at, message, "indent it as the keys beside it")


def _tight_colon(case: _Case) -> _Fault | None:
    if "found unexpected ':'" not in case.problem:
        return None
    message = "a `:` in brackets is followed by a space and the value"
    return _Fault(case.at, case.at + 1, message, "write `: `, or quote the text that holds it")


def _first_word(case: _Case) -> int:
    found = re.compile(r"[ ]*").match(case.text, case.line)
    start = found.end() if found else case.line
    signs = _LIST_SIGNS.match(case.text, start)
    return min(signs.end() if signs else start, case.at)


def _line_before(case: _Case) -> int | None:
    """The first word of the nearest line above that is not blank."""
    end = case.line
    while end > 0:
        start = case.source.line_start(end - 1)
        found = re.compile(r"[ ]*(?=[^\s#])").match(case.text, start, end)
        if found:
            return found.end()
        end = start
    return None


def _no_key_sign(case: _Case) -> _Fault | None:
    if "could not find expected ':'" not in case.problem:
        return None
    start = case.context_at
    stop = re.compile(r"[ \t]*(?:[\r\n]|$)").search(case.text, start)
    end = stop.start() if stop else start + 1
    word = cut(case.text[start:end])
    message = f"expected `: ` after `{word}`: a line of a mapping is a key and its value"
    return _Fault(start, max(end, start + 1), message)


def _misaligned(case: _Case) -> _Fault | None:
    """What the block around does not expect: another indentation, another kind, more text."""
    if not case.problem.startswith("did not find expected") or "block" not in case.context:
        return None
    start, end = case.at, case.word(case.at)
    sign = case.text[start : start + 1]
    if sign in _CLOSERS.values() and sign:
        return _Fault(start, start + 1, f"the bracket `{sign}` closes nothing", "remove it")
    if case.text[case.line : start].strip(" "):
        if sign == ",":
            return _Fault(start, end, "a `,` separates nothing here", "quote the whole value")
        message = "text after the end of the value"
        return _Fault(start, end, message, _after_quote(case) or "quote the whole value")
    column = case.source.column(start)
    if sign == ":":
        return _Fault(start, start + 1, "expected a key before the `:`")
    if column == case.source.column(case.context_at):
        item = sign == "-"
        message = (
            "a list item among the keys of a mapping"
            if item
            else f"expected `- ` before `{cut(case.text[start:end])}`: the lines above are a list"
        )
        return _Fault(start, start + 1 if item else end, message)
    what = "list item" if sign == "-" else f"key `{cut(case.text[start:end])}`"
    message = f"the {what} is not aligned with the block it belongs to"
    hint = "give all the keys of a mapping, and all the items of a list, the same indentation"
    return _Fault(start, end, message, hint)


def _no_value(case: _Case) -> _Fault | None:
    sign = case.text[case.at : case.at + 1]
    end = case.at + 1
    if "block sequence entries" in case.problem:
        return _Fault(case.at, end, "a list item cannot begin on the line of its key")
    if "mapping keys are not allowed" in case.problem:
        return _Fault(case.at, end, "a `? ` key cannot begin here", "quote it if it is a text")
    if "cannot start any token" in case.problem:
        if sign == "\t":
            return _Fault(case.at, end, "a tab cannot stand before a value", "write a space")
        message = f"a text cannot begin with `{cut(sign)}`"
        return _Fault(case.at, case.word(case.at), message, "quote it")
    if "expected node content" in case.problem and sign in {"]", "}"}:
        return _Fault(case.at, end, f"a value is missing before `{sign}`")
    if "expected node content" in case.problem:
        return _Fault(
            case.at, end, f"expected a value here, not `{sign}`", "quote it if it is text"
        )
    return None


def _block_scalar(case: _Case) -> _Fault | None:
    if "block scalar" not in case.context:
        return None
    message = f"text cannot follow the `{case.text[case.context_at]}` of a block text"
    return _Fault(case.at, case.word(case.at), message, "begin it on the next line")


def _after_the_end(case: _Case) -> _Fault | None:
    if "<document start>" not in case.problem:
        return None
    start, end = case.at, case.word(case.at)
    if re.search(r"(?:^|[\r\n])\.\.\.", case.text[: case.at]):
        message = "a second document begins here; a file holds one"
        return _Fault(start, end, message, "remove the `...` above it", "BFG107")
    message = "text after the end of the file's one value"
    return _Fault(start, end, message, _after_quote(case))


def _anything(case: _Case) -> _Fault:
    return _Fault(case.at, case.word(case.at), "this is not valid YAML here")


_EXPLANATIONS: tuple[Callable[[_Case], _Fault | None], ...] = (
    _directive,
    _quote,
    _bracket,
    _tab,
    _odd_blank,
    _property,
    _second_key_sign,
    _tight_colon,
    _no_key_sign,
    _block_scalar,
    _misaligned,
    _no_value,
    _after_the_end,
    _anything,
)
