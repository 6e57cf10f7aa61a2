"""TLS: the one context, and a name for each way a handshake can fail."""

from __future__ import annotations

import asyncio
import re
import ssl
from asyncio import sslproto
from contextlib import suppress
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.http.messages import HttpFault

if TYPE_CHECKING:
    import socket
    from datetime import datetime
    from ipaddress import IPv4Address, IPv6Address

# OpenSSL's numbers for why a certificate is not accepted (X509_V_ERR_...).
_FORGED, _NOT_YET_VALID, _EXPIRED, _SELF_SIGNED, _SELF_SIGNED_CHAIN = 7, 9, 10, 18, 19
_NO_ISSUER, _NO_LEAF_ISSUER, _REVOKED, _WRONG_HOST, _WRONG_ADDRESS = 20, 21, 23, 62, 64

_UNKNOWN_AUTHORITY = ("tls_untrusted", "The certificate comes from an unknown authority.")
_CERTIFICATE = {
    _FORGED: _UNKNOWN_AUTHORITY,
    _NOT_YET_VALID: ("tls_not_yet_valid", "The certificate is not valid yet."),
    _EXPIRED: ("tls_expired", "The certificate has expired."),
    _SELF_SIGNED: ("tls_self_signed", "The certificate is self-signed."),
    _SELF_SIGNED_CHAIN: _UNKNOWN_AUTHORITY,
    _NO_ISSUER: _UNKNOWN_AUTHORITY,
    _NO_LEAF_ISSUER: _UNKNOWN_AUTHORITY,
    _REVOKED: ("tls_revoked", "The certificate was revoked."),
    _WRONG_HOST: ("tls_wrong_host", "The certificate is for another host name."),
    _WRONG_ADDRESS: ("tls_wrong_host", "The certificate is for another host name."),
}
_NOT_TLS = ("tls_not_tls", "The server does not speak TLS on this port.")
_OLD = ("tls_version", "The server speaks only versions of TLS that are no longer safe.")
_WANTS_OURS = ("tls_client_certificate", "The server asks for a client certificate.")
# Words in OpenSSL's reasons, in the order in which they are looked for.
_REASONS = (
    (re.compile(r"WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER|PACKET_LENGTH"), _NOT_TLS),
    (re.compile(r"UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|NO_PROTOCOLS"), _OLD),
    (re.compile(r"CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE"), _WANTS_OURS),
    (
        re.compile(r"HANDSHAKE_FAILURE|NO_SHARED|NO_SUITABLE|INSUFFICIENT"),
        ("tls_no_agreement", "The server and this client share no safe cipher."),
    ),
    (
        re.compile(r"UNRECOGNIZED_NAME"),
        ("tls_wrong_host", "The server has no certificate for this host name."),
    ),
)
_REMEDY = {
    "tls_not_yet_valid": "Check this machine's clock, then the certificate.",
    "tls_expired": "It must be renewed on the server; check this machine's clock too.",
    "tls_wrong_host": "Check the host: it must be a name that the certificate is for.",
    "tls_not_tls": "Try http:// instead of https://, or another port.",
    "tls_version": "The server must offer TLS 1.2 or newer.",
    "tls_client_certificate": "Client certificates are not supported; use another address.",
    "tls_closed": "Check the port, and that nothing between blocks TLS.",
}
_TRUST = (
    "Install a certificate from a known authority on the server,"
    " or name your own authority's file in ca_file."
)
# How long a second look at an expired certificate may take.
_LOOK_S = 1.0


def make_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Return a verifying context on the certifi bundle; costs some 20 to 80 ms, so make one.

    The bundle is named explicitly because OpenSSL's defaults follow SSL_CERT_FILE and
    SSL_CERT_DIR, and the environment must not decide whom to trust.

    Args:
        ca_file: Authorities (PEM) that are trusted as well, of a company's own for instance.

    Raises:
        InvalidInput: That file cannot be read, or holds no certificate.
    """
    import certifi

    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InvalidInput(
                f"The certificates in {ca_file} cannot be used: {reason}.", field="ca_file"
            ) from None
    return context


class _SlimTls(sslproto.SSLProtocol):
    """TLS as asyncio does it, with a buffer that fits what it holds.

    asyncio's own takes 256 KiB for each connection (50 MiB at 200 in flight), and a record of
    TLS has at most 16 KiB.
    """

    max_size = 32 * 1024


async def shake_hands(
    sock: socket.socket, protocol: asyncio.Protocol, context: ssl.SSLContext, name: str
) -> None:
    """Secure a connected socket and hand it to `protocol`; takes the socket over.

    Raises:
        OSError: The handshake failed (ssl.SSLError, or the connection broke); it is closed.
    """
    loop = asyncio.get_running_loop()
    agreed: asyncio.Future[None] = loop.create_future()
    tls = _SlimTls(loop, protocol, context, agreed, server_side=False, server_hostname=name)
    transport, _ = await loop.create_connection(lambda: tls, sock=sock)
    try:
        await agreed
    except BaseException:
        transport.abort()
        raise


def tls_fault(error: Exception) -> HttpFault:
    """Name the fault that ended a handshake."""
    if isinstance(error, ssl.SSLCertVerificationError):
        code, message = _CERTIFICATE.get(
            error.verify_code, ("tls_invalid", "The certificate is not valid.")
        )
    elif isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        code, message = _by_reason(error)
    else:
        code, message = "tls_closed", "The server closed the connection during the TLS handshake."
    return HttpFault(code=code, stage="tls", message=message, remedy=_REMEDY.get(code, _TRUST))


def _by_reason(error: ssl.SSLError) -> tuple[str, str]:
    reason = error.reason or ""
    for words, named in _REASONS:
        if words.search(reason):
            return named
    words_of_it = reason.replace("_", " ").lower() or "no reason given"
    return "tls_failed", f"The TLS handshake failed ({words_of_it})."


async def dated(
    fault: HttpFault, address: IPv4Address | IPv6Address, port: int, name: str
) -> HttpFault:
    """Add to a fault about an expired certificate on which day it expired, if that can be seen.

    Python drops a certificate that it refuses, so the server is asked for it once more, without
    trusting it and without sending a byte of the request.
    """
    if fault.code != "tls_expired":
        return fault
    with suppress(OSError, ValueError, TimeoutError):
        async with asyncio.timeout(_LOOK_S):
            end = _end_of(await _certificate(address, port, name))
        fault.message = f"The certificate expired on {end:%Y-%m-%d}."
    return fault


async def _certificate(address: IPv4Address | IPv6Address, port: int, name: str) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    transport, _ = await asyncio.get_running_loop().create_connection(
        asyncio.Protocol, str(address), port, ssl=context, server_hostname=name
    )
    try:
        certificate = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        transport.abort()
    return bytes(certificate or b"")


def _end_of(certificate: bytes) -> datetime:
    from cryptography import x509

    return x509.load_der_x509_certificate(certificate).not_valid_after_utc
