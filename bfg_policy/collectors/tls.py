"""What a server shows of itself before anybody logs in: its answer, its certificate, its TLS.

The driver's library does not tell these. PostgreSQL's question for TLS is asked by hand, and
exactly one byte is read for an answer: whatever came with it unencrypted would be taken for
part of the encrypted session.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.collectors.tls_front import NO, SSL_REQUEST, YES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bfg_policy.collectors.endpoints import Endpoint

_PROTOCOL = "postgresql"
# Where libpq looks for trusted certificates when none are named.
_USUAL_ROOTS = Path("~/.postgresql/root.crt")
_OTHER_NAME = "it is another server's"
# OpenSSL's numbers for what a certificate may fail by; its texts hold the host's name.
_OF_CODE = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "it vouches for itself",
    19: "nobody who is trusted here vouches for it",
    20: "nobody who is trusted here vouches for it",
    21: "nobody who is trusted here vouches for it",
    23: "it was revoked",
    26: "it is not meant for servers",
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}


class NoAnswer(Exception):
    """Nobody answered as PostgreSQL does. Its text says what happened, in words of ours."""


class NoRoots(Exception):
    """The trusted certificates that are named cannot be read."""


class Certificate(NamedTuple):
    """A server's certificate, and the TLS that it was shown in.

    sha256: of the certificate; key_sha256: of its public key; both 64 hexadecimal digits.
    chain_fault, full_fault: why it is not to be trusted, without its name (`verify-ca`) and with
    it (`verify-full`); None where it is.
    """

    sha256: str
    key_sha256: str
    begins: datetime
    ends: datetime
    protocol: str
    chain_fault: str | None
    full_fault: str | None


def asks_for_tls(endpoint: Endpoint) -> bool:
    """Whether the server takes TLS. Raises NoAnswer where it answers otherwise, or nobody does."""
    with _asked(endpoint) as (_, answer):
        return answer == YES


def look_at(endpoint: Endpoint, roots: Path | None) -> Certificate:
    """The certificate of a server that takes TLS, and whether it is to be trusted.

    roots: file of trusted certificates; None for the system's. Raises NoAnswer or NoRoots.
    """
    try:
        return _shown(endpoint, _context(roots, name=True))
    except ssl.SSLCertVerificationError as error:
        full_fault = chain_fault = _fault(error)
    if full_fault == _OTHER_NAME:
        # OpenSSL tells the name first, whatever else is wrong.
        try:
            seen = _shown(endpoint, _context(roots, name=False))
            return seen._replace(full_fault=full_fault)
        except ssl.SSLCertVerificationError as error:
            chain_fault = _fault(error)
    seen = _shown(endpoint, _unverified())
    return seen._replace(chain_fault=chain_fault, full_fault=full_fault)


def roots_of(endpoint: Endpoint) -> Path | None:
    """The file of certificates that the endpoint trusts; None for the system's own."""
    if endpoint.sslrootcert == "system":
        return None
    if endpoint.sslrootcert is not None:
        return Path(endpoint.sslrootcert)
    try:
        usual = _USUAL_ROOTS.expanduser()
    except RuntimeError:  # no home
        return None
    return usual if usual.is_file() else None


def _shown(endpoint: Endpoint, context: ssl.SSLContext) -> Certificate:
    """The certificate that a handshake shows. Raises NoAnswer, or SSLCertVerificationError."""
    with _encrypted(endpoint, context) as opened:
        encoded = opened.getpeercert(binary_form=True)
        protocol = opened.version()
    assert encoded is not None
    assert protocol is not None
    return _read(encoded, protocol)


def _read(encoded: bytes, protocol: str) -> Certificate:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        read = x509.load_der_x509_certificate(encoded)
        key = read.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        begins, ends = read.not_valid_before_utc, read.not_valid_after_utc
    except (ValueError, UnsupportedAlgorithm):
        raise NoAnswer("its certificate cannot be read") from None
    digest, key_digest = (sha256(each).hexdigest() for each in (encoded, key))
    return Certificate(digest, key_digest, begins, ends, protocol, None, None)


def _fault(error: ssl.SSLCertVerificationError) -> str:
    """Why a certificate is not to be trusted, in words of ours."""
    return _OF_CODE.get(error.verify_code, f"OpenSSL refuses it (code {error.verify_code})")


def _context(roots: Path | None, *, name: bool) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=roots)
    except (OSError, ValueError):
        raise NoRoots from None
    context.check_hostname = name
    return context


def _unverified() -> ssl.SSLContext:
    # It is looked at, and nothing is said to it.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def _encrypted(endpoint: Endpoint, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """A connection after its handshake. Raises NoAnswer, or ssl.SSLCertVerificationError."""
    context.set_alpn_protocols([_PROTOCOL])
    with _asked(endpoint) as (opened, answer):
        if answer != YES:
            raise NoAnswer("it takes no TLS any more")
        try:
            with context.wrap_socket(opened, server_hostname=endpoint.host) as encrypted:
                yield encrypted
        except ssl.SSLCertVerificationError:
            raise
        except (ssl.SSLError, ValueError):
            raise NoAnswer("the TLS handshake fails") from None


@contextmanager
def _asked(endpoint: Endpoint) -> Iterator[tuple[socket.socket, bytes]]:
    """A connection and the answer to the question for TLS. Raises NoAnswer."""
    try:
        with endpoint.open_socket() as opened:
            if endpoint.is_direct:
                yield opened, YES
                return
            opened.sendall(SSL_REQUEST)
            answer = opened.recv(1)
            if answer not in (YES, NO):
                raise NoAnswer(_unlike_postgresql(answer))
            yield opened, answer
    except ssl.SSLCertVerificationError:
        raise
    except socket.gaierror:
        raise NoAnswer("its name is not known") from None
    except TimeoutError:
        raise NoAnswer(f"nobody answers within {endpoint.seconds} s") from None
    except ConnectionRefusedError:
        raise NoAnswer("nobody listens there") from None
    except OSError:
        raise NoAnswer("the connection breaks") from None
    except UnicodeError:
        raise NoAnswer("its name is none that a server can have") from None


def _unlike_postgresql(answer: bytes) -> str:
    if not answer:
        return "it hangs up without an answer"
    return "what answers there is no PostgreSQL"
