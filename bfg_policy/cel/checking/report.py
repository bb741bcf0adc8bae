"""Where the parts of the static check put what they find."""

from __future__ import annotations

from bfg_policy.cel.errors import CelProblem
from bfg_policy.cel.types import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bfg_policy.cel.errors import ProblemKind
    from bfg_policy.cel.syntax import Expr, Node
    from bfg_policy.cel.types import Type

_SHOWN = 60


class Report:
    """The problems of one rule so far."""

    def __init__(self, expr: Expr) -> None:
        self.expr = expr
        self.problems: list[CelProblem] = []

    def error(
        self,
        kind: ProblemKind,
        message: str,
        place: Node | tuple[int, int],
        *,
        suggestion: str | None = None,
        hint: str | None = None,
    ) -> Type:
        """Add a mistake. Gives the `error` type, which keeps what is built on it quiet."""
        start, end = place if isinstance(place, tuple) else (place.start, place.end)
        self.problems.append(
            CelProblem(kind, message, start, end, suggestion=suggestion, hint=hint)
        )
        return ERROR

    def warn(
        self, kind: ProblemKind, message: str, place: Node | tuple[int, int], hint: str
    ) -> None:
        """Add what is not wrong but cannot be meant."""
        self.error(kind, message, place, hint=hint)
        self.problems[-1].severity = "warning"

    def text(self, node: Node) -> str:
        """The text of a part, on one line and short enough for a message."""
        text = " ".join(self.expr.text_of(node).split())
        return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
