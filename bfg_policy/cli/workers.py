"""Work shared among processes, where there is so much of it that starting them pays."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

# Fewer items than this are done before another process has begun.
_WORTH_IT = 400
_CHUNK = 50

# What the processes do, and on what: they are forks, and see what stood here when they began.
_task: tuple[Callable[..., object], Sequence[object]] | None = None


def shared(
    work: Callable[[_Item], _Result], items: Sequence[_Item], jobs: int | None
) -> list[_Result]:
    """What `work` gives for each item, in their order.

    jobs: how many processes; None for as many as the machine has, where the items are many. What
    is worked on need not be picklable, what comes of it must be.
    """
    most = jobs if jobs is not None else _worth(len(items))
    if most == 1 or len(items) < 2 or not hasattr(os, "fork"):
        return [work(item) for item in items]
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    size = min(_CHUNK, -(-len(items) // most))
    parts = [slice(start, start + size) for start in range(0, len(items), size)]
    global _task  # noqa: PLW0603 - the one thing that a fork takes over without being told
    _task = (work, items)
    pool = ProcessPoolExecutor(min(most, len(parts)), get_context("fork"), _wait_to_be_told)
    try:
        done = pool.map(_part, parts)
        return [result for part in done for result in part]  # type: ignore[misc]
    finally:
        pool.shutdown(cancel_futures=True)
        _task = None


def _wait_to_be_told() -> None:
    """Leave it to the first process to say that somebody has interrupted it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _worth(items: int) -> int:
    """How many processes so many items are worth: one, where there are few."""
    if items < _WORTH_IT:
        return 1
    can_tell = hasattr(os, "sched_getaffinity")
    processors = len(os.sched_getaffinity(0)) if can_tell else os.cpu_count() or 1
    return min(processors, items // _CHUNK)


def _part(part: slice) -> list[object]:
    assert _task is not None
    work, items = _task
    return [work(item) for item in items[part]]
