"""Where a check may connect to: what was typed, what is public, what the operator listed."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from engine.http import AddressPolicy, HttpClient, HttpFault, HttpRequest
from engine.http.addresses import parse_host
from tests.servers import hostile as serve
from tests.servers.hostile import hostile


def _permits(host: str, address: str | None = None, **exceptions: object) -> bool:
    read = parse_host(host)
    target = read.address if address is None else ip_address(address)
    assert target is not None
    return AddressPolicy(**exceptions).permits(read, target)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd12::1", "8.8.8.8"]
)
def test_what_the_operator_typed_is_permitted(host: str) -> None:
    assert _permits(host)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "0.0.0.0",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "fe80::1",
        "fd00:ec2::254",
        "::",
        "ff02::1",
    ],
)
def test_metadata_and_link_local_are_not_even_when_typed(host: str) -> None:
    assert not _permits(host)
    assert not _permits(host, allow_private=True)
    assert not _permits(host, allow_networks=frozenset({"0.0.0.0/0", "::/0"}))
    assert _permits(host, allow_addresses=frozenset({host}))


@pytest.mark.parametrize(
    "host",
    [
        "0x7f000001",
        "0x7f.1",
        "2130706433",
        "127.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "::127.0.0.1",
        "0:0:0:0:0:0:0:1",
        "64:ff9b::127.0.0.1",
        "2002:7f00:1::",
    ],
)
def test_odd_spellings_are_not(host: str) -> None:
    assert not _permits(host)
    assert not _permits(host, allow_private=True)
    listed = frozenset({"127.0.0.1", "::1"})
    assert _permits(host, allow_addresses=listed)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "::1", "fd12::1", "169.254.169.254", "fec0::1"]
)
def test_a_name_may_not_lead_to_private_addresses(address: str) -> None:
    assert not _permits("api.example", address)
    assert _permits("api.example", address, allow_addresses=frozenset({address}))


def test_a_name_may_lead_to_listed_networks_and_public_addresses() -> None:
    assert _permits("api.example", "8.8.8.8")
    assert _permits("api.example", "10.0.0.1", allow_networks=frozenset({"10.0.0.0/8"}))
    assert not _permits("api.example", "172.16.0.1", allow_networks=frozenset({"10.0.0.0/8"}))
    assert _permits("api.example", "10.0.0.1", allow_private=True)


def test_localhost_may_lead_to_loopback_alone() -> None:
    assert _permits("localhost", "127.0.0.1")
    assert _permits("LOCALHOST.", "::1")
    assert not _permits("localhost", "10.0.0.1")
    assert not _permits("localhost.example", "127.0.0.1")


async def _refusal(url: str, client: HttpClient) -> HttpFault:
    with pytest.raises(HttpFault) as caught:
        await client.send(HttpRequest(url=url, deadline_s=30.0))
    return caught.value


@pytest.mark.parametrize(
    "host",
    [
        "0x7f000001",
        "2130706433",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:169.254.169.254]",
        "169.254.169.254",
        "0.0.0.0",
        "[fd00:ec2::254]",
        "169.254.169.254.nip.io",
        "rebound.example",
    ],
)
async def test_odd_spellings_and_metadata_are_not_connected_to(host: str) -> None:
    async def resolve(name: str) -> tuple[str, ...]:
        return ("169.254.169.254",) if name.endswith("nip.io") else ("127.0.0.1", "0.0.0.0")

    client = HttpClient(resolve=resolve)
    async with hostile(serve.healthy()) as server:
        fault = await _refusal(f"http://{host}:{server.port}/", client)
    await client.aclose()
    assert (fault.code, fault.stage, fault.latency_ms) == ("address_blocked", "address", None)
    assert "connect" not in [stage.name for stage in fault.stages]
    assert server.connects == 0


async def test_a_name_is_judged_by_the_address_connected_to() -> None:
    asked: list[str] = []

    async def resolve(name: str) -> tuple[str, ...]:
        asked.append(name)
        return ("127.0.0.2",) if len(asked) == 1 else ("127.0.0.1",)

    # 127.0.0.2 stands for the public address that a name shows first.
    policy = AddressPolicy(allow_addresses=frozenset({"127.0.0.2"}))
    client = HttpClient(policy, resolve=resolve)
    async with hostile(serve.healthy(), host="127.0.0.2") as server:
        url = f"http://api.example:{server.port}/"
        assert (await client.send(HttpRequest(url=url))).status == 200
        assert asked == ["api.example"]
        assert (await _refusal(url, client)).code == "address_blocked"
    await client.aclose()
    assert server.connects == 1


async def test_only_the_permitted_ones_of_several_addresses_are_tried() -> None:
    async def resolve(_: str) -> tuple[str, ...]:
        return ("127.0.0.1", "127.0.0.2")

    client = HttpClient(AddressPolicy(allow_addresses=frozenset({"127.0.0.2"})), resolve=resolve)
    async with hostile(serve.healthy()) as server:
        fault = await _refusal(f"http://api.example:{server.port}/", client)
    await client.aclose()
    assert fault.code == "refused"
    assert server.connects == 0


async def test_a_user_before_the_host_is_not_connected_to(client: HttpClient) -> None:
    async with hostile(serve.healthy()) as server:
        for host in ("good.example@127.0.0.1", "user:secret@localhost"):
            fault = await _refusal(f"http://{host}:{server.port}/", client)
            assert fault.code == "address_blocked"
            assert "secret" not in fault.message
    assert server.connects == 0


async def test_a_listed_address_is_connected_to_however_it_is_spelled() -> None:
    client = HttpClient(AddressPolicy(allow_addresses=frozenset({"127.0.0.1"})))
    async with hostile(serve.healthy()) as server:
        answer = await client.send(HttpRequest(url=f"http://0x7f000001:{server.port}/"))
    await client.aclose()
    assert answer.status == 200
