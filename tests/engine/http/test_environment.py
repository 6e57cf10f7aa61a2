"""A process of its own: nothing taken from its environment, nothing left when it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.servers import hostile as serve
from tests.servers.hostile import hostile

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from tests.servers.certificates import Authority

_PROBE = """
import asyncio, sys
from engine.http import HttpClient, HttpRequest
from engine.probes import http_json
from engine.probes.http_json import probe_json

http_json.slowness = lambda _: None  # on a busy machine all are slow

async def main():
    client = HttpClient()
    for url in sys.argv[1:]:
        result = await probe_json(client, HttpRequest(url=url), accept=lambda _: None)
        print(result.state, result.error)
    await client.aclose()

asyncio.run(main())
"""

_HANG = """
import asyncio, socket, sys, threading, time
from engine.http import HttpClient, HttpRequest
from engine.probes.http_json import probe_json

def never(*_, **__):
    print("looking up", flush=True)
    time.sleep(600)

socket.getaddrinfo = never

async def main():
    client = HttpClient()
    urls = [sys.argv[1]] * 20 + ["http://name.example/"]
    asked = [HttpRequest(url=url, deadline_s=600, connect_s=600) for url in urls]
    checks = [probe_json(client, one, accept=lambda _: None) for one in asked]
    try:
        await asyncio.gather(*checks)
    finally:
        await client.aclose()

try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("left")
"""

pytestmark = pytest.mark.processes


async def _start(code: str, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "always",
        "-c",
        code,
        *arguments,
        env={**os.environ, "PYTHONPATH": os.getcwd(), **environment},  # noqa: PTH109
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_nothing_is_taken_from_the_environment(
    authority: Authority, certificates: dict[str, ssl.SSLContext], tmp_path: Path
) -> None:
    trusted = tmp_path / "authority.pem"
    trusted.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login who password canary\n")
    netrc.chmod(0o600)
    async with (
        hostile(serve.healthy()) as recorder,
        hostile(serve.healthy()) as plain,
        hostile(serve.healthy(), tls=certificates["valid"]) as secure,
    ):
        proxy = f"http://127.0.0.1:{recorder.port}"
        names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
        child = await _start(
            _PROBE,
            plain.url,
            secure.url,
            **dict.fromkeys(names, proxy),
            NO_PROXY="",
            NETRC=str(netrc),
            SSL_CERT_FILE=str(trusted),
            REQUESTS_CA_BUNDLE=str(trusted),
        )
        out, err = await child.communicate()
    assert out.decode().splitlines() == ["healthy None", "failing tls_untrusted"], err
    assert recorder.connects == 0
    assert b"authorization" not in plain.requests[0].lower()


async def test_leaving_waits_for_no_check_that_hangs() -> None:
    all_there = asyncio.Event()

    async def script(peer: serve.Peer) -> None:
        await peer.request()
        if len(peer.server.requests) == 20:
            all_there.set()
        await peer.reader.read()

    async with hostile(script) as server:
        child = await _start(_HANG, server.url)
        assert child.stdout is not None
        assert await child.stdout.readline() == b"looking up\n"
        await asyncio.wait_for(all_there.wait(), 120)
        child.send_signal(signal.SIGINT)
        # Neither the checks nor the lookup end by themselves in that time.
        out, err = await asyncio.wait_for(child.communicate(), 60)
    assert (out.strip(), err.strip()) == (b"left", b"")
