from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.demo.behaviour import Mood, Script, Step
from engine.demo.child import Simulators
from engine.demo.plan import Site
from engine.http import HttpClient, HttpRequest
from engine.integrations.providers import check_provider, get_provider
from engine.probes.states import CusHealthState
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from engine.probes.result import ProbeResult

pytestmark = pytest.mark.processes

SECRETS = {
    "openai": "sk-proj-planted-{}",
    "anthropic": "sk-ant-planted-{}",
    "azure_openai": "azure-planted-{}",
    "bedrock": "AKIA{}:planted/secret+key",
    "google": "AIzaSy-planted-{}",
    "custom": "custom-planted-{}",
}
PATHS = {"openai": "/v1", "custom": "/v1"}
FAST = 5
ANSWERED = [mood for mood in Mood if mood not in {Mood.SILENT, Mood.REFUSED}]
RESTARTS = Script((Step(0, Mood.REFUSED), Step(0.4, Mood.OK, FAST)), 1.2)


def _secret(provider: str, mood: Mood) -> str:
    return SECRETS[provider].format(mood.name.replace("_", ""))


@pytest.fixture(scope="module")
def ports() -> Iterator[Mapping[str, int]]:
    sites = [
        Site(
            name=provider,
            dialect=provider,
            accounts={
                _secret(provider, m): Script((Step(0, m, FAST, 7),))
                for m in Mood
                if m is not Mood.REFUSED
            },
        )
        for provider in SECRETS
    ]
    sites += [
        Site(name="closed", dialect="keyless", accounts={"": Script((Step(0, Mood.REFUSED),))}),
        Site(name="restarts", dialect="keyless", accounts={"": RESTARTS}),
        Site(name="keyless", dialect="keyless", accounts={"": Script((Step(0, Mood.OK, FAST),))}),
    ]
    with Simulators(sites) as simulators:
        yield simulators.ports


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    opened = HttpClient()
    yield opened
    await opened.aclose()


async def _check(
    client: HttpClient,
    port: int,
    provider: str,
    credential: str | None,
    *,
    path: str | None = None,
    deadline_s: float = 60.0,
) -> ProbeResult:
    base = PATHS.get(provider, "") if path is None else path
    return await check_provider(
        client,
        get_provider(provider),
        base_url=f"http://127.0.0.1:{port}{base}",
        config={},
        credential=credential,
        now=datetime.now(UTC),
        deadline_s=deadline_s,
    )


EXPECTED = {
    Mood.OK: (CusHealthState.HEALTHY, None),
    Mood.UNAUTHORIZED: (CusHealthState.FAILING, "auth_failed"),
    Mood.FORBIDDEN: (CusHealthState.FAILING, "access_denied"),
    Mood.RATE_LIMITED: (CusHealthState.DEGRADED, "rate_limited"),
    Mood.SERVER_ERROR: (CusHealthState.FAILING, "http_500"),
    Mood.UNAVAILABLE: (CusHealthState.FAILING, "http_503"),
    Mood.LOGIN_PAGE: (CusHealthState.DEGRADED, "unexpected_content_type"),
}


@pytest.mark.parametrize("provider", SECRETS)
@pytest.mark.parametrize("mood", EXPECTED)
async def test_each_provider_says_it_in_its_own_words(
    client: HttpClient, ports: Mapping[str, int], provider: str, mood: Mood
) -> None:
    result = await _check(client, ports[provider], provider, _secret(provider, mood))
    assert (result.state, result.error) == EXPECTED[mood], result
    assert "planted" not in repr(result)
    if mood in {Mood.RATE_LIMITED, Mood.UNAVAILABLE}:
        assert result.retry_after_s == 7


@pytest.mark.parametrize("provider", SECRETS)
async def test_an_unknown_key_is_refused(
    client: HttpClient, ports: Mapping[str, int], provider: str
) -> None:
    stranger = "AKIASTRANGER:nobody-knows-this" if provider == "bedrock" else "nobody-knows-this"
    result = await _check(client, ports[provider], provider, stranger)
    assert result.error == "auth_failed", result
    assert "nobody-knows-this" not in repr(result)


async def test_a_signature_with_the_wrong_secret_is_refused(
    client: HttpClient, ports: Mapping[str, int]
) -> None:
    key_id = _secret("bedrock", Mood.OK).partition(":")[0]
    result = await _check(client, ports["bedrock"], "bedrock", f"{key_id}:another/secret")
    assert result.error == "auth_failed"
    assert result.status_code == 403
    assert "signature" in result.message


async def test_overload_is_a_529_at_anthropic_alone(
    client: HttpClient, ports: Mapping[str, int]
) -> None:
    for provider in SECRETS:
        result = await _check(client, ports[provider], provider, _secret(provider, Mood.OVERLOADED))
        if provider == "anthropic":
            assert (result.status_code, result.error) == (529, "overloaded")
            assert result.state is CusHealthState.DEGRADED
        else:
            assert (result.status_code, result.error) == (503, "http_503")


async def test_silence_ends_with_the_deadline(client: HttpClient, ports: Mapping[str, int]) -> None:
    secret = _secret("openai", Mood.SILENT)
    with within(2):
        result = await _check(client, ports["openai"], "openai", secret, deadline_s=0.5)
    assert result.state is CusHealthState.FAILING


async def test_a_reset_and_a_closed_door_are_failing(
    client: HttpClient, ports: Mapping[str, int]
) -> None:
    reset = await _check(client, ports["custom"], "custom", _secret("custom", Mood.RESET))
    assert reset.state is CusHealthState.FAILING
    closed = await _check(client, ports["closed"], "custom", None)
    assert (closed.state, closed.error, closed.stage) == (
        CusHealthState.FAILING,
        "refused",
        "connect",
    )


async def test_a_server_that_restarts_is_refused_and_answers_in_turn(
    client: HttpClient, ports: Mapping[str, int]
) -> None:
    seen: list[str | None] = []
    async with asyncio.timeout(120):
        while {"refused", None} - set(seen) or seen[-1] is not None:
            result = await _check(client, ports["restarts"], "custom", None)
            seen.append(result.error)
    assert set(seen) <= {"refused", "reset", "closed", None}


async def test_a_server_without_keys_takes_anybody(
    client: HttpClient, ports: Mapping[str, int]
) -> None:
    for credential in (None, "anything"):
        result = await _check(client, ports["keyless"], "custom", credential)
        assert result.state is CusHealthState.HEALTHY


@pytest.mark.parametrize(
    ("provider", "headers", "path", "status"),
    [
        ("openai", {}, "/v1/models", 401),
        ("openai", {"Authorization": f"Bearer {_secret('openai', Mood.OK)}"}, "/v1/chat", 404),
        ("anthropic", {"x-api-key": _secret("anthropic", Mood.OK)}, "/v1/models", 400),
        ("anthropic", {}, "/v1/models", 401),
        ("azure_openai", {"api-key": _secret("azure_openai", Mood.OK)}, "/openai/models", 404),
        ("azure_openai", {}, "/openai/models?api-version=2024-10-21", 401),
        ("bedrock", {}, "/foundation-models", 403),
        (
            "bedrock",
            {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAOK/x"},
            "/foundation-models",
            403,
        ),
        ("google", {}, "/v1beta/models", 403),
        ("google", {"x-goog-api-key": "wrong"}, "/v1beta/models", 400),
    ],
)
async def test_what_is_left_out_is_missed(
    client: HttpClient,
    ports: Mapping[str, int],
    *,
    provider: str,
    headers: dict[str, str],
    path: str,
    status: int,
) -> None:
    url = f"http://127.0.0.1:{ports[provider]}{path}"
    answer = await client.send(HttpRequest(url=url, headers=headers))
    assert answer.status == status
    assert answer.headers["content-type"].startswith("application/json")


def test_the_plan_is_in_no_process_list_and_the_child_ends_with_its_pipe() -> None:
    site = Site(name="a", dialect="openai", accounts={"sk-planted-argv": Script()})
    simulators = Simulators([site])
    with simulators:
        process = simulators._process
        assert process is not None
        proc = Path(f"/proc/{process.pid}")
        if proc.exists():
            for name in ("cmdline", "environ"):
                assert b"sk-planted-argv" not in (proc / name).read_bytes()
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(120) == 0
    simulators.close()
