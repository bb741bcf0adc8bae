"""A throw-away authority and a certificate for one server of our own."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import NamedTuple

HOST = "localhost"
ADDRESS = "127.0.0.1"
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
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name, server_name = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        for name in ("bfg-policy, thrown away after use", host)
    )

    def signed(
        subject: x509.Name,
        public: ec.EllipticCurvePublicKey,
        span: tuple[datetime, datetime],
        *extensions: tuple[x509.ExtensionType, bool],
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(span[0])
            .not_valid_after(span[1])
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(authority_key, hashes.SHA256())

    public = authority_key.public_key()
    own_id = x509.SubjectKeyIdentifier.from_public_key(public)
    signer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(public)
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
    authority = signed(
        authority_name,
        public,
        (_BEGIN, _END),
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (usage, True),
        (own_id, False),
    )
    names = [x509.DNSName(host), x509.IPAddress(IPv4Address(ADDRESS))]
    server = signed(
        server_name,
        server_key.public_key(),
        (begin, end),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.SubjectAlternativeName(names), False),
        (signer_id, False),
    )
    pem = serialization.Encoding.PEM
    return Certificates(
        authority.public_bytes(pem),
        server.public_bytes(pem),
        server_key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
