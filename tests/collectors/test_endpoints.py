"""What a DSN means, what of it is refused, and that nothing of it is ever shown."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from bfg_policy.collectors.endpoints import Endpoint, endpoint_of, redacted, salt_of
from bfg_policy.collectors.faults import BadConnection


@pytest.mark.parametrize(
    ("dsn", "host", "port", "mode"),
    [
        ("postgresql://u:p@DB.Example.:6543/d?sslmode=require", "db.example", 6543, "require"),
        ("host=db.example", "db.example", 5432, "prefer"),
        ("hostaddr=192.0.2.1 port=7", "192.0.2.1", 7, "prefer"),
        ("host=db.example hostaddr=192.0.2.1", "db.example", 5432, "prefer"),
        ("host=/run/zqx", "/run/zqx", 5432, "prefer"),
        ("postgresql://%2Frun%2Fzqx/d", "/run/zqx", 5432, "prefer"),
        ("host=db.example sslrootcert=system", "db.example", 5432, "verify-full"),
        ("host=db.example sslrootcert=system sslmode=prefer", "db.example", 5432, "verify-full"),
        ("postgres://[2001:db8::1]:99/", "2001:db8::1", 99, "prefer"),
    ],
)
def test_a_dsn_names_one_endpoint(dsn: str, host: str, port: int, mode: str) -> None:
    endpoint = endpoint_of(dsn)
    assert (endpoint.host, endpoint.port, endpoint.sslmode) == (host, port, mode)
    assert endpoint.is_socket is host.startswith("/")


@pytest.mark.parametrize(
    ("dsn", "words"),
    [
        ("zqx", "neither `postgresql://…` nor"),
        ("postgresql://login-zqx:pass-zqx@[::1/d", "neither"),
        ("postgresql://login-zqx:%zz@h/d", "neither"),
        ("postgresql://h/d?unknown-zqx=1", "neither"),
        ("host=zqx password=zqx\0zqx", "neither"),
        ("host=zqx password='zqx", "neither"),
        ("host=zqx port=zqx", "its port is no number"),
        ("host=zqx port=65536", "its port is no number"),
        ("host=zqx port=0", "its port is no number"),
        ("host=zqx port=-1", "its port is no number"),
        ("host=zqx port=١٢", "its port is no number"),
        ("host=zqx,zqy", "it names several servers"),
        ("hostaddr=192.0.2.1,192.0.2.2", "it names several servers"),
        ("host=zqx sslmode=zqx", "its `sslmode` is none of disable, "),
        ("service=zqx", "its service cannot be read"),
    ],
)
def test_a_dsn_that_cannot_be_used_is_refused_without_a_word_of_it(dsn: str, words: str) -> None:
    with pytest.raises(BadConnection, match=words) as refused:
        endpoint_of(dsn)
    assert "zqx" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_libpq_knows_its_own_variables_and_services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "services").write_text("[mine]\nhost=service.example\nport=77\nsslmode=verify-ca\n")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    by_name = endpoint_of("service=mine")
    assert (by_name.host, by_name.port, by_name.sslmode) == ("service.example", 77, "verify-ca")
    monkeypatch.setenv("PGSERVICE", "mine")
    assert endpoint_of("").host == "service.example"
    monkeypatch.delenv("PGSERVICE")
    monkeypatch.setenv("PGHOST", "variable.example")
    monkeypatch.setenv("PGPORT", "88")
    by_variable = endpoint_of("")
    assert (by_variable.host, by_variable.port) == ("variable.example", 88)


@pytest.mark.parametrize(
    ("dsn", "seconds"),
    [("", 10), ("connect_timeout=3", 3), ("connect_timeout=0", 10), ("connect_timeout=99", 10)],
)
def test_nobody_waits_for_long(dsn: str, seconds: int) -> None:
    endpoint = endpoint_of(f"host=db.example {dsn}")
    assert endpoint.seconds == seconds
    assert f"connect_timeout={seconds}" in endpoint.conninfo({})


def test_what_we_ask_of_the_driver_is_not_for_the_dsn_to_say() -> None:
    endpoint = endpoint_of("host=db.example gssencmode=require application_name=x sslmode=disable")
    conninfo = endpoint.conninfo({"sslmode": "verify-full"})
    for words in ("gssencmode=disable", "application_name=bfg-policy", "sslmode=verify-full"):
        assert words in conninfo


def test_an_endpoint_shows_and_keeps_nothing() -> None:
    endpoint = endpoint_of("postgresql://login-zqx:pass-zqx@host-zqx/db-zqx")
    assert "zqx" not in f"{endpoint!r} {endpoint}"
    with pytest.raises(TypeError, match="kept nowhere"):
        pickle.dumps(endpoint)


# The digest: printf 'db.example:5432' |
#   openssl dgst -sha256 -hmac '["grant-demo-local","bfg","db-auth-session-adapter"]'
def named(host: str, salt: str) -> str:
    endpoint: Endpoint = endpoint_of(f"host={host}")
    return endpoint.redacted(salt)


def test_a_redacted_endpoint_is_the_same_as_long_as_both_are() -> None:
    salt = salt_of(["grant-demo-local", "bfg", "db-auth-session-adapter"])
    assert named("db.example", salt) == named("DB.example.", salt) == "hmac:517cab97"
    assert named("db.example", salt) != named("db2.example", salt)
    assert named("db.example", salt) != named("db.example", salt_of(["other", "bfg", "x"]))
    assert named("db.example", salt) != named("db.example", salt_of(["grant-demo-local"], "s"))
    assert redacted(salt_of(["a", "b"]), "x") != redacted(salt_of(["a"], "b"), "x")
    assert redacted(salt_of(["a"], "\udcff"), "x") != redacted(salt_of(["a"], "\udcfe"), "x")
