from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.usage.period import day_of
from engine.usage.receiver.sink import WorkspaceSink
from storage.usage.counted import counted
from tests.engine.usage.receiver.conftest import histogram, metrics, point, span, traces

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.workspace import Workspace


@pytest.fixture
async def gpt(workspace: Workspace) -> str:
    made = await workspace.integrations.create_integration(
        "acme", "gpt", "openai", secret="sk-proj-planted-for-calls"
    )
    return made.id


async def _sums(workspace: Workspace, integration: str) -> tuple[int, ...]:
    day = day_of(workspace.clock.now())
    found = await workspace.read(
        lambda connection: counted(connection, integration, "otlp", first=day, end=day + 1)
    )
    one = found.get((day, "gpt-4o-mini"))
    return (one.calls, one.tokens_in, one.tokens_out, one.tokens_cached) if one else (0, 0, 0, 0)


async def test_spans_of_the_only_integration_of_a_provider_are_its(
    listen: Callable[..., Any], workspace: Workspace, gpt: str
) -> None:
    line = await listen(WorkspaceSink(workspace, "acme"))
    for _ in range(2):  # what is sent again is counted once
        answer = await line.post("/v1/traces", traces(span(1), span(2)))
        assert (answer.status, answer.told) == (200, {})
    assert await _sums(workspace, gpt) == (2, 2000, 200, 0)
    assert (line.intake.counts.new, line.intake.counts.duplicate) == (2, 2)


async def test_a_call_that_is_nobodys_is_refused_with_what_to_do(
    listen: Callable[..., Any], workspace: Workspace, gpt: str
) -> None:
    line = await listen(WorkspaceSink(workspace, "acme"))
    document = traces(span(1, gen_ai__provider__name="anthropic"), span(2))
    answer = await line.post("/v1/traces", document)
    partial = answer.told["partialSuccess"]
    assert partial["rejectedSpans"] == "1"
    assert "no integration of 'anthropic'" in partial["errorMessage"]
    assert (await _sums(workspace, gpt))[0] == 1
    named = traces(span(3, gen_ai__provider__name="anthropic"), lampboard__integration="GPT")
    assert (await line.post("/v1/traces", named)).told == {}
    line = await listen(WorkspaceSink(workspace, "acme", integration="gpt"))
    assert (await line.post("/v1/traces", traces(span(4, gen_ai__system="x")))).told == {}


async def test_cumulative_metrics_are_counted_as_they_grow(
    listen: Callable[..., Any], workspace: Workspace, gpt: str
) -> None:
    def document(tokens: int, calls: int, at_s: int) -> dict[str, Any]:
        return metrics(
            histogram(
                point(tokens, calls, at_s=at_s),
                point(tokens / 10, calls, at_s=at_s, gen_ai__token__type="output"),
            )
        )

    line = await listen(WorkspaceSink(workspace, "acme"), count="metrics")
    await line.post("/v1/metrics", document(1000, 5, 10))
    await line.post("/v1/metrics", document(1000, 5, 10))
    assert await _sums(workspace, gpt) == (5, 1000, 100, 0)
    # Another receiver, after this one was killed.
    line = await listen(WorkspaceSink(workspace, "acme"), count="metrics")
    await line.post("/v1/metrics", document(1600, 8, 20))
    await line.post("/v1/metrics", document(1200, 6, 15))  # late, and told already
    assert await _sums(workspace, gpt) == (8, 1600, 160, 0)
    await line.post("/v1/metrics", document(50, 1, 30))  # begun anew
    assert await _sums(workspace, gpt) == (9, 1650, 165, 0)


async def test_delta_metrics_and_one_family_of_several_are_counted(
    listen: Callable[..., Any], workspace: Workspace, gpt: str
) -> None:
    operation = "gen_ai.client.inference.operation.{}_tokens"
    usage = "gen_ai.client.inference.usage.{}_tokens"

    def counter(name: str, value: int) -> dict[str, Any]:
        one = {**point(0, 0), "asInt": str(value)}
        del one["sum"], one["count"]
        return {"name": name, "sum": {"aggregationTemporality": 1, "dataPoints": [one]}}

    line = await listen(WorkspaceSink(workspace, "acme"), count="metrics")
    await line.post(
        "/v1/metrics",
        metrics(
            histogram(point(70, 2), name=operation.format("input"), temporality=1),
            histogram(point(7, 2), name=operation.format("output"), temporality=1),
            counter(usage.format("input"), 70),
        ),
    )
    assert await _sums(workspace, gpt) == (2, 70, 7, 0)
    await line.post(
        "/v1/metrics",
        metrics(counter(usage.format("input"), 30), counter(usage.format("cache_read.input"), 20)),
    )
    assert await _sums(workspace, gpt) == (3, 100, 7, 20)


async def test_what_is_not_counted_is_said(
    listen: Callable[..., Any], workspace: Workspace, gpt: str
) -> None:
    line = await listen(WorkspaceSink(workspace, "acme"))
    answer = await line.post("/v1/metrics", metrics(histogram(point(70, 2))))
    assert "--count metrics" in answer.told["partialSuccess"]["errorMessage"]
    assert (await line.post("/v1/metrics", metrics({"name": "http.duration"}))).told == {}
    line = await listen(WorkspaceSink(workspace, "acme"), count="metrics")
    answer = await line.post("/v1/metrics", metrics(histogram(point(70, 2), temporality=0)))
    assert answer.told["partialSuccess"]["rejectedDataPoints"] == "1"
    assert await _sums(workspace, gpt) == (0, 0, 0, 0)
