"""What the exit codes mean. They are a promise to other people's scripts."""

from __future__ import annotations

OK = 0  # judged, and all that was required is ready
NOT_READY = 1  # judged; something required is not ready, or an error finding stands
USAGE = 2  # a wrong option, a path or a required board that does not exist
NOTHING = 3  # no policies, or no scenario
CANNOT_JUDGE = 4  # input that cannot be judged
BUG = 70  # a bug of ours (EX_SOFTWARE)
CANNOT_WRITE = 74  # the output could not be written (EX_IOERR)
INTERRUPTED = 130  # Ctrl-C, as shells count it
