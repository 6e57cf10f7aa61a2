"""Each fault of TLS has a name of its own, and no byte of the request is sent before it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput
from engine.http import HttpFault, HttpRequest, make_context
from engine.settings import Settings
from engine.workspace import Workspace
from tests.servers import hostile as serve
from tests.servers.hostile import hostile

if TYPE_CHECKING:
    from pathlib import Path

    from engine.http import HttpClient
    from tests.servers.certificates import Authority
    from tests.servers.hostile import Script


async def _code(client: HttpClient, url: str) -> str:
    with pytest.raises(HttpFault) as caught:
        await client.send(HttpRequest(url=url, deadline_s=30.0))
    assert caught.value.message.endswith(".")
    assert caught.value.remedy
    return caught.value.code


@pytest.mark.parametrize(
    ("certificate", "code"),
    [
        ("expired", "tls_expired"),
        ("not_yet_valid", "tls_not_yet_valid"),
        ("wrong_host", "tls_wrong_host"),
        ("self_signed", "tls_self_signed"),
        ("untrusted", "tls_untrusted"),
        ("forged", "tls_untrusted"),
    ],
)
async def test_a_certificate_that_is_not_good(
    certificate: str, code: str, client: HttpClient, certificates: dict[str, ssl.SSLContext]
) -> None:
    async with hostile(serve.healthy(), tls=certificates[certificate]) as server:
        assert await _code(client, server.url) == code
    assert server.requests == []


async def test_an_authority_of_ones_own_is_trusted_when_the_settings_name_it(
    authority: Authority, certificates: dict[str, ssl.SSLContext], tmp_path: Path
) -> None:
    named = Settings.load(
        {"database": "sqlite://"},
        environment={"LAMPBOARD_CA_FILE": str(authority.file(tmp_path))},
    )
    unnamed = Settings(database="sqlite://")
    async with hostile(serve.healthy(), tls=certificates["valid"]) as server:
        for settings, trusted in ((named, True), (unnamed, False)):
            workspace = Workspace.open(settings)
            try:
                if trusted:
                    answer = await workspace.http_client().send(HttpRequest(url=server.url))
                    assert answer.status == 200
                else:
                    assert await _code(workspace.http_client(), server.url) == "tls_untrusted"
            finally:
                await workspace.aclose()
    assert len(server.requests) == 1


def test_public_authorities_stay_trusted_beside_ones_own(
    authority: Authority, tmp_path: Path
) -> None:
    public = make_context().cert_store_stats()["x509_ca"]
    both = make_context(str(authority.file(tmp_path))).cert_store_stats()["x509_ca"]
    assert both == public + 1 > 1


def test_a_file_that_went_away_since_the_settings_were_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"authority\.pem cannot be used") as caught:
        make_context(str(tmp_path / "authority.pem"))
    assert caught.value.field == "ca_file"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (serve.say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "tls_not_tls"),
        (serve.say(b"\x15\x03\x01\x00\x02\x02\x46"), "tls_version"),
        (serve.say(b"\x15\x03\x01\x00\x02\x02\x28"), "tls_no_agreement"),
        (serve.say(b"\x15\x03\x01\x00\x02\x02\x70"), "tls_wrong_host"),
        (serve.say(b"\x15\x03\x01\x00\x02\x02\x50"), "tls_failed"),
        (serve.say(b""), "tls_closed"),
        (serve.reset_at_once, "tls_closed"),
    ],
    ids=["plain", "old", "no-cipher", "unknown-name", "internal", "closed", "reset"],
)
async def test_a_handshake_that_breaks(script: Script, code: str, client: HttpClient) -> None:
    async with hostile(script, raw=True) as server:
        assert await _code(client, server.url) == code


async def test_a_server_that_asks_for_a_client_certificate(
    client: HttpClient, certificates: dict[str, ssl.SSLContext]
) -> None:
    context = certificates["valid"]
    context.verify_mode = ssl.CERT_REQUIRED
    # A blocking socket: asyncio's server drops its alert instead of sending it.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = asyncio.create_task(asyncio.to_thread(_refuse_one, listener, context))
        try:
            url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
            assert await _code(client, url) == "tls_client_certificate"
        finally:
            await served
            context.verify_mode = ssl.CERT_NONE


def _refuse_one(listener: socket.socket, context: ssl.SSLContext) -> None:
    listener.settimeout(60)
    connection, _ = listener.accept()
    connection.settimeout(60)
    secure = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
    with pytest.raises(ssl.SSLError):
        secure.do_handshake()
    # Closing with something unread would be a reset, which can overtake the alert.
    with socket.socket(fileno=secure.detach()) as plain:
        plain.settimeout(60)
        plain.shutdown(socket.SHUT_WR)
        while plain.recv(4096):
            pass
