"""A vault that misbehaves: slow, silent, redirecting, lying; and one where none may be."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.credentials.backends.vault import SULK_S, VaultBackend
from engine.credentials.backends.vault_settings import VaultSettings
from engine.errors import CredentialUnreadable
from tests.servers.hostile import hostile
from tests.timing import within

if TYPE_CHECKING:
    from tests.servers.hostile import Peer, Script

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "canary-of-a-vault"
TOKEN = "canary-of-a-token"


def answer(status: str, body: bytes, *headers: str) -> Script:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send("\r\n".join(head).encode() + body)

    return script


async def silent(peer: Peer) -> None:
    await peer.request()
    await peer.reader.read()  # until whoever asked hangs up


def vault(port: int, clock: FixedClock | None = None, deadline_s: float = 60.0) -> VaultBackend:
    settings = VaultSettings(
        address=f"http://127.0.0.1:{port}", token=TOKEN, deadline_s=deadline_s, namespace="team"
    )
    return VaultBackend(settings, clock or FixedClock(NOW))


async def refused(backend: VaultBackend) -> CredentialUnreadable:
    with pytest.raises(CredentialUnreadable) as found:
        await asyncio.to_thread(backend.get, "kv/app#key")
    told = found.value.message + found.value.hint
    assert SECRET not in told
    assert TOKEN not in told
    return found.value


DATA = {"data": {"data": {"key": SECRET}, "metadata": {}}}


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (answer("307 Elsewhere", b"", "Location: http://169.254.169.254/"), "sent the request"),
        (answer("500 Broken", SECRET.encode()), "failed to answer"),
        (answer("502 Bad", json.dumps({"errors": [SECRET]}).encode()), "failed to answer"),
        (answer("429 Slow down", b"{}"), "asked too often"),
        (answer("400 Bad", json.dumps({"errors": [SECRET]}).encode()), "does not let Lampboard"),
        (answer("403 No", json.dumps({"errors": [SECRET]}).encode()), "does not let Lampboard"),
        (answer("404 No", json.dumps(DATA).encode()), "has no such secret"),
        (answer("200 OK", b"<html>" + SECRET.encode()), "not a secret of a key-value engine"),
        (answer("200 OK", b"[1]"), "not a secret of a key-value engine"),
        (answer("200 OK", b'{"data": {"data": null}}'), "not a secret of a key-value engine"),
        (answer("200 OK", b"[" * 100_000), "not a secret of a key-value engine"),
        (answer("200 OK", b'{"data": "' + b"x" * 2_000_000 + b'"}'), "cannot be asked"),
    ],
)
async def test_a_strange_answer_is_a_sentence(
    script: Script, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with hostile(script) as server:
            assert told in (await refused(vault(server.port))).message
    assert SECRET not in caplog.text
    assert TOKEN not in caplog.text


async def test_a_silent_vault_is_given_up_in_time_and_left_alone_for_a_moment() -> None:
    clock = FixedClock(NOW)
    async with hostile(silent) as server:
        backend = vault(server.port, clock, deadline_s=1.0)
        with within(5):
            assert "cannot be asked" in (await refused(backend)).message
        await asyncio.wait_for(server.idle.wait(), 60)
        server.idle.clear()
        connects = server.connects
        assert "cannot be asked" in (await refused(backend)).message
        assert server.connects == connects, "it was asked again at once"
        clock.advance(SULK_S)
        await refused(backend)
        await asyncio.wait_for(server.idle.wait(), 60)
        assert server.connects > connects


async def test_what_is_sent_is_for_the_vault_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with hostile(answer("200 OK", json.dumps(DATA).encode())) as server:
        found = await asyncio.to_thread(vault(server.port).get, "kv/app?version=2#key")
        assert found.value == SECRET
        *_, last = server.requests
    head = last.decode().lower()
    assert head.startswith("get /v1/kv/data/app?version=2 ")
    assert f"x-vault-token: {TOKEN}" in head
    assert "x-vault-namespace: team" in head
    assert "x-vault-request: true" in head


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254", "http://[fe80::1]", "http://0x7f000001", "ftp://x", "x"]
)
async def test_no_metadata_server_is_a_vault(address: str) -> None:
    settings = VaultSettings(address=address, token=TOKEN, deadline_s=60.0)
    error = await refused(VaultBackend(settings, FixedClock(NOW)))
    assert "cannot be asked" in error.message
