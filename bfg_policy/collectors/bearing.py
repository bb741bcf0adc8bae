"""How a transaction becomes a tenant's: by a parameter, or by a claim that is signed."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bfg_policy.collectors.rehearsal.stage import Stage

    # The parameters that make a transaction a tenant's.
    Bearer = Callable[[str], Mapping[str, str]]

_KEY_ID = "probe"
_KEY_BYTES = 32
# Seconds since 1970, in the year 5138: the key is gone long before, with its transaction.
_EXPIRY = 10**11


def bearer(stage: Stage) -> Bearer:
    """What makes a transaction a tenant's, for the application.

    stage: in a transaction that is undone, with the schema in it: where claims are signed, a key
    of this transaction's own is set for them.
    """
    tenant_of = stage.schema_map.tenant
    if not tenant_of.signed:
        return lambda tenant: {tenant_of.setting: tenant}
    secret = secrets.token_bytes(_KEY_BYTES)
    _set_key(stage, secret)
    return lambda tenant: {tenant_of.claim_setting: _signed(tenant, secret)}


def _signed(tenant: str, secret: bytes) -> str:
    """The claim of a tenant: `key.tenant.expiry.signature`, as the packets read it."""
    message = f"{_KEY_ID}.{tenant.encode().hex()}.{_EXPIRY}"
    return f"{message}.{hmac.digest(secret, message.encode(), 'sha256').hex()}"


def _set_key(stage: Stage, secret: bytes) -> None:
    schema_map = stage.schema_map
    owner = schema_map.roles.owner
    stage.lend([owner])
    stage.connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(owner)))
    function = sql.Identifier(schema_map.control, "set_claim_key")
    stage.connection.execute(sql.SQL("SELECT {}(%s, %s)").format(function), [_KEY_ID, secret])
    stage.connection.execute("RESET ROLE")
