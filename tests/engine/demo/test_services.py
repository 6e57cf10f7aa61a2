from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.demo.behaviour import Mood, Script
from engine.demo.dialects import DIALECTS
from engine.demo.scripts import always
from engine.demo.wires import WIRES
from engine.demo.world import TENANTS
from tests.engine.demo.conftest import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.demo.things import Connector, Source
    from tests.engine.demo.conftest import Asking

pytestmark = pytest.mark.processes

FAST = 5
THINGS = [thing for tenant in TENANTS for thing in (*tenant.sources, *tenant.connectors)]
SIMULATED = [one for one in THINGS if one.script and one.technology in {*DIALECTS, *WIRES}]
# One of each technology, whose server knows it.
EACH: dict[str, Source | Connector] = {
    thing.technology: replace(thing, unknown_secret=False) for thing in reversed(SIMULATED)
}


def _moods(script: Script | None) -> set[Mood]:
    return {step.mood for step in script.steps} if script else set()


# Every pair that the world's scripts come to; a closed door is the same for all.
PAIRS = sorted(
    {(one.technology, mood) for one in SIMULATED for mood in _moods(one.script) - {Mood.REFUSED}}
    | {(technology, mood) for technology in EACH for mood in (Mood.OK, Mood.SILENT)}
)
USUAL = {
    Mood.OK: ("healthy", None),
    Mood.FORBIDDEN: ("failing", "access_denied"),
    Mood.UNAUTHORIZED: ("failing", "auth_failed"),
    Mood.RATE_LIMITED: ("degraded", "rate_limited"),
    Mood.SERVER_ERROR: ("failing", "http_500"),
    Mood.UNAVAILABLE: ("failing", "http_503"),
    Mood.SILENT: ("failing", "timeout"),
}
OWN = {
    ("elasticsearch", Mood.IMPAIRED): ("degraded", "cluster_yellow"),
    ("elasticsearch", Mood.BROKEN): ("failing", "cluster_red"),
    ("couchdb", Mood.IMPAIRED): ("degraded", "maintenance"),
    ("kafka", Mood.IMPAIRED): ("degraded", "no_leader"),
    ("pinecone", Mood.IMPAIRED): ("degraded", "starting"),
    ("weaviate", Mood.UNAVAILABLE): ("failing", "starting"),
    ("redis", Mood.UNAVAILABLE): ("failing", "starting"),
    ("postgresql", Mood.OVERLOADED): ("failing", "overloaded"),
    ("clickhouse", Mood.SERVER_ERROR): ("failing", "query_failed"),
}
ABSENT = {
    "chroma": "database",
    "clickhouse": "database",
    "couchdb": "database",
    "elasticsearch": "index",
    "kafka": "topic",
    "pinecone": "index",
    "qdrant": "collection",
    "weaviate": "collection",
}


def _named(technology: str, mood: Mood) -> str:
    return f"{technology}-{mood}"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    things = [
        replace(EACH[technology], name=_named(technology, mood), script=always(mood, FAST, 7))
        for technology, mood in PAIRS
    ]
    # The world's own scripts close doors now and then.
    strangers = [
        replace(
            one,
            name=f"{one.technology}-stranger",
            script=always(Mood.OK, FAST, 7),
            unknown_secret=True,
        )
        for one in _with_secrets()
    ]
    with Served([*things, *strangers]) as found:
        yield found


def _with_secrets() -> list[Source | Connector]:
    return [one for one in EACH.values() if one.key or one.user]


@pytest.mark.parametrize(("technology", "mood"), PAIRS)
async def test_every_server_answers_the_products_own_probe_as_its_script_says(
    ask: Asking, served: Served, technology: str, mood: Mood
) -> None:
    expected = OWN.get((technology, mood)) or USUAL[mood]
    # A busy machine may not even have connected when a short deadline ends.
    for deadline_s in (0.5, 5.0, 30.0) if mood is Mood.SILENT else (60.0,):
        result = await ask(served.place(_named(technology, mood)), deadline_s)
        if (result.state, result.error) == expected:
            break
    assert (result.state, result.error) == expected, result


@pytest.mark.parametrize("technology", [one.technology for one in _with_secrets()])
async def test_every_server_turns_a_strangers_secret_away(
    ask: Asking, served: Served, technology: str
) -> None:
    there = served.place(f"{technology}-stranger")
    result = await ask(there)
    assert (result.state, result.error) == ("failing", "auth_failed"), result
    assert there.secrets
    assert not any(secret in repr(result) for secret in there.secrets)


@pytest.mark.parametrize("technology", ABSENT)
async def test_every_server_knows_what_it_has_not(
    ask: Asking, served: Served, technology: str
) -> None:
    result = await ask(served.place(_named(technology, Mood.OK), database="nosuchthing"))
    assert (result.state, result.error) == ("failing", "not_found"), result
    assert ABSENT[technology] in result.message


async def test_databases_of_redis_are_numbers(ask: Asking, served: Served) -> None:
    result = await ask(served.place(_named("redis", Mood.OK), database="16"))
    assert result.error == "not_found"


async def test_an_api_that_says_that_it_is_not_well_is_not(ask: Asking) -> None:
    (tracking,) = (one for one in THINGS if one.name == "tracking-api")
    with Served([replace(tracking, script=always(Mood.BROKEN, FAST))]) as served:
        result = await ask(served.place("tracking-api"))
    assert (result.state, result.error) == ("failing", "unexpected_body")


async def test_a_stranger_at_a_wire_is_hung_up_on(ask: Asking, served: Served) -> None:
    for wire in WIRES:
        there = served.place(_named(wire, Mood.OK))
        web = replace(there, technology="rest", host=there.host, port=there.port, options={})
        assert (await ask(web)).state == "failing"
        assert (await ask(there)).state == "healthy"
