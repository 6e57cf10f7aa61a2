"""What an answer means: status, type, body, time, each with the sentence that people read."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, cast

import pytest

from engine.http import HttpAnswer, HttpClient, HttpFault, HttpRequest, Stage
from engine.probes.http_json import probe_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.probes.result import ProbeResult

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
STAGES = (Stage(name="response", ms=1.0),)


class Canned:
    """A client whose one outcome is known beforehand."""

    def __init__(self, outcome: HttpAnswer | HttpFault) -> None:
        self._outcome = outcome

    async def send(self, _: HttpRequest) -> HttpAnswer:
        if isinstance(self._outcome, HttpFault):
            raise self._outcome
        return self._outcome


def answered(
    body: bytes | object = None,
    *,
    status: int = 200,
    latency_ms: float = 12.4,
    **headers: str,
) -> HttpAnswer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(
        status=status,
        reason="",
        headers={"content-type": "application/json", **names},
        body=body if isinstance(body, bytes) else json.dumps(body or {}).encode(),
        latency_ms=latency_ms,
        stages=STAGES,
        loop_lag_ms=0.6,
    )


async def probe(outcome: HttpAnswer | HttpFault, **options: object) -> ProbeResult:
    client = cast("HttpClient", Canned(outcome))
    request = HttpRequest(url="https://api.example/v1/models")
    given = {"accept": lambda _: None, "now": lambda: NOW, **options}
    return await probe_json(client, request, **given)  # type: ignore[arg-type]


async def test_a_good_answer_is_healthy_and_keeps_its_measures() -> None:
    result = await probe(answered())
    assert (result.state, result.error, result.stage, result.message) == (
        "healthy",
        None,
        "evaluate",
        "Healthy.",
    )
    assert (result.latency_ms, result.stages, result.status_code, result.loop_lag_ms) == (
        12,
        STAGES,
        200,
        1,
    )


@pytest.mark.busy_machine
@pytest.mark.parametrize(
    ("latency_ms", "state", "says"),
    [
        (0.2, "healthy", "Healthy."),
        (2000.0, "healthy", "Healthy."),
        (2000.5, "degraded", "Slow response"),
        (5000.0, "degraded", "Slow response: 5,000 ms."),
        (5001.0, "degraded", "Very slow response: 5,001 ms."),
    ],
)
async def test_time_is_judged(latency_ms: float, state: str, says: str) -> None:
    result = await probe(answered(latency_ms=latency_ms))
    assert result.state == state
    assert says in result.message
    assert result.latency_ms
    assert result.error == (None if state == "healthy" else "slow")


@pytest.mark.parametrize(
    ("status", "state", "error"),
    [
        (201, "degraded", "unexpected_status"),
        (206, "degraded", "unexpected_status"),
        (304, "degraded", "redirect"),
        (402, "failing", "http_402"),
        (404, "failing", "http_404"),
        (418, "failing", "http_418"),
        (501, "failing", "http_501"),
        (529, "degraded", "overloaded"),
        (600, "failing", "http_600"),
    ],
)
async def test_each_status_has_a_state_a_sentence_and_a_remedy(
    status: int, state: str, error: str
) -> None:
    result = await probe(answered(status=status))
    assert (result.state, result.error, result.stage) == (state, error, "evaluate")
    assert str(status) in result.message
    assert result.remedy.endswith(".")


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "said so"}},
        {"error": "said so"},
        {"message": "said so"},
        {"Message": "said so"},
        {"detail": "said so"},
        {"errors": [{"message": "said so"}]},
        [{"error": {"message": "said so"}}],
        {"error": {"code": "said so"}},
    ],
)
async def test_the_providers_own_words_are_shown(body: object) -> None:
    result = await probe(answered(body, status=500))
    assert result.message == "500 Server error: said so"


async def test_plain_text_is_shown_and_markup_is_not() -> None:
    text = await probe(answered(b"out of\norder", status=503, content_type="text/plain"))
    page = await probe(answered(b"<h1>out of order</h1>", status=503, content_type="text/html"))
    assert text.message == "503 Server error: out of order"
    assert page.message == "503 Server error."


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"error": {"message": "Incorrect API key provided"}}, "auth_failed"),
        ({"error": {"type": "authentication_error", "message": "no"}}, "auth_failed"),
        ({"error": {"message": "quota used up"}}, "provider_error"),
        ({"errors": [{"message": "try later"}]}, "provider_error"),
        ({"error": None, "data": []}, None),
        ({"error": {}, "errors": []}, None),
    ],
)
async def test_an_error_in_the_body_wins_over_a_good_status(
    body: object, error: str | None
) -> None:
    result = await probe(answered(body))
    assert result.error == error


async def test_a_refusal_that_the_status_does_not_tell() -> None:
    def classify(status: int, headers: Mapping[str, str], body: object) -> str | None:
        assert headers["content-type"] == "application/json"
        return "auth_failed" if status == 400 and body == {"why": "key"} else None

    assert (
        await probe(answered({"why": "key"}, status=400), classify=classify)
    ).error == "auth_failed"
    assert (await probe(answered({}, status=400), classify=classify)).error == "bad_request"


async def test_an_answer_that_is_not_what_was_promised() -> None:
    result = await probe(answered({"a": 1}), accept=lambda _: "The list of models is missing.")
    assert (result.state, result.error) == ("degraded", "unexpected_body")
    assert result.message == "The list of models is missing."


async def test_details_are_kept() -> None:
    result = await probe(answered({"a": 1}), accept=lambda _: {"models": 2})
    assert result.details == {"models": 2}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        (" 30 ", 30.0),
        ("0", 0.0),
        ("99999999999999999999999", 86_400.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("٣", None),
        ("Wed, 99 Foo 2026 12:00:00 GMT", None),
    ],
)
async def test_a_retry_after_is_read(value: str, seconds: float | None) -> None:
    result = await probe(answered(status=429, retry_after=value))
    assert (result.state, result.retry_after_s) == ("degraded", seconds)


@pytest.mark.parametrize(("ahead_s", "seconds"), [(60, 60.0), (-60, 0.0), (10**7, 86_400.0)])
async def test_a_retry_date_counts_from_the_answer(ahead_s: int, seconds: float) -> None:
    date = format_datetime(NOW + timedelta(seconds=ahead_s), usegmt=True)
    result = await probe(answered(status=503, retry_after=date))
    assert result.retry_after_s == seconds


@pytest.mark.parametrize(
    "kind", ["application/json", "application/problem+json; x=y", "TEXT/JSON", ""]
)
async def test_types_that_are_json(kind: str) -> None:
    assert (await probe(answered(content_type=kind))).ok


async def test_half_a_character_is_replaced() -> None:
    seen: list[object] = []
    body = rb'{"id": "a\ud800b", "\uDfff": ["\ud83d\ude00"]}'
    result = await probe(answered(body), accept=seen.append)
    assert result.ok
    assert seen == [{"id": "a\ufffdb", "\ufffd": ["😀"]}]


async def test_depth_that_only_mending_could_not_bear_is_invalid() -> None:
    depth = 700
    body = b"[" * depth + rb'"\ud800"' + b"]" * depth
    assert (await probe(answered(body))).error in {None, "invalid_json"}


async def test_hostile_text_reaches_no_message_alive(corpora: Path) -> None:
    lines = (corpora / "hostile_text.jsonl").read_text(encoding="utf-8").splitlines()
    for value in (json.loads(line)["value"] for line in lines):
        for outcome in (
            answered({"error": {"message": value}}, status=500),
            answered(status=302, location=value),
            answered(content_type=value or "x/y"),
        ):
            message = (await probe(outcome)).message
            alive = [
                c for c in message if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
            ]
            assert alive == []
            assert len(message) < 300


async def test_a_fault_is_failing_and_keeps_its_measures() -> None:
    fault = HttpFault(
        code="refused", stage="connect", message="No.", remedy="Look.", latency_ms=0.2
    )
    result = await probe(fault)
    assert (result.state, result.error, result.stage, result.message, result.remedy) == (
        "failing",
        "refused",
        "connect",
        "No.",
        "Look.",
    )
    assert result.latency_ms == 1


@pytest.mark.parametrize(
    "code", ["address_blocked", "invalid_url", "invalid_request", "local_limit"]
)
async def test_what_could_not_be_asked_is_unknown(code: str) -> None:
    result = await probe(HttpFault(code=code, stage="request", message="Not sent."))
    assert (result.state, result.error, result.latency_ms) == ("unknown", code, None)
