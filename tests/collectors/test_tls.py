"""What is asked of a server's TLS, and that nobody logs in where it is not so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from ssl import PEM_cert_to_DER_cert

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bfg_policy.collectors.certificates import make_certificates
from bfg_policy.collectors.servers import Server, embedded_server
from tests.collectors.lab import (
    AT,
    SCENARIO,
    Access,
    Probed,
    assert_nothing_leaks,
    debian,
    new_access,
    probe,
)
from tests.running import run

NOT_IN = {"endpoint": "not_run", "tls": "fail", "rbac": "not_run", "write_probe": "not_run"}
ANOTHER = "ab" * 32
REHEARSED = SCENARIO / "evidence" / "dry_run.json"


@pytest.fixture(scope="module")
def expired() -> Iterator[Server]:
    """A server whose certificate was valid for the year 2020."""
    span = (datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2021))
    with embedded_server(debian(), certificates=make_certificates("localhost", *span)) as server:
        yield server


@pytest.fixture(scope="module")
def without_tls() -> Iterator[Server]:
    with embedded_server(debian(), settings={"ssl": "off"}) as server:
        yield server


def digests(server: Server) -> tuple[str, str]:
    """Of the server's certificate, and of its public key, by another way than the product's."""
    pem = (server.folder / "server.crt").read_text()
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(PEM_cert_to_DER_cert(pem)).hexdigest(), sha256(spki).hexdigest()


def test_the_record_knows_the_certificate_and_its_key(server: Server, project: Path) -> None:
    tls = probe(project, "--dsn", new_access(server).dsn).record["tls"]
    assert (tls["sha256"], tls["public_key_sha256"]) == digests(server)
    assert tls["expires_at"] == "2099-01-01T00:00:00Z"
    assert tls["protocol"] in ("TLSv1.2", "TLSv1.3")


@pytest.mark.parametrize("which", [0, 1], ids=["certificate", "key"])
def test_the_pinned_certificate_or_key_is_let_through(
    which: int, server15: Server, project: Path
) -> None:
    pin = digests(server15)[which].upper()
    pin = ":".join(pin[index : index + 2] for index in range(0, 64, 2))
    probed = probe(project, "--dsn", new_access(server15).dsn, "--pin", pin, "--pin", ANOTHER)
    assert (probed.ran.code, probed.record["tls"]["pinned"]) == (0, True)


def test_nobody_logs_in_to_a_server_with_another_certificate(server: Server, project: Path) -> None:
    access = new_access(server).but(password="never zqx")  # noqa: S106 - nobody's
    probed = probe(project, "--dsn", access.dsn, "--pin", ANOTHER)
    assert (probed.ran.code, probed.statuses) == (1, NOT_IN)
    assert "fail   it is the pinned one             it is another one" in probed.ran.stdout
    assert probed.record["endpoint"]["reachable"] is True
    assert "refused" not in probed.ran.stdout
    assert_nothing_leaks(probed, access)


def test_a_rehearsal_is_let_through_by_the_pin(server: Server, project: Path) -> None:
    pin, _ = digests(server)
    given = ("--dsn", new_access(server).dsn, "--at", AT, "--pin", pin, "--pin", ANOTHER)
    ran = run("rehearse", SCENARIO, *given, cwd=project)
    assert ran.code == 0, ran.stdout
    assert re.search(rf"pass +the certificate is known +SHA-256 {pin}\n", ran.stdout)
    tls = json.loads((project / REHEARSED).read_text("utf-8"))["schema_map"]["tls"]
    assert (tls["sha256"], tls["pinned"]) == (pin, True)


@pytest.mark.parametrize("sslmode", ["", "disable"])
def test_no_rehearsal_logs_in_to_a_server_with_another_certificate(
    server: Server, project: Path, sslmode: str
) -> None:
    access = new_access(server).but(password="never zqx", sslmode=sslmode)  # noqa: S106 - nobody's
    given = ("--dsn", access.dsn, "--at", AT, "--pin", ANOTHER)
    ran = run("rehearse", SCENARIO, *given, cwd=project)
    why = "the DSN turns TLS off" if sslmode else "it is another one; nobody logs in"
    assert (ran.code, why in ran.stdout) == (1, True), ran.stdout
    assert "lets us in" not in ran.stdout
    record = json.loads((project / REHEARSED).read_text("utf-8"))
    sections = ("export", "schema_map", "rbac_claims", "replay")
    statuses = [record[name]["status"] for name in sections]
    assert statuses == ["pass", "fail", "not_run", "not_run"]
    assert_nothing_leaks(Probed(ran, record), access)


def test_an_expired_certificate_fails(expired: Server, project: Path) -> None:
    access = new_access(expired)
    probed = probe(project, "--dsn", access.but(sslmode="require").dsn)
    assert (probed.ran.code, probed.statuses) == (1, NOT_IN)
    assert "fail   it is valid                      until 2021-01-01T00:00:00Z" in probed.ran.stdout
    assert_nothing_leaks(probed, access)


def test_a_certificate_that_is_not_valid_yet_fails(project: Path) -> None:
    span = (datetime(year, 1, 1, tzinfo=UTC) for year in (2070, 2071))
    certificates = make_certificates("localhost", *span)
    with embedded_server(debian(), certificates=certificates) as server:
        probed = probe(project, "--dsn", new_access(server).but(sslmode="require").dsn)
    assert probed.statuses == NOT_IN
    assert "only from 2070-01-01T00:00:00Z" in probed.ran.stdout


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-full"])
def test_a_live_target_without_tls_fails_whatever_the_dsn_says(
    mode: str, without_tls: Server, project: Path
) -> None:
    access = new_access(without_tls).but(sslmode=mode, sslrootcert="")
    probed = probe(project, "--dsn", access.dsn)
    assert (probed.ran.code, probed.statuses) == (1, NOT_IN)
    assert_nothing_leaks(probed, access)


def test_a_live_target_whose_tls_is_turned_off_fails(server15: Server, project: Path) -> None:
    probed = probe(project, "--dsn", new_access(server15).but(sslmode="disable").dsn)
    assert probed.statuses == NOT_IN
    assert "the DSN turns TLS off" in probed.ran.stdout


def test_a_unix_socket_has_no_tls(server15: Server, project: Path) -> None:
    probed = probe(project, "--dsn", server15.admin_dsn)
    assert probed.statuses == NOT_IN
    assert "a Unix socket has no TLS" in probed.ran.stdout


@pytest.mark.parametrize(
    ("mode", "required"), [("disable", False), ("prefer", False), ("require", True)]
)
def test_an_ephemeral_target_needs_tls_where_the_dsn_asks_for_it(
    mode: str, required: bool, without_tls: Server, project: Path
) -> None:
    access = new_access(without_tls).but(sslmode=mode, sslrootcert="")
    probed = probe(project, "--ephemeral", "--dsn", access.dsn)
    assert probed.ran.code == 1  # nothing is known of a certificate, either way
    assert probed.record["tls"]["required"] is required
    if required:
        assert probed.statuses == NOT_IN
    else:
        rest = {"endpoint": "pass", "rbac": "pass", "write_probe": "pass"}
        assert probed.statuses == {**rest, "tls": "not_run"}


@pytest.mark.parametrize(
    ("changed", "status", "facts"),
    [
        ({}, "pass", (True, True)),
        ({"host": "other.example"}, "fail", (True, False)),
        ({"host": "other.example", "sslmode": "verify-ca"}, "pass", (True, False)),
        ({"host": "other.example", "sslmode": "require"}, "pass", (True, False)),
        ({"sslrootcert": "system"}, "fail", (False, False)),
        ({"sslrootcert": "", "sslmode": "verify-ca"}, "fail", (False, False)),
        ({"sslrootcert": "", "sslmode": "prefer"}, "pass", (False, False)),
        ({"sslrootcert": "/nowhere/zqx.crt"}, "error", (None, None)),
        ({"sslrootcert": "/dev/null"}, "error", (None, None)),
    ],
)
def test_what_the_dsn_asks_of_the_certificate_must_hold(
    changed: dict[str, str],
    status: str,
    facts: tuple[bool | None, bool | None],
    server15: Server,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(project))  # no certificates of the tester's own
    access = new_access(server15).but(**changed)
    probed = probe(project, "--dsn", access.dsn)
    tls = probed.record["tls"]
    assert (tls["status"], (tls.get("verify_ca"), tls.get("verify_full"))) == (status, facts)
    assert probed.ran.code == (0 if status == "pass" else 1), probed.ran.stdout
    secrets = tuple(value for value in changed.values() if "." in value)
    assert_nothing_leaks(probed, access._replace(secrets=(*secrets, *access.secrets)))


def test_access_hides_itself(server15: Server) -> None:
    access: Access = new_access(server15)
    assert access.parameters["password"] not in repr(access) + repr(server15)
