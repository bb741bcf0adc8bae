"""The profile with signed claims: no SQL of the application hops to another tenant."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.database.packets import (
    DOWN,
    PARITY,
    ROLES_DOWN,
    ROLLBACK,
    UP,
    VERIFY,
    catalogue,
    connected,
    drifts,
    judged,
    packet,
    replays,
    run,
    undone,
)
from tests.database.servers import Server

FILES = packet(roles="signed", schema="signed", signed=True)
SECRET = bytes(range(7, 47))
TENANT = judged().scenario.tenant


def claim(tenant: str, *, key: str = "k1", secret: bytes = SECRET, lasts: float = 60) -> str:
    """A claim as whoever knows the secret makes it, with the standard library's HMAC."""
    message = f"{key}.{tenant.encode().hex()}.{int(time.time() + lasts)}"
    return f"{message}.{hmac.new(secret, message.encode(), hashlib.sha256).hexdigest()}"


@pytest.fixture(scope="module")
def login(server: Server) -> Iterator[str]:
    """The address of a database with the scenario's rows, for the application's login."""
    dsn = server.fresh_database()
    with connected(dsn) as admin:
        run(admin, FILES[UP], FILES[UP], FILES[VERIFY])
        set_key(admin, "k1", SECRET)
        run(admin, *(FILES[name] for name in replays(FILES)), FILES[PARITY], FILES[VERIFY])
        admin.execute("CREATE ROLE signed_login LOGIN IN ROLE signed_app")
    yield f"{dsn} user=signed_login"
    with connected(dsn) as admin:
        admin.execute("DROP ROLE signed_login")


def set_key(admin: psycopg.Connection[Any], name: str, secret: bytes) -> None:
    """What an operator does; no packet ever holds a secret."""
    with admin.transaction():
        admin.execute("SET LOCAL ROLE signed_owner")
        admin.execute("SELECT signed_control.set_claim_key(%s, %s)", [name, secret])


def seen(connection: psycopg.Connection[Any], given: str | None, **settings: str) -> list[Any]:
    """The tenants of all orders that the application sees with a claim."""
    with undone(connection):
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, true)", [f"bfg.{name}", value])
        if given is not None:
            connection.execute("SELECT set_config('bfg.tenant_id_claim', %s, true)", [given])
        return connection.execute("SELECT DISTINCT tenant_id FROM signed.orders").fetchall()


def test_who_brings_a_claim_sees_the_tenants_rows(login: str) -> None:
    with connected(login) as application:
        assert seen(application, claim(TENANT)) == [(TENANT,)]
        assert seen(application, claim("another")) == []


def test_two_keys_hold_while_one_takes_over_from_the_other(login: str) -> None:
    with connected(login.replace("user=signed_login", "")) as admin:
        set_key(admin, "k2", b"k2" * 50)  # longer than a block of the hash
        with connected(login) as application:
            assert seen(application, claim(TENANT)) == [(TENANT,)]
            assert seen(application, claim(TENANT, key="k2", secret=b"k2" * 50)) == [(TENANT,)]
        set_key(admin, "k2", b"x" * 32)
    with connected(login) as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        seen(application, claim(TENANT, key="k2", secret=b"k2" * 50))


FORGED = {
    "none": None,
    "an empty one": "",
    "the tenant by its name": TENANT,
    "another secret": claim(TENANT, secret=b"x" * 40),
    "an unknown key": claim(TENANT, key="k9"),
    "expired": claim(TENANT, lasts=-1),
    "expired long ago": claim(TENANT, lasts=-(10**9)),
    "the signature of another tenant's": claim("a").rpartition(".")[0].replace(
        b"a".hex(), TENANT.encode().hex()
    )
    + "."
    + claim("a").rpartition(".")[2],
    "a later end": claim(TENANT).replace(f".{int(time.time() + 60)}.", ".9999999999."),
    "cut short": claim(TENANT)[:-1],
    "in capitals": claim(TENANT).upper(),
    "with something after it": claim(TENANT) + "\n",
    "of a blank tenant": claim(" "),
    "of no tenant": claim(""),
}  # fmt: skip


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_any_other_claim_is_refused(login: str, forged: str | None) -> None:
    with connected(login) as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        seen(application, forged, tenant_id=TENANT)


def test_naming_a_tenant_changes_nothing_for_who_has_to_sign(login: str) -> None:
    with connected(login) as application:
        assert seen(application, claim("another"), tenant_id=TENANT) == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM signed_control.claim_keys",
        "SELECT signed_control.claim_signature('k1', 'x')",
        "SELECT signed_control.set_claim_key('k1', repeat('x', 32)::bytea)",
        "SET ROLE signed_replay",
        "SET ROLE signed_owner",
        "ALTER FUNCTION signed.current_tenant() RENAME TO old",
        "CREATE FUNCTION signed.current_tenant(int) RETURNS text LANGUAGE sql AS $$SELECT ''$$",
    ],
)
def test_the_application_gets_at_no_key(login: str, query: str) -> None:
    with connected(login) as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(query.encode())


@pytest.mark.parametrize("secret", [b"", b"short", bytes(31), None])
def test_a_weak_key_is_refused(login: str, secret: bytes | None) -> None:
    with (
        connected(login.replace("user=signed_login", "")) as admin,
        pytest.raises(psycopg.errors.InvalidParameterValue),
    ):
        admin.execute("SELECT signed_control.set_claim_key('k3', %b)", [secret])


def test_the_signature_is_hmac(login: str) -> None:
    """By the test vectors of RFC 4231 that have a key of 32 bytes or more, and by many more."""
    with connected(login.replace("user=signed_login", "")) as admin, undone(admin):
        for length in (*range(32, 140, 9), 64, 131):
            secret, message = bytes(i % 256 for i in range(length)), f"message {length}"
            admin.execute("SELECT signed_control.set_claim_key('k4', %b)", [secret])
            found = admin.execute("SELECT signed_control.claim_signature('k4', %s)", [message])
            assert found.fetchone() == (hmac.digest(secret, message.encode(), "sha256"),)


def test_no_packet_holds_a_secret_and_no_error_shows_one(login: str) -> None:
    whole = json.dumps(FILES)
    assert SECRET.hex() not in whole
    with connected(login) as application:
        for forged in FORGED.values():
            try:
                seen(application, forged)
            except psycopg.Error as error:
                told = str(error) + str(error.diag.context)
                assert hmac.new(SECRET, b"", "sha256").hexdigest() not in told
                assert "pad" not in told


def test_who_needs_no_claim_is_named(login: str) -> None:
    """Replay and verify name their tenant, so no login of the application may become them."""
    with connected(login.replace("user=signed_login", "")) as admin, undone(admin):
        admin.execute("CREATE ROLE signed_team IN ROLE signed_verify ROLE signed_login")
        assert drifts(admin, FILES) == [
            "role signed_app: is granted to signed_login, which may also become signed_verify"
        ]


def test_there_and_back_again(server: Server) -> None:
    files = packet(roles="signed_away", schema="signed_away", signed=True)
    with connected(server.fresh_database()) as connection:
        before = catalogue(connection)
        run(connection, files[UP], files[VERIFY], *(files[name] for name in replays(files)))
        with undone(connection):
            assert drifts(connection, files) == []
        run(connection, files[PARITY], files[ROLLBACK], files[DOWN], files[ROLES_DOWN])
        assert catalogue(connection) == before
