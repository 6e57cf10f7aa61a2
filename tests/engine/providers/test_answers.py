from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.integrations.providers import get_provider, known_providers

if TYPE_CHECKING:
    from engine.integrations.providers import Provider


@pytest.mark.parametrize(
    ("name", "body", "models"),
    [
        ("openai", {"object": "list", "data": [{"id": "gpt-4o"}, {"id": "o3"}]}, 2),
        ("anthropic", {"data": [{"type": "model", "id": "c"}], "has_more": False}, 1),
        ("azure_openai", {"object": "list", "data": []}, 0),
        ("bedrock", {"modelSummaries": [{"modelId": "m"}]}, 1),
        ("google", {"models": [{"name": "models/gemini"}], "nextPageToken": "x"}, 1),
        ("google", {}, 0),
        ("custom", {"data": [{}]}, 1),
        ("custom", [{"id": "a"}, {"id": "b"}], 2),
    ],
)
def test_a_list_of_models_is_what_was_promised(name: str, body: object, models: int) -> None:
    reading = get_provider(name).read_answer(body)
    assert reading.problem is None
    assert reading.details == {"models": models}


@pytest.mark.parametrize("provider", known_providers(), ids=lambda provider: provider.name)
@pytest.mark.parametrize(
    "body",
    [
        None,
        True,
        3,
        "ok",
        {"data": "x", "models": "x", "modelSummaries": "x"},
        {"data": None} | {"models": None, "modelSummaries": None},
    ],
)
def test_anything_else_has_a_problem_in_words(provider: Provider, body: object) -> None:
    problem = provider.read_answer(body).problem
    assert problem
    assert problem.endswith(".")


def test_google_tells_a_wrong_key_by_the_reason_of_a_400() -> None:
    classify = get_provider("google").classify
    body = {
        "error": {
            "code": 400,
            "message": "API key not valid. Please pass a valid API key.",
            "status": "INVALID_ARGUMENT",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "API_KEY_INVALID",
                    "domain": "googleapis.com",
                }
            ],
        }
    }
    assert classify(400, {}, body) == "auth_failed"
    assert classify(500, {}, body) is None
    for other in (
        None,
        [],
        {"error": "x"},
        {"error": {"details": "x"}},
        {"error": {"details": [1]}},
    ):
        assert classify(400, {}, other) is None
    assert classify(400, {}, {"error": {"details": [{"reason": ["x"]}]}}) is None


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("UnrecognizedClientException", "auth_failed"),
        ("InvalidSignatureException", "auth_failed"),
        ("ExpiredTokenException", "auth_failed"),
        ("AccessDeniedException", "access_denied"),
        ("ThrottlingException", "rate_limited"),
        ("ValidationException", None),
        ("", None),
    ],
)
def test_aws_tells_refusals_apart_by_name(code: str, verdict: str | None) -> None:
    classify = get_provider("bedrock").classify
    assert (
        classify(403, {"x-amzn-errortype": f"{code}:http://internal.amazon.com/"}, None) == verdict
    )
    assert classify(403, {"x-amzn-errortype": code}, {"message": "m"}) == verdict
    assert classify(403, {}, {"__type": f"com.amazon.coral.service#{code}"}) == verdict
    assert classify(403, {}, {"__type": code}) == verdict


def test_others_go_by_the_status() -> None:
    for name in ("openai", "anthropic", "azure_openai", "custom"):
        assert get_provider(name).classify(401, {}, {"error": {}}) is None
