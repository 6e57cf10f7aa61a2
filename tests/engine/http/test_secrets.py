"""A credential goes to the host it was given for, and nowhere else: no message, log or repr."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from engine.http import HttpClient, HttpFault, HttpRequest
from engine.probes.http_json import probe_json
from tests.servers import hostile as serve
from tests.servers.hostile import hostile

if TYPE_CHECKING:
    from engine.probes.result import ProbeResult

SECRET = "sk-canary-0123456789abcdef"
STYLES = {
    "bearer": {"Authorization": f"Bearer {SECRET}"},
    "x-api-key": {"x-api-key": SECRET},
    "api-key": {"api-key": SECRET},
    "cookie": {"Cookie": f"session={SECRET}"},
    "custom": {"X-Goog-Api-Key": SECRET},
}


async def _probe(client: HttpClient, url: str, headers: dict[str, str]) -> ProbeResult:
    return await probe_json(client, HttpRequest(url=url, headers=headers), accept=lambda _: None)


@pytest.mark.parametrize("style", STYLES)
async def test_a_refused_credential_is_in_no_message_and_no_log(
    style: str, client: HttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = {"error": {"message": f"Invalid key {SECRET} in {STYLES[style]}"}}
    challenge = f'WWW-Authenticate: Bearer error="{SECRET}"'
    script = serve.reply(serve.answer(echo, status="401 Unauthorized", headers=(challenge,)))
    async with hostile(script) as server:
        result = await _probe(client, server.url, STYLES[style])
    assert (result.state, result.error) == ("failing", "auth_failed")
    assert SECRET not in repr(result)
    assert SECRET not in caplog.text
    assert server.connects == 1


@pytest.mark.parametrize("place", ["Location: /login?key=", "Location: http://127.0.0.1:9/#"])
async def test_an_echoed_credential_is_masked_in_a_redirect(place: str, client: HttpClient) -> None:
    script = serve.reply(serve.answer(b"", status="302 Found", headers=(place + SECRET,)))
    async with hostile(script) as server:
        result = await _probe(client, server.url, STYLES["bearer"])
    assert result.error == "redirect"
    assert SECRET not in repr(result)


async def test_a_long_echo_is_masked_before_it_is_cut(client: HttpClient) -> None:
    echo = {"message": "x" * 190 + SECRET}
    async with hostile(serve.reply(serve.answer(echo, status="500 Oops"))) as server:
        result = await _probe(client, server.url, STYLES["x-api-key"])
    assert SECRET[:6] not in result.message


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 Keep", "308 Keep"])
async def test_a_redirect_carries_no_secret_to_another_host(
    style: str, status: str, client: HttpClient
) -> None:
    async with hostile(serve.healthy()) as other:
        script = serve.reply(serve.answer(b"", status=status, headers=(f"Location: {other.url}",)))
        async with hostile(script) as server:
            result = await _probe(client, server.url, STYLES[style])
    assert (result.state, result.error) == ("degraded", "redirect")
    assert other.connects == 0


def test_a_request_hides_its_values() -> None:
    request = HttpRequest(url=f"https://u:{SECRET}@h/p?key={SECRET}", headers=STYLES["bearer"])
    assert SECRET not in repr(request)


async def test_a_fault_names_no_part_of_the_request(client: HttpClient) -> None:
    async with hostile(serve.hang_up) as server:
        request = HttpRequest(url=f"{server.url}?key={SECRET}", headers=STYLES["bearer"])
        with pytest.raises(HttpFault) as caught:
            await client.send(request)
    assert SECRET not in repr(caught.value) + caught.value.message
