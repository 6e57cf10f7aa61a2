"""A server that others wrote: what we take for OpenAI's API is not only our own idea of it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from engine.http import HttpClient
from engine.integrations.providers import check_provider, get_provider
from engine.probes.states import CusHealthState
from tests.servers.programs import free_port, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from engine.probes.result import ProbeResult

SECRET = "sk-planted-0123456789"

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A running `mocktopus serve`, once it accepts connections."""
    if find_spec("mocktopus") is None:
        pytest.skip("mocktopus is not installed: pip install 'lampboard[dev]'")
    number = free_port()
    command = [sys.executable, "-c", "from mocktopus.cli import main; main()", "serve"]
    place = ["--host", "127.0.0.1", "--port", str(number)]
    with running([*command, *place], number, tmp_path_factory.mktemp("mocktopus")):
        yield number


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    opened = HttpClient()
    yield opened
    await opened.aclose()


@pytest.mark.parametrize("name", ["custom", "openai"])
async def test_its_models_are_listed(client: HttpClient, port: int, name: str) -> None:
    result = await _check(client, name, f"http://127.0.0.1:{port}/v1")
    assert result.state is CusHealthState.HEALTHY, result
    assert result.status_code == 200
    assert isinstance(result.details["models"], int)
    assert result.details["models"] > 0
    assert result.latency_ms is not None
    assert {stage.name for stage in result.stages} >= {"connect", "response"}


async def test_a_wrong_base_url_is_no_healthy_lamp(client: HttpClient, port: int) -> None:
    result = await _check(client, "custom", f"http://127.0.0.1:{port}/v2")
    assert result.state is CusHealthState.FAILING
    assert result.error == "http_404"


async def test_nobody_listening_is_refused(client: HttpClient, closed_port: int) -> None:
    result = await _check(client, "custom", f"http://127.0.0.1:{closed_port}/v1")
    assert result.state is CusHealthState.FAILING
    assert result.stage == "connect"
    assert SECRET not in repr(result)


async def _check(client: HttpClient, name: str, base_url: str) -> ProbeResult:
    return await check_provider(
        client,
        get_provider(name),
        base_url=base_url,
        config={},
        credential=SECRET,
        now=datetime(2026, 3, 1, tzinfo=UTC),
        deadline_s=60.0,
    )
