"""The process between us and a server of our own: it sees to it that nothing of it stays."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from bfg_policy.collectors.certificates import ADDRESS
from bfg_policy.collectors.faults import NoServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bfg_policy.collectors.accounts import Account
    from bfg_policy.collectors.programs import Programs

ADMIN = "postgres"
PASSWORD_FILE = "password"  # noqa: S105 - a file's name
_LOG, _PID, _ENDED = "log", "pid", "ended"
_START_SECONDS = 60
_STOP_SECONDS = 30
_GLANCE_SECONDS = 0.02
# Of `postmaster.pid`, PostgreSQL's own file: which line says whether it takes connections.
_STATE_LINE = 7
# What its log ends with where somebody else listens on the port.
_NO_PORT = "could not create any TCP/IP sockets"
# It ends when its standard input does, which is when we are gone, be it by SIGKILL; and takes
# the server and its folder with it. Its arguments: the folder, PostgreSQL's programs, the
# encoding, then the server's own options.
_SCRIPT = f"""
folder=$1 programs=$2 encoding=$3
shift 3
cd "$folder" || exit
if "$programs/initdb" --pgdata=data --username={ADMIN} --pwfile={PASSWORD_FILE} \
  --auth=scram-sha-256 --encoding="$encoding" --locale=C --no-sync >{_LOG} 2>&1
then
  rm {PASSWORD_FILE}
  (
    sh -c 'echo $$ >{_PID}; exec "$@"' sh "$programs/postgres" -D data "$@" >>{_LOG} 2>&1
    : >{_ENDED}
  ) &
else
  : >{_ENDED}
fi
while read -r _; do :; done
until [ -e {_ENDED} ] || [ -s {_PID} ]; do sleep 0.05; done
[ -e {_ENDED} ] || kill -QUIT "$(cat {_PID})"
wait
cd /
rm -rf -- "$folder"
"""


class PortTaken(NoServer):
    """Somebody else took the server's port before it did."""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server((ADDRESS, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


class Keeper:
    """Starts a server in a folder, and takes both away."""

    def __init__(self, folder: Path, account: Account | None) -> None:
        """account: whom everything runs as; None for ourselves."""
        self._folder = folder
        self._account = account

    @contextmanager
    def running(
        self, programs: Programs, encoding: str, settings: Mapping[str, str]
    ) -> Iterator[None]:
        """The server, as long as this lasts. Raises NoServer where it does not start."""
        options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        arguments = [str(self._folder), str(programs.folder), encoding, *options]
        keeper = self._start(arguments)
        assert keeper.stdin is not None
        try:
            self._wait_until_ready(keeper)
            yield
        finally:
            keeper.stdin.close()
            # On a busy machine it may take longer: then it goes on by itself.
            with suppress(subprocess.TimeoutExpired):
                keeper.wait(_STOP_SECONDS)

    def _start(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        as_other = self._account is not None
        user, group = self._account or (None, None)
        try:
            return subprocess.Popen(  # noqa: S603 - a script of ours
                ["/bin/sh", "-c", _SCRIPT, "sh", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"LC_ALL": "C", "PATH": os.defpath},
                user=user,
                group=group,
                extra_groups=[] if as_other else None,
                # The terminal's Ctrl-C is for us: we end, and then it does.
                start_new_session=True,
            )
        except OSError as error:
            raise NoServer(f"PostgreSQL cannot be started: {error.strerror}") from None

    def _wait_until_ready(self, keeper: subprocess.Popen[bytes]) -> None:
        latest = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if (self._folder / _ENDED).exists() or keeper.poll() is not None:
                why = self._last_words()
                kind = PortTaken if _NO_PORT in why else NoServer
                raise kind(f"PostgreSQL did not start: {why}")
            if time.monotonic() > latest:
                raise NoServer(f"PostgreSQL did not start within {_START_SECONDS} s")
            time.sleep(_GLANCE_SECONDS)

    def _is_ready(self) -> bool:
        try:
            state = (self._folder / "data" / "postmaster.pid").read_text("utf-8").splitlines()
        except OSError:
            return False
        return len(state) > _STATE_LINE and state[_STATE_LINE].strip() == "ready"

    def _last_words(self) -> str:
        """The last error of the server's log, without the folder's name."""
        try:
            log = (self._folder / _LOG).read_text("utf-8", "replace")
        except OSError:
            return "it left no log"
        lines = [line for line in log.splitlines() if "FATAL" in line or "error" in line]
        return (lines or ["it does not say why"])[-1].replace(str(self._folder), "…")
