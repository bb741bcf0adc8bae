"""What can be wrong with a rule: problems found before it runs, and failures while it runs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    ProblemKind = Literal[
        "syntax", "name", "field", "type", "result", "regex", "limit", "constant", "optional"
    ]
    Severity = Literal["error", "warning"]
    FailureKind = Literal[
        "missing", "type", "argument", "overflow", "division", "index", "function", "limit"
    ]
    Step = str | int


class CelProblem:
    """One mistake in the text of a rule.

    start, end: the offending part, as offsets of code points in the text.
    suggestion: what should stand there instead, whole; hint: what to do, in a sentence.
    """

    __slots__ = ("end", "hint", "kind", "message", "severity", "start", "suggestion")

    def __init__(
        self,
        kind: ProblemKind,
        message: str,
        start: int,
        end: int,
        *,
        suggestion: str | None = None,
        hint: str | None = None,
        severity: Severity = "error",
    ) -> None:
        self.kind = kind
        self.message = message
        self.start = start
        self.end = end
        self.suggestion = suggestion
        self.hint = hint
        self.severity = severity

    def _key(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CelProblem) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        extra = "".join(
            f", {name}={value!r}"
            for name, value in (("suggestion", self.suggestion), ("hint", self.hint))
            if value is not None
        )
        return (
            f"CelProblem({self.severity} {self.kind}, {self.message!r}, "
            f"{self.start}, {self.end}{extra})"
        )


class CelSyntaxError(Exception):
    """The text is not an expression, or is larger than a rule may be.

    problem: the one thing that is wrong; its message is the exception's text.
    """

    def __init__(self, problem: CelProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem

    def __reduce__(self) -> tuple[type[CelSyntaxError], tuple[CelProblem]]:
        return CelSyntaxError, (self.problem,)


class CelEvaluationError(Exception):
    """An expression that has no value for this data.

    kind: `missing` where a variable, field or key is not there, `type` where an operator or
        function does not take such values, `argument` where a function does not take this
        very value, `overflow`, `division` (by zero), `index` (a list has no such
        element), `function` (no such function), `limit` (over the budget).
    start, end: the sub-expression that failed, as offsets of code points in the rule.
    keys: where in the data it happened, from the name of a variable on; None where the value
        was computed. path: the same as text, such as `evidence.tls.sha256`.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        start: int,
        end: int,
        keys: Sequence[Step] | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.start = start
        self.end = end
        self.keys = None if keys is None else tuple(keys)

    def __reduce__(self) -> tuple[type[CelEvaluationError], tuple[object, ...]]:
        given = (self.kind, self.message, self.start, self.end, self.keys)
        return CelEvaluationError, given

    @property
    def path(self) -> str | None:
        """Where in the data it happened, as a rule would write it."""
        return None if self.keys is None else path_text(self.keys)


class Failure(Exception):
    """An operation that fails; the evaluator that ran it knows the place.

    kind, message: as in `CelEvaluationError`.
    """

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def path_text(keys: Sequence[Step]) -> str:
    """The way to a value, as a rule would write it: `items[2].name`, `claims["a b"]`."""
    parts: list[str] = []
    for key in keys:
        if isinstance(key, int):
            parts.append(f"[{key}]")
        elif key.isidentifier() and key.isascii():
            parts.append(f".{key}" if parts else key)
        else:
            quoted = key.replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'["{quoted}"]')
    return "".join(parts)


def closest(word: str, choices: Sequence[str]) -> str | None:
    """The choice that `word` was probably meant to be, or None."""
    from difflib import get_close_matches

    by_folded = {choice.casefold(): choice for choice in choices}
    if word.casefold() in by_folded:
        return by_folded[word.casefold()]
    return next(iter(get_close_matches(word, choices, 1, 0.7)), None)
