"""A name, a sentence and a remedy for each way an exchange can break.

The one place where errors of the system and of the HTTP libraries are translated. No sentence
repeats what the server sent or what was sent to it.
"""

from __future__ import annotations

import errno
import socket
import ssl

import aiohttp

from engine.http.messages import HttpFault
from engine.http.tls import tls_fault

_NETWORK = "Check the address, the network and any firewall between."
_TLS_SILENCE = "Check that this port speaks TLS: servers that do not may wait in silence."
_ITS_SIDE = "Look at the status page or log of the other side; if it stays so, check the address."
_NO_ROUTE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}
_OURS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_ABSENT = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def timeout_fault(stage: str) -> HttpFault:
    """Name what the time ran out in."""
    code, message = {
        "resolve": ("dns_timeout", "The name server did not answer in time."),
        "connect": ("connect_timeout", "No connection could be made in time."),
        "tls": ("tls_timeout", "The deadline was exceeded in the TLS handshake."),
        "body": ("timeout", "The deadline was exceeded while the answer was still coming."),
    }.get(stage, ("timeout", "The deadline was exceeded: timed out waiting for the response."))
    remedy = _TLS_SILENCE if stage == "tls" else _NETWORK
    return HttpFault(code=code, stage=stage, message=message, remedy=remedy)


def connect_fault(error: OSError, stage: str) -> HttpFault:
    """Name why an address could not be found or reached."""
    if isinstance(error, socket.gaierror):
        return _dns_fault(error)
    if isinstance(error, TimeoutError):
        return timeout_fault(stage)
    code, message, remedy = _connect_words(error)
    return HttpFault(code=code, stage=stage, message=message, remedy=remedy)


def broken_fault(error: Exception, stage: str) -> HttpFault:
    """Name why a standing connection brought no answer."""
    if isinstance(error, aiohttp.ClientResponseError):
        return _parse_fault(error, stage)
    if isinstance(error, aiohttp.ClientPayloadError):
        return _cut_fault(error)
    if isinstance(error.__cause__, ssl.SSLError) or isinstance(error, ssl.SSLError):
        alert = error if isinstance(error, ssl.SSLError) else error.__cause__
        assert isinstance(alert, ssl.SSLError)  # noqa: S101 - for the type checker
        return tls_fault(alert)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return HttpFault(
            code="closed",
            stage=stage,
            message="The server closed the connection without an answer.",
            remedy="It may not be an HTTP service, or expect https://: check scheme and port.",
        )
    if isinstance(error, OSError):
        return _fault("reset", stage, "The connection was reset before the answer was complete.")
    return _fault("invalid_response", stage, "The server's answer could not be read.")


def blocked_fault(host: str, addresses: list[str]) -> HttpFault:
    """Say that a host leads only to addresses that the address rule blocks."""
    where = ", ".join(addresses[:3])
    return HttpFault(
        code="address_blocked",
        stage="address",
        message=f"{host} leads to {where}, a blocked address, so it was not connected to.",
        remedy="If that is meant, list the exact address in allow_addresses.",
    )


def _dns_fault(error: socket.gaierror) -> HttpFault:
    if error.errno in _ABSENT:
        return HttpFault(
            code="dns_not_found",
            stage="resolve",
            message="The host name does not exist.",
            remedy="Check the spelling of the host.",
        )
    return HttpFault(
        code="dns_failed",
        stage="resolve",
        message="The host name could not be looked up.",
        remedy="Check this machine's name server and network.",
    )


def _connect_words(error: OSError) -> tuple[str, str, str]:
    if error.errno == errno.ECONNREFUSED:
        return (
            "refused",
            "The connection was refused: nothing listens on that port.",
            "Check host and port, and that the service runs.",
        )
    if error.errno in _NO_ROUTE:
        return "unreachable", "There is no route to the address.", _NETWORK
    if error.errno in {errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE}:
        return "reset", "The connection was reset while it was being made.", _NETWORK
    if error.errno in _OURS:
        return (
            "local_limit",
            "This machine has no sockets or memory left for another connection.",
            "Raise the limit of open files, or check fewer targets at once.",
        )
    return "connect_failed", "The address could not be connected to.", _NETWORK


def _parse_fault(error: aiohttp.ClientResponseError, stage: str) -> HttpFault:
    text = error.message
    if "Expected HTTP/" in text or "Bad status line" in text or "Invalid HTTP version" in text:
        return HttpFault(
            code="not_http",
            stage=stage,
            message="What answered is not an HTTP service.",
            remedy="Try https:// instead of http://, or another port.",
        )
    return _fault("invalid_response", stage, "The server's answer breaks the rules of HTTP.")


def _cut_fault(error: aiohttp.ClientPayloadError) -> HttpFault:
    if isinstance(error.__cause__, aiohttp.http_exceptions.TransferEncodingError):
        message = "The chunks of the server's answer break the rules of HTTP."
        return _fault("invalid_response", "body", message)
    return _fault("incomplete", "body", "The connection closed before the answer was complete.")


def _fault(code: str, stage: str, message: str) -> HttpFault:
    return HttpFault(code=code, stage=stage, message=message, remedy=_ITS_SIDE)
