"""Logs as other programs write them; where each is from is said beside the samples."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.usage.readers.files import open_log
from engine.usage.records import UsageRecord

if TYPE_CHECKING:
    from engine.usage.readers.base import Found

SAMPLES = Path(__file__).parents[1] / "samples"
LITELLM = ("litellm_spend_logs.json", "litellm_spend_logs.csv")


def read(name: str) -> list[Found]:
    with closing(open_log(str(SAMPLES / name))) as log:
        return [found for _, found in log.read({})]


def records(name: str) -> dict[str, UsageRecord]:
    found = [one for one in read(name) if one is not None]
    assert all(isinstance(one, UsageRecord) for one in found), found
    return {one.call_id: one for one in found if isinstance(one, UsageRecord)}


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("litellm_spend_logs.json", "litellm"),
        ("litellm_spend_logs.csv", "litellm"),
        ("otlp_litellm.jsonl", "otlp"),
        ("langfuse_observations_v2.jsonl", "langfuse"),
        ("langfuse_api.json", "langfuse"),
        ("helicone_export.jsonl", "helicone"),
        ("helicone_export.csv", "helicone"),
    ],
)
def test_knows_each_log_by_its_names(name: str, origin: str) -> None:
    with closing(open_log(str(SAMPLES / name))) as log:
        assert log.origin == origin


@pytest.mark.parametrize("name", LITELLM)
def test_reads_litellms_spend_logs(name: str) -> None:
    found = records(name)
    assert len(found) == 8
    first = found["chatcmpl-s001"]
    assert (first.provider, first.model) == ("openai", "gpt-4o-mini")
    assert (first.tokens_in, first.tokens_out, first.tokens_cached) == (1200, 40, 1024)
    assert (first.cost_nanos, first.latency_ms, first.error) == (127_200, 741, None)
    assert first.at.isoformat() == "2026-11-21T10:39:26.032000+00:00"
    second = found["chatcmpl-s002"]
    assert (second.agent, second.session) == ("checkout-bot", "s-1")


@pytest.mark.parametrize("name", LITELLM)
def test_a_spend_of_0_for_a_model_that_litellm_does_not_know_is_no_price(name: str) -> None:
    found = records(name)
    unknown = found["chatcmpl-s004"]
    assert (unknown.model, unknown.tokens_in, unknown.cost_nanos) == ("house-model-7b", 1200, None)
    failed = next(one for one in found.values() if one.error)
    assert (failed.error, failed.cost_nanos) == ("429", 0)


@pytest.mark.parametrize("name", LITELLM)
def test_takes_litellms_provider_off_the_model(name: str) -> None:
    told = {(one.provider, one.model) for one in records(name).values()}
    assert ("azure_openai", "gpt-4o-eu") in told
    assert ("anthropic", "claude-sonnet-4-5") in told


def test_reads_the_spans_that_litellm_sends() -> None:
    found = records("otlp_litellm.jsonl")
    assert len(found) == 8
    first = found["chatcmpl-s001"]
    # Not `fast`, which is what the response calls it: that is the name of a group of models.
    assert (first.provider, first.model) == ("openai", "gpt-4o-mini")
    assert (first.tokens_in, first.tokens_out, first.cost_nanos) == (1200, 40, 127_200)
    assert found["chatcmpl-s004"].cost_nanos is None
    embedding = next(one for one in found.values() if "embedding" in one.model)
    assert (embedding.provider, embedding.tokens_in) == ("openai", 8)
    failed = next(one for one in found.values() if one.error)
    assert failed.error == "RateLimitError"


def test_a_call_that_log_and_span_both_tell_has_one_id() -> None:
    # Both were taken of the same kind of proxy; the provider made the ids.
    logged, traced = records(LITELLM[0]), records("otlp_litellm.jsonl")
    assert {"chatcmpl-s001", "chatcmpl-s002", "chatcmpl-s004"} <= logged.keys() & traced.keys()


def test_counts_no_span_that_only_holds_calls() -> None:
    assert read("otlp_litellm.jsonl").count(None) > 8


def test_reads_langfuses_observations() -> None:
    found = records("langfuse_observations_v2.jsonl")
    assert found.keys() == {"obs-1", "obs-3", "obs-4"}
    first = found["obs-1"]
    assert (first.tokens_in, first.tokens_out, first.tokens_cached) == (1200, 100, 1024)
    assert (first.cost_nanos, first.latency_ms) == (2_720_000, 1500)
    assert (first.session, first.agent) == ("s-1", "checkout")
    assert found["obs-3"].cost_nanos is None
    assert (found["obs-4"].error, found["obs-4"].cost_nanos) == ("error", 0)


def test_reads_what_langfuses_interface_answers() -> None:
    found = records("langfuse_api.json")
    assert found["obs-1"].tokens_in == 1200
    assert (found["obs-5"].tokens_in, found["obs-5"].tokens_out) == (10, 20)


def test_reads_helicones_requests() -> None:
    first, silent, refused, unknown = records("helicone_export.jsonl").values()
    assert (first.provider, first.model) == ("openai", "gpt-4o-2024-08-06")
    assert (first.tokens_in, first.tokens_cached, first.cost_nanos) == (1200, 1024, 2_720_000)
    assert (first.session, first.agent, first.latency_ms) == ("s-1", "checkout", 1480)
    assert silent.error == "no_answer"
    assert refused.error == "http_429"
    assert (unknown.tokens_out, unknown.cost_nanos) == (20, None)


def test_reads_helicones_export_with_line_ends_in_a_cell() -> None:
    first, second = records("helicone_export.csv").values()
    assert (first.call_id, first.cost_nanos, first.session) == ("r-1", 2_720_000, "s-1")
    assert second.error == "http_429"


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_no_sample_holds_a_path_or_a_key(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in ("/root/", "/lib/", "/home/", "site-packages", "Bearer "):
        assert word not in text
