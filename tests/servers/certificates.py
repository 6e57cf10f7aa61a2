"""Certificates made at test time: one authority, and leaves with one fault each."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

DAY = timedelta(days=1)
EXPIRED_ON = datetime(2024, 5, 17, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """A certificate that signs others, with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, name: str) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        certificate = (
            _builder(_name(name), _name(name), key, now - DAY, now + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate=certificate, key=key)

    def trusted(self) -> ssl.SSLContext:
        """A client's context that trusts this authority alone."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=_pem(self.certificate).decode())
        return context

    def file(self, folder: Path) -> Path:
        """A file with this authority's certificate alone."""
        path = folder / f"{self.certificate.serial_number}-authority.pem"
        path.write_bytes(_pem(self.certificate))
        return path

    def server(
        self,
        folder: Path,
        *,
        host: str = "localhost",
        start: datetime | None = None,
        end: datetime | None = None,
        self_signed: bool = False,
    ) -> ssl.SSLContext:
        """A server's context with a leaf for `host` and, unless it is another, 127.0.0.1."""
        path = self.leaf(folder, host=host, start=start, end=end, self_signed=self_signed)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def leaf(
        self,
        folder: Path,
        *,
        host: str = "localhost",
        start: datetime | None = None,
        end: datetime | None = None,
        self_signed: bool = False,
    ) -> Path:
        """A file with such a leaf and its key, for servers that are programs of their own."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        issuer = _name("leaf") if self_signed else self.certificate.subject
        names: list[x509.GeneralName] = [x509.DNSName(host)]
        if host == "localhost":
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        leaf = (
            _builder(_name("leaf"), issuer, key, start or now - DAY, end or now + DAY)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(key if self_signed else self.key, hashes.SHA256())
        )
        return _file(folder, leaf, key)


def _builder(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    start: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _file(folder: Path, leaf: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Path:
    path = folder / f"{leaf.serial_number}.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(_pem(leaf) + secret)
    # Servers refuse a key that others can read.
    path.chmod(0o600)
    return path
