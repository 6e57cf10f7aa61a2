"""The simulated models' answers, asked for and read by the demo's agents over real HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.demo.agents.plan import Caller
from engine.demo.agents.wording import Asking, read, word
from engine.demo.behaviour import Mood, Script, Step
from engine.demo.child import Simulators
from engine.demo.dialects.answering import Completions, Prompt, count
from engine.demo.plan import Site
from engine.demo.things import Agent
from engine.http import HttpClient, HttpRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from engine.http import HttpAnswer

pytestmark = pytest.mark.processes

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
SECRET = "AKIAPLANTED:planted/secret+key"
MODELS = {
    "openai": "gpt-4.1",
    "anthropic": "claude-haiku-4-5",
    "azure_openai": "gpt-4.1-2025-04-14",
    "bedrock": "amazon.nova-pro-v1:0",
    "google": "gemini-2.5-flash",
    "custom": "qwen2.5-coder-32b",
}
CONFIG = {"azure_openai": {"deployment": "eu"}, "bedrock": {"region": "eu-west-1"}}
PATHS = {"openai": "/v1", "custom": "/v1"}
INSTRUCTIONS = "Be brief. " * 480


@pytest.fixture(scope="module")
def ports() -> Iterator[Mapping[str, int]]:
    script = Script((Step(0, Mood.OK, 1),))
    sites = [Site(name=one, dialect=one, accounts={SECRET: script}) for one in MODELS]
    with Simulators(sites) as simulators:
        yield simulators.ports


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    opened = HttpClient()
    yield opened
    await opened.aclose()


def caller(provider: str, port: int, *, model: str | None = None, answer: int = 800) -> Caller:
    return Caller(
        tenant_id="acme",
        agent=Agent(name="bot", integration="one", per_minute=1, answer=answer),
        provider=provider,
        model=model or MODELS[provider],
        base_url=f"http://127.0.0.1:{port}{PATHS.get(provider, '')}",
        secret=SECRET,
        config=CONFIG.get(provider, {}),
    )


def asking(who: Caller, question: str, instructions: str = INSTRUCTIONS) -> Asking:
    return Asking(caller=who, instructions=instructions, question=question, at=NOW)


def text_of(provider: str, answer: HttpAnswer) -> str:
    """What the model said."""
    body = json.loads(answer.body)
    match provider:
        case "anthropic":
            text = body["content"][0]["text"]
        case "google":
            text = body["candidates"][0]["content"]["parts"][0]["text"]
        case "bedrock":
            text = body["output"]["message"]["content"][0]["text"]
        case _:
            text = body["choices"][0]["message"]["content"]
    return str(text)


@pytest.mark.parametrize("provider", MODELS)
async def test_what_is_counted_is_what_came_and_went(
    client: HttpClient, ports: Mapping[str, int], provider: str
) -> None:
    who = caller(provider, ports[provider])
    first, second = asking(who, "Where is my order? " * 9), asking(who, "And now? " * 7)
    answers = [await client.send(word(one)) for one in (first, second)]
    used = [read(provider, who.model, answer.headers, answer.body) for answer in answers]
    for one, answer, said in zip((first, second), answers, used, strict=True):
        asked = count(one.instructions + one.question)
        # Parts of a prompt are joined by a line break in some.
        assert asked <= said.tokens_in <= asked + 1
        assert said.tokens_out == count(text_of(provider, answer))
        assert said.model == who.model
    assert used[0].call_id != used[1].call_id
    # The beginning is the same, so the second time it comes from the cache.
    assert used[1].tokens_cached == 1_024 < used[1].tokens_in


@pytest.mark.parametrize("provider", MODELS)
async def test_an_answer_ends_where_the_caller_says(
    client: HttpClient, ports: Mapping[str, int], provider: str
) -> None:
    who = caller(provider, ports[provider], answer=7)
    answer = await client.send(word(asking(who, "Tell me all.")))
    assert read(provider, who.model, answer.headers, answer.body).tokens_out == 7


async def test_vectors_have_tokens_in_alone(client: HttpClient, ports: Mapping[str, int]) -> None:
    who = caller("openai", ports["openai"], model="text-embedding-3-small")
    asked = word(asking(who, "x" * 400))
    answers = [await client.send(asked) for _ in range(2)]
    used = [read("openai", who.model, one.headers, one.body) for one in answers]
    assert [(one.tokens_in, one.tokens_out) for one in used] == [(100, 0)] * 2
    assert used[0].call_id != used[1].call_id


@pytest.mark.parametrize("provider", ["openai", "anthropic", "google", "custom"])
async def test_a_model_that_is_not_there_is_not_found(
    client: HttpClient, ports: Mapping[str, int], provider: str
) -> None:
    who = caller(provider, ports[provider], model="nosuch")
    answer = await client.send(word(asking(who, "Hello?")))
    assert answer.status == 404
    assert b"nosuch" in answer.body


@pytest.mark.parametrize("provider", [one for one in MODELS if one != "bedrock"])
@pytest.mark.parametrize("body", [b"", b"[]", b'{"messages": 7}', b"\xff", b'{"model": "x"}'])
async def test_what_is_no_prompt_is_refused(
    client: HttpClient, ports: Mapping[str, int], provider: str, body: bytes
) -> None:
    sent = word(asking(caller(provider, ports[provider]), "Hello?"))
    spoilt = HttpRequest(method="POST", url=sent.url, headers=sent.headers, body=body)
    answer = await client.send(spoilt)
    assert answer.status in {400, 404}
    assert "error" in json.loads(answer.body)


async def test_a_signature_counts_for_its_body(
    client: HttpClient, ports: Mapping[str, int]
) -> None:
    sent = word(asking(caller("bedrock", ports["bedrock"]), "Hello?"))
    other = HttpRequest(method="POST", url=sent.url, headers=sent.headers, body=b"{}")
    assert (await client.send(sent)).status == 200
    assert (await client.send(other)).status == 403


def test_a_cache_forgets_the_oldest() -> None:
    completions = Completions()
    prompts = [Prompt(text=f"{number:06}" * 1_000) for number in range(300)]
    for prompt in prompts:
        completions.complete(prompt)
    assert completions.complete(prompts[-1]).tokens_cached == 1_024
    assert completions.complete(prompts[0]).tokens_cached == 0
    assert completions.complete(Prompt(text="short")).tokens_cached == 0
