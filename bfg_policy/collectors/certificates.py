"""A throw-away authority and a certificate for one server of our own."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    _Span = tuple[datetime, datetime]

HOST = "localhost"
ADDRESS = "127.0.0.1"
_AUTHORITY = "bfg-policy, thrown away after use"
# Thrown away within minutes: a span that holds whatever the clock says needs no clock.
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
_END = datetime(2099, 1, 1, tzinfo=UTC)


class Certificates(NamedTuple):
    """Everything in PEM. authority: who vouches; certificate and key: the server's own."""

    authority: bytes
    certificate: bytes
    key: bytes


def make_certificates(
    host: str = HOST, begin: datetime = _BEGIN, end: datetime = _END
) -> Certificates:
    """New certificates for a server on this machine.

    host: the name that it is verified by, beside its address. begin, end: when the server's
    certificate is valid.
    """
    from cryptography.hazmat.primitives import serialization

    authority, key = _Authority(), _new_key()
    pem = serialization.Encoding.PEM
    return Certificates(
        authority.own().public_bytes(pem),
        authority.for_server(host, key.public_key(), (begin, end)).public_bytes(pem),
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


def _new_key() -> ec.EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


class _Authority:
    """An authority, whose key is kept nowhere."""

    def __init__(self) -> None:
        self._key = _new_key()

    def own(self) -> x509.Certificate:
        """The certificate by which its others are verified."""
        from cryptography import x509

        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        public = self._key.public_key()
        return self._signed(
            _AUTHORITY,
            public,
            (_BEGIN, _END),
            (x509.BasicConstraints(ca=True, path_length=0), True),
            (usage, True),
            (x509.SubjectKeyIdentifier.from_public_key(public), False),
        )

    def for_server(
        self, host: str, public: ec.EllipticCurvePublicKey, span: _Span
    ) -> x509.Certificate:
        """The certificate of a server by its name and address."""
        from cryptography import x509

        names = [x509.DNSName(host), x509.IPAddress(IPv4Address(ADDRESS))]
        signer = self._key.public_key()
        return self._signed(
            host,
            public,
            span,
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (x509.SubjectAlternativeName(names), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), False),
        )

    def _signed(
        self,
        subject: str,
        public: ec.EllipticCurvePublicKey,
        span: _Span,
        *extensions: tuple[x509.ExtensionType, bool],
    ) -> x509.Certificate:
        """A certificate. extensions: each with whether whoever does not know it must refuse."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes

        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(_AUTHORITY))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(span[0])
            .not_valid_after(span[1])
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self._key, hashes.SHA256())


def _name(common: str) -> x509.Name:
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])
