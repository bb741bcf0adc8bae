"""Whether the server's TLS and certificate are those that are asked for, before anybody logs in."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from bfg_policy.collectors.faults import Unobservable
from bfg_policy.collectors.tls import Certificate, NoAnswer, NoRoots, look_at, roots_of
from bfg_policy.instants import format_instant

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bfg_policy.collectors.course import Checks
    from bfg_policy.collectors.endpoints import Endpoint
    from bfg_policy.collectors.records import Kind

_PROTECTED = "the connection is protected"
_DEMANDING = ("require", "verify-ca", "verify-full")


class Trust:
    """What is asked of a server's TLS, and what it showed.

    A live target must have TLS, whatever the DSN says: a gate relies on its certificate.
    """

    def __init__(self, endpoint: Endpoint, kind: Kind, pins: frozenset[str], at: datetime) -> None:
        self._endpoint = endpoint
        self._mode = endpoint.sslmode
        self._required = kind == "live" or bool(pins) or self._mode in _DEMANDING
        self._pins = pins
        self._at = at
        self._roots: Path | None = roots_of(endpoint)
        self._seen: Certificate | None = None

    def look(self, checks: Checks, *, takes_tls: bool) -> None:
        """Hold the server's TLS against what is asked of it. takes_tls: what it answered."""
        checks.facts["required"] = self._required
        absent = self._absent(takes_tls=takes_tls)
        if absent is not None:
            if self._required:
                checks.stop(_PROTECTED, absent)
            checks.note(_PROTECTED, f"{absent}; nothing asks for it, and nothing is proved")
            return
        try:
            self._seen = look_at(self._endpoint, self._roots)
        except NoRoots:
            raise Unobservable(
                "the certificate is trusted", "the trusted certificates cannot be read"
            ) from None
        except NoAnswer as error:
            checks.stop(_PROTECTED, str(error))
        self._tell(self._seen, checks)
        self._hold(self._seen, checks)

    def login_parameters(self) -> dict[str, str]:
        """What the driver is told beside the DSN, so that it asks for no less than was seen."""
        if self._seen is None:
            return {}
        if self._seen.full_fault is None and (roots := self._root_file()) is not None:
            return {"sslmode": "verify-full", "sslrootcert": roots}
        return {} if self._mode in _DEMANDING else {"sslmode": "require"}

    def _root_file(self) -> str | None:
        """The trusted certificates as a file, which is all that the driver's library takes."""
        return str(self._roots) if self._roots else ssl.get_default_verify_paths().cafile

    def _absent(self, *, takes_tls: bool) -> str | None:
        """Why there is no TLS to look at; None where there is."""
        if self._mode == "disable":
            return "the DSN turns TLS off (`sslmode=disable`)"
        if takes_tls:
            return None
        if self._endpoint.is_socket:
            return "a Unix socket has no TLS"
        return "the server takes no TLS"

    def _tell(self, seen: Certificate, checks: Checks) -> None:
        checks.facts.update(
            {
                "sha256": seen.sha256,
                "public_key_sha256": seen.key_sha256,
                "expires_at": format_instant(seen.ends),
                "protocol": seen.protocol,
                "verify_ca": seen.chain_fault is None,
                "verify_full": seen.full_fault is None,
                "pinned": bool(self._pins),
            }
        )
        checks.passed(_PROTECTED, seen.protocol)
        checks.passed("the certificate is known", f"SHA-256 {seen.sha256}")
        checks.note("its public key", f"SHA-256 {seen.key_sha256}")

    def _hold(self, seen: Certificate, checks: Checks) -> None:
        if self._pins:
            is_pinned = bool(self._pins & {seen.sha256, seen.key_sha256})
            found = "" if is_pinned else "it is another one; nobody logs in"
            checks.demand("it is the pinned one", holds=is_pinned, found=found)
        if self._at < seen.begins:
            checks.failed("it is valid", f"only from {format_instant(seen.begins)}")
        else:
            when = f"until {format_instant(seen.ends)}"
            checks.demand("it is valid", holds=self._at < seen.ends, found=when)
        self._hold_trust(seen, checks)

    def _hold_trust(self, seen: Certificate, checks: Checks) -> None:
        """The DSN says what must hold; without a word from it, what does not is only told."""
        for mode, what, fault in (
            ("verify-ca", "somebody trusted vouches for it", seen.chain_fault),
            ("verify-full", "it is this server's own", seen.full_fault),
        ):
            must = self._mode in ("verify-full", mode)
            if fault is None:
                checks.passed(what, f"{mode} holds")
            elif must:
                checks.failed(what, fault)
            else:
                checks.note(what, f"{mode} does not hold: {fault}")
