"""What must hold for each technology that is registered, and for one that is added tomorrow."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from engine.http import AddressPolicy, HttpClient
from engine.probes.place import Place, Tools
from engine.probes.registry import technologies
from engine.probes.running import run_probe
from engine.probes.states import CusHealthState
from tests.servers.endless import endless
from tests.servers.hostile import answer, hostile, say
from tests.servers.silent import silent
from tests.servers.web import web
from tests.system.leftovers import Connects, held, nothing_left
from tests.system.places import LOCAL, SECRET, place_at
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from engine.probes.result import ProbeResult
    from engine.probes.technology import Technology

pytestmark = [pytest.mark.processes, pytest.mark.busy_machine]
# Servers that never end work in this very process, and take their share of its time.
GRACE_S = 2.0
REMOTE = [one for one in technologies() if one.name not in LOCAL]
WEB = [one for one in REMOTE if (place_at(one, "h", 1).url or "").startswith("http")]
HERE = [one for one in technologies() if one.name in LOCAL]
NAMES = {
    "metadata.evil.example": ("169.254.169.254",),
    "inside.evil.example": ("127.0.0.1",),
    "both.evil.example": ("169.254.169.254", "127.0.0.1"),
}
# The address of clouds' metadata services, and this machine's own, in what other parsers take.
SPELLINGS = (
    *("169.254.169.254", "169.254.169.254.", "2852039166", "0xA9FEA9FE", "169.16689662"),
    *("0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376", "0000251.0376.0251.0376", "169.254.43518"),
    *("::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::a9fe:a9fe", "2002:a9fe:a9fe::"),
    *("64:ff9b::a9fe:a9fe", "fd00:ec2::254", "FD00:0EC2::254", "fd20:ce::254", "fe80::a9fe:a9fe"),
    *("100.100.100.200", "168.63.129.16", "192.0.0.192", "0.0.0.0", "0", "::"),
    *("127.1", "2130706433", "0x7f.1", "0177.0.0.1", "::ffff:127.0.0.1"),
    *(*NAMES, "metadata.evil.example.", "METADATA.Evil.Example"),
)
# Other letters that become the address where a name is made fit for the network.
DISGUISES = ("１６９.254.169.254", "169。254。169。254", "①⑥⑨.254.169.254", "%31%36%39.254.169.254")
NOT_TRIED = {"address_blocked", "invalid_host", "invalid_url"}
METADATA_URL = "http://169.254.169.254/latest/meta-data/"
CONNECTS = Connects()


def by_name(technology: Technology) -> str:
    return technology.name


@contextmanager
def watching() -> Iterator[list[object]]:
    CONNECTS.seen.clear()
    CONNECTS.on = True
    try:
        yield CONNECTS.seen
    finally:
        CONNECTS.on = False


async def resolve(name: str) -> tuple[str, ...]:
    """Look a name up as the system does: in the letters that names have on the network."""
    try:
        plain = name.encode("idna").decode().rstrip(".").lower()
        return NAMES.get(plain) or (str(ip_address(plain)),)
    except ValueError as error:
        raise socket.gaierror(socket.EAI_NONAME, "no such name") from error


@pytest.fixture
async def tools() -> AsyncIterator[Tools]:
    policy = AddressPolicy()
    client = HttpClient(policy, resolve=resolve)
    yield Tools(client=client, policy=policy, resolve=resolve, now=lambda: datetime.now(UTC))
    await client.aclose()


@pytest.mark.parametrize("technology", REMOTE, ids=by_name)
async def test_whoever_answers_it_ends_in_time_and_leaves_nothing(
    technology: Technology, tools: Tools, closed_port: int
) -> None:
    closed = place_at(technology, "127.0.0.1", closed_port)
    await run_probe(closed, tools)  # what is made once a process
    before, began = held(), time.monotonic()
    refused = await run_probe(closed, tools)
    # A driver in a process of its own must come to the server within its time.
    deadline_s = 0.3 + 4 * (time.monotonic() - began)
    await nothing_left(before)
    assert (refused.state, refused.stage) == (CusHealthState.FAILING, "connect"), refused
    async with AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(server)
            for server in (silent(), endless(), web(), hostile(say(b"")))
        ]
        before = held()
        places = [place_at(technology, "127.0.0.1", server.port) for server in servers]
        for result in await asyncio.gather(*(timed(one, tools, deadline_s) for one in places)):
            assert_failing(result)
        assert all(server.connects for server in servers)
        await nothing_left(before)


@pytest.mark.parametrize("technology", HERE, ids=by_name)
async def test_whatever_lies_there_it_ends_in_time_and_leaves_nothing(
    technology: Technology, tools: Tools, tmp_path: Path
) -> None:
    await run_probe(place_at(technology, "", 0), tools)
    before = held()
    for place in strangers_of(technology, tmp_path):
        result = await timed(place, tools, 0.5)
        assert_failing(result)
    await nothing_left(before)


def strangers_of(technology: Technology, folder: Path) -> list[Place]:
    """Return what is missing, silent, endless, or something else, of this machine's own."""
    if technology.name == "mcp_stdio":
        commands = ("/no/such/command", "/bin/sleep 60", "/usr/bin/yes", "/bin/echo HTTP/1.1 400")
        parts = (command.partition(" ") for command in commands)
        options = [{"command": program, "arguments": rest} for program, _, rest in parts]
        return [place_at(technology, "", 0, options=one) for one in options]
    os.mkfifo(folder / "pipe")
    paths = [folder / "missing", folder / "pipe", "/dev/zero"]
    if technology.name != "local":  # to which any file is as good as a folder
        (folder / "page").write_bytes(answer())
        paths.append(folder / "page")
    return [place_at(technology, "", 0, database=str(path)) for path in paths]


async def timed(place: Place, tools: Tools, deadline_s: float) -> ProbeResult:
    """Check within the deadline; where this machine was too busy for that, within a later one."""
    for limit_s in (deadline_s, 4 * deadline_s, 16 * deadline_s):
        with within(limit_s + GRACE_S):
            result = await run_probe(place, tools, deadline_s=limit_s)
        if result.error not in {"machine_busy", "local_limit"}:
            break
    return result


def assert_failing(result: ProbeResult) -> None:
    assert result.state is CusHealthState.FAILING, result
    assert result.error
    assert result.remedy
    assert SECRET not in str(result)


@pytest.mark.parametrize("technology", REMOTE, ids=by_name)
async def test_blocked_address_in_any_spelling_is_not_connected_to(
    technology: Technology, tools: Tools, closed_port: int
) -> None:
    await run_probe(place_at(technology, "127.0.0.1", closed_port), tools)
    async with hostile(say(b"")) as listener:
        for host in (*SPELLINGS, *DISGUISES):
            with watching() as connected:
                result = await run_probe(place_at(technology, host, listener.port), tools)
            assert result.state is CusHealthState.UNKNOWN, (host, result)
            assert result.error in {"address_blocked", "invalid_host", "invalid_url"}, (
                host,
                result,
            )
            if host in SPELLINGS:
                assert (result.error, result.stage) == ("address_blocked", "address"), host
            assert not connected, host
        # Whatever does not connect by Python's own sockets would have come here.
        assert not listener.connects


REDIRECTS = tuple(
    answer(
        body,
        status=f"{status} Elsewhere",
        kind="application/xml",
        headers=(f"Location: {METADATA_URL}", "x-amz-bucket-region: 169.254.169.254/"),
    )
    for status in (301, 302, 303, 307, 308)
    for body in (
        b"",
        b"<Error><Code>PermanentRedirect</Code><Endpoint>169.254.169.254</Endpoint></Error>",
    )
)


@pytest.mark.parametrize("technology", WEB, ids=by_name)
async def test_server_that_points_elsewhere_is_not_followed(
    technology: Technology, tools: Tools
) -> None:
    """Neither by a redirect, nor to the endpoint that an error names."""
    for told in REDIRECTS:
        async with hostile(say(told)) as server:
            with watching() as connected:
                result = await run_probe(place_at(technology, "127.0.0.1", server.port), tools)
            assert result.state is not CusHealthState.HEALTHY
            assert set(connected) <= {("127.0.0.1", server.port)}
