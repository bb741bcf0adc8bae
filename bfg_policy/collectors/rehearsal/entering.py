"""How a login is made where the DSN leaves open whether the connection is protected."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.collectors.endpoints import Endpoint

_OPEN = ("allow", "prefer")


def protected(endpoint: Endpoint) -> Mapping[str, str]:
    """What the driver is told beside the DSN, so that no password goes over a bare connection.

    Whoever wants it bare says so in the DSN, with `sslmode=disable`.
    """
    if endpoint.is_socket or endpoint.sslmode not in _OPEN:
        return {}
    return {"sslmode": "require"}
