"""No answer, however large or packed, costs more than 20 MiB: measured in a fresh process."""

from __future__ import annotations

import asyncio
import gzip
import os
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers import hostile as serve
from tests.servers.hostile import hostile

if TYPE_CHECKING:
    from tests.servers.hostile import Peer, Script

MORE_MIB = 20
# Of an answer that is to end by its deadline, and of any other, which it only bounds.
SHORT_S, LONG_S = 2.0, 60.0
# The peak of this process alone: ru_maxrss would begin with what the parent had at the fork.
_CHILD = """
import asyncio, re, sys
from pathlib import Path
from engine.http import HttpClient, HttpRequest
from engine.probes import http_json
from engine.probes.http_json import probe_json
from tests.timing import within

http_json.slowness = lambda _: None  # on a busy machine all are slow

def peak_mib():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

async def main():
    client = HttpClient()
    deadline_s = float(sys.argv[1])
    warm = HttpRequest(url=sys.argv[2], deadline_s=60)
    hostile = HttpRequest(url=sys.argv[3], deadline_s=deadline_s)
    for _ in range(3):
        assert (await probe_json(client, warm, accept=lambda _: None)).ok
    before = peak_mib()
    with within(deadline_s + 2):
        result = await probe_json(client, hostile, accept=lambda _: None)
    print(result.state, result.error, peak_mib() - before)
    await client.aclose()

asyncio.run(main())
"""
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_MIB = 1 << 20


def _bomb(coding: str) -> Script:
    """100 MiB of blanks in 100 KiB, packed when the first connection comes."""

    async def script(peer: Peer) -> None:
        packer = zlib.compressobj(1, zlib.DEFLATED, 31 if coding == "gzip" else 15)
        blanks = b" " * _MIB
        body = b"".join(packer.compress(blanks) for _ in range(100)) + packer.flush()
        await serve.reply(serve.answer(body, headers=(f"Content-Encoding: {coding}",)))(peer)

    return script


def _json(body: bytes) -> Script:
    return serve.reply(serve.answer(body))


def _unsized(body: bytes) -> Script:
    return serve.reply(_HEAD + b"\r\n" + body)


ANSWERS: dict[str, tuple[Script, str, str]] = {
    "gzip bomb": (_bomb("gzip"), "failing", "too_large"),
    "deflate bomb": (_bomb("deflate"), "failing", "too_large"),
    "many gzip members": (
        serve.reply(
            serve.answer(gzip.compress(b" ") * 80_000, headers=("Content-Encoding: gzip",))
        ),
        "degraded",
        "empty_response",
    ),
    "endless body": (serve.endless(_HEAD + b"\r\n", b" " * 65536), "failing", "too_large"),
    "endless chunks": (
        serve.endless(_CHUNKED, b"1\r\n \r\n" * 10_000),
        "failing",
        "too_large",
    ),
    "endless headers": (
        serve.endless(_HEAD, b"X: 1\r\n" * 10_000),
        "failing",
        "invalid_response",
    ),
    "endless early hints": (
        serve.endless(b"", b"HTTP/1.1 103 E\r\n\r\n" * 4_000),
        "failing",
        "timeout",
    ),
    "10 MiB of JSON": (_json(b'["' + b"a" * 10 * _MIB + b'"]'), "failing", "too_large"),
    "10 MiB of JSON, unsized": (_unsized(b'["' + b"a" * 10 * _MIB + b'"]'), "failing", "too_large"),
    "many values": (_json(b"[" + b"[]," * (_MIB // 2) + b"1]"), "degraded", "invalid_json"),
    "as many values as allowed": (_json(b"[" + b"{}," * 49_000 + b"1]"), "healthy", "None"),
    "wide letters": (
        _json(b'["' + "😀".encode() * (_MIB // 2 - 9) + b'"]'),
        "healthy",
        "None",
    ),
    "deep": (_json(b"[" * _MIB), "degraded", "invalid_json"),
}


@pytest.mark.processes
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_costs_little_memory_and_ends_in_time(name: str) -> None:
    script, state, error = ANSWERS[name]
    async with hostile(serve.healthy()) as warm, hostile(script) as server:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _CHILD,
            str(SHORT_S if error == "timeout" else LONG_S),
            warm.url,
            server.url,
            env={**os.environ, "PYTHONPATH": os.getcwd()},  # noqa: PTH109
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await child.communicate()
    got_state, got_error, more = out.decode().split()
    assert (got_state, got_error) == (state, error)
    assert float(more) <= MORE_MIB
