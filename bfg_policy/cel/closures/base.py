"""What every builder of closures uses: the way down the tree, and errors with a place."""

from __future__ import annotations

from bfg_policy.cel.errors import CelEvaluationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bfg_policy.cel.errors import Failure, FailureKind, Step
    from bfg_policy.cel.scope import Frame, Scope
    from bfg_policy.cel.syntax import Node

    Closure = Callable[[Frame], object]

#: What builds the closure of each form; the package fills it in one place.
BUILDERS: dict[type[Node], Callable[..., Closure]] = {}


def closure(node: Node, scope: Scope) -> Closure:
    """A function from a frame to the node's value. It raises `CelEvaluationError`."""
    return BUILDERS[type(node)](node, scope)


def evaluate(node: Node, scope: Scope, frame: Frame) -> object:
    """The value of a node in a frame that is in use already, and grows with it."""
    run = closure(node, scope)
    frame.grow(scope.size)
    return run(frame)


def failed(
    kind: FailureKind, message: str, node: Node, keys: Sequence[Step] | None = None
) -> CelEvaluationError:
    """The error of a node. keys: where in the data it happened."""
    return CelEvaluationError(kind, message, node.start, node.end, keys)


def placed(failure: Failure, node: Node) -> CelEvaluationError:
    """The error of an operation that failed at a node."""
    return failed(failure.kind, failure.message, node)
