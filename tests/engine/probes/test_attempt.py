"""One check's way to the other side: addresses that are judged, stages that are timed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.http import HttpRequest
from engine.probes.attempt import Attempt
from engine.probes.place import Place
from engine.probes.refusals import NO_WAY, Refused
from engine.probes.states import CusHealthState
from tests.servers.hostile import healthy, hostile

if TYPE_CHECKING:
    from engine.probes.place import Tools
    from tests.servers.certificates import Authority
    from tests.servers.hostile import Hostile


def attempt(tools: Tools, **place: object) -> Attempt:
    return Attempt(Place(technology="trial", **place), tools, deadline_s=30)  # type: ignore[arg-type]


def leading_to(tools: Tools, *addresses: str) -> Tools:
    """The same tools, with every name leading to these addresses."""

    async def resolve(_: str) -> tuple[str, ...]:
        return addresses

    return replace(tools, resolve=resolve)


@pytest.mark.parametrize(
    "host",
    [
        *("169.254.169.254", "0xa9fea9fe", "2852039166", "169.254.43518", "0251.0376.0251.0376"),
        *("::ffff:169.254.169.254", "fd00:ec2::254", "0.0.0.0", "64:ff9b::a9fe:a9fe"),
    ],
)
async def test_metadata_address_is_blocked_in_every_spelling(tools: Tools, host: str) -> None:
    trial = attempt(tools)
    with pytest.raises(Refused) as caught:
        await trial.connect(host, 80)
    assert caught.value.code == "address_blocked"
    assert (trial.stages, trial.stage_name) == ([], "address")


async def test_name_that_leads_inside_is_blocked(tools: Tools) -> None:
    with pytest.raises(Refused) as caught:
        await attempt(leading_to(tools, "127.0.0.1")).connect("db.example", 5432)
    assert (caught.value.code, caught.value.state) == ("address_blocked", CusHealthState.UNKNOWN)


async def test_next_address_is_tried(tools: Tools, silent: Hostile) -> None:
    listed = frozenset({"127.0.0.1", "127.0.0.9"})
    policy = replace(tools.policy, allow_addresses=listed)
    trial = attempt(leading_to(replace(tools, policy=policy), "127.0.0.9", "127.0.0.1"))
    sock = await trial.connect("db.example", silent.port)
    assert sock.getpeername()[0] == "127.0.0.1"
    sock.close()
    assert [stage.name for stage in trial.stages] == ["resolve", "connect"]


async def test_name_that_does_not_exist_is_told(tools: Tools) -> None:
    with pytest.raises(Refused) as caught:
        await attempt(tools).resolve("nowhere.invalid")
    assert caught.value.code in {"dns_not_found", "dns_failed", "dns_unavailable"}


async def test_reach_leaves_no_connection(tools: Tools, silent: Hostile) -> None:
    address = await attempt(tools).reach("127.0.0.1", silent.port)
    assert str(address) == "127.0.0.1"
    await silent.idle.wait()


async def test_steps_of_a_request_become_stages(tools: Tools) -> None:
    async with hostile(healthy()) as server:
        trial = attempt(tools)
        answer = await trial.send(HttpRequest(url=server.url))
    assert answer.status == 200
    assert [stage.name for stage in trial.stages] == ["connect", "response", "body"]


async def test_request_that_fails_is_refused_with_its_stage(tools: Tools, closed_port: int) -> None:
    trial = attempt(tools)
    with pytest.raises(Refused) as caught:
        await trial.send(HttpRequest(url=f"http://127.0.0.1:{closed_port}/"))
    assert (caught.value.code, trial.stage_name) == ("refused", "connect")


async def test_driver_tells_its_own_turns(tools: Tools) -> None:
    trial = attempt(tools)
    with pytest.raises(Refused):
        go_through(trial, "authenticate", "authenticate", "query", code="query_failed")
    assert [(stage.name, stage.ok) for stage in trial.stages] == [
        ("tls", True),
        ("authenticate", True),
        ("query", False),
    ]


async def test_refused_certificate_belongs_to_tls(tools: Tools) -> None:
    trial = attempt(tools)
    with pytest.raises(Refused):
        go_through(trial, "authenticate", code="tls_wrong_host")
    assert trial.stage_name == "tls"


def go_through(trial: Attempt, *stages: str, code: str) -> None:
    with trial.turns("tls") as turn:
        for stage in stages:
            turn(stage)
        raise Refused(code, "No.", "Ask another.")


@pytest.mark.parametrize("host", [None, "", "  "])
async def test_missing_host_is_not_guessed(tools: Tools, host: str | None) -> None:
    with pytest.raises(Refused) as caught:
        attempt(tools, host=host).where(1)
    assert caught.value.code in NO_WAY


async def test_file_of_trust_holds_the_public_authorities_and_the_own(
    tools: Tools, authority: Authority, tmp_path: Path
) -> None:
    import certifi

    own = authority.file(tmp_path)
    joined = attempt(tools, tls_ca=str(own)).trust_file()
    text = read(joined)
    assert read(str(own)) in text
    assert read(certifi.where()) in text
    assert attempt(tools).trust_file() == certifi.where()


async def test_file_of_trust_comes_back_when_it_was_tidied_up(
    tools: Tools, authority: Authority, tmp_path: Path
) -> None:
    trial = attempt(tools, tls_ca=str(authority.file(tmp_path)))
    remove(trial.trust_file())
    assert read(trial.trust_file())


def remove(path: str) -> None:
    Path(path).unlink()


def read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def test_secrets_are_in_no_repr() -> None:
    place = Place(
        technology="trial",
        url="postgresql://app:first-secret@db/app",
        password="second-secret",
        api_key="third-secret",
        oauth={"client_secret": "fourth-secret"},
        options={"sas": "fifth-secret", "proxy": "http://me:sixth-secret@proxy:3128"},
    )
    assert "secret" not in repr(place)
    ordinals = ("first", "second", "third", "fourth", "fifth", "sixth")
    assert {f"{ordinal}-secret" for ordinal in ordinals} <= set(place.secrets)
