"""`python -m bfg_policy`: the same as the command `bfg-policy`."""

from __future__ import annotations

import os
import signal
from typing import NoReturn

_IS_OURS = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _IS_OURS:
    # Ctrl-C while the command line is still being imported: nothing has begun, so nothing is said.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))

from bfg_policy.cli import main  # noqa: E402 - what is imported takes the time


def run() -> NoReturn:
    """Run the command line, which has its own words for Ctrl-C."""
    if _IS_OURS:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    main()


if __name__ == "__main__":
    run()
