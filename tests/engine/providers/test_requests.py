from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.errors import CredentialUnreadable, InvalidInput
from engine.integrations.model import ProviderType
from engine.integrations.providers import get_provider, known_providers

if TYPE_CHECKING:
    from engine.integrations.providers import Provider

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "sk-planted-0123456789"
KEY_PAIR = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def test_every_provider_of_the_domain_is_built_in() -> None:
    assert {provider.name for provider in known_providers()} >= {str(name) for name in ProviderType}


@pytest.mark.parametrize(
    ("name", "config", "base_url", "url", "headers"),
    [
        (
            "openai",
            {},
            None,
            "https://api.openai.com/v1/models",
            {"Authorization": f"Bearer {SECRET}"},
        ),
        (
            "openai",
            {"organization": "org-1", "project": "proj_1"},
            "http://127.0.0.1:1/v1/",
            "http://127.0.0.1:1/v1/models",
            {
                "Authorization": f"Bearer {SECRET}",
                "OpenAI-Organization": "org-1",
                "OpenAI-Project": "proj_1",
            },
        ),
        (
            "anthropic",
            {},
            None,
            "https://api.anthropic.com/v1/models?limit=1000",
            {"x-api-key": SECRET, "anthropic-version": "2023-06-01"},
        ),
        (
            "anthropic",
            {},
            "https://gateway.example/anthropic/v1",
            "https://gateway.example/anthropic/v1/models?limit=1000",
            {"x-api-key": SECRET, "anthropic-version": "2023-06-01"},
        ),
        (
            "azure_openai",
            {"deployment": "gpt"},
            "https://acme.openai.azure.com/",
            "https://acme.openai.azure.com/openai/models?api-version=2024-10-21",
            {"api-key": SECRET},
        ),
        (
            "azure_openai",
            {"api_version": "v1"},
            "https://acme.openai.azure.com/openai/v1/",
            "https://acme.openai.azure.com/openai/v1/models",
            {"api-key": SECRET},
        ),
        (
            "google",
            {},
            None,
            "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000",
            {"x-goog-api-key": SECRET},
        ),
        (
            "custom",
            {},
            "http://127.0.0.1:9999/v1",
            "http://127.0.0.1:9999/v1/models",
            {"Authorization": f"Bearer {SECRET}"},
        ),
    ],
)
def test_what_is_sent(
    name: str, config: dict[str, str], base_url: str | None, url: str, headers: dict[str, str]
) -> None:
    request = get_provider(name).build_check(config, SECRET, base_url=base_url, now=NOW)
    assert request.method == "GET"
    assert request.body is None
    assert request.url == url
    assert request.headers == {"Accept": "application/json", **headers}
    assert SECRET not in request.url
    assert SECRET not in repr(request)


def test_an_open_server_is_asked_without_a_key() -> None:
    request = get_provider("custom").build_check({}, None, base_url="http://h/v1", now=NOW)
    assert request.headers == {"Accept": "application/json"}


def test_bedrock_signs_for_its_region() -> None:
    request = get_provider("bedrock").build_check({"region": "eu-central-1"}, KEY_PAIR, now=NOW)
    assert request.url == "https://bedrock.eu-central-1.amazonaws.com/foundation-models"
    assert request.headers["Authorization"].startswith(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260301/eu-central-1/bedrock/aws4_request, "
    )
    china = get_provider("bedrock").build_check({"region": "cn-north-1"}, KEY_PAIR, now=NOW)
    assert china.url == "https://bedrock.cn-north-1.amazonaws.com.cn/foundation-models"


@pytest.mark.parametrize(
    "secret",
    [
        "AKIDEXAMPLE:s3cret:tok:en",
        json.dumps(
            {"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "s3cret", "SessionToken": "tok:en"}
        ),
        json.dumps(
            {
                "Credentials": {
                    "AccessKeyId": "AKIDEXAMPLE",
                    "SecretAccessKey": "s3cret",
                    "SessionToken": "tok:en",
                }
            }
        ),
        json.dumps(
            {
                "aws_access_key_id": "AKIDEXAMPLE",
                "aws_secret_access_key": "s3cret",
                "aws_session_token": "tok:en",
            }
        ),
    ],
)
def test_bedrock_takes_keys_as_the_aws_tools_print_them(secret: str) -> None:
    request = get_provider("bedrock").build_check({}, secret, now=NOW)
    assert request.headers["X-Amz-Security-Token"] == "tok:en"
    assert "Credential=AKIDEXAMPLE/" in request.headers["Authorization"]


def test_a_bedrock_api_key_is_a_bearer_token() -> None:
    request = get_provider("bedrock").build_check({}, "ABSKexample", now=NOW)
    assert request.headers["Authorization"] == "Bearer ABSKexample"


@pytest.mark.parametrize("secret", ["AKIDEXAMPLE", ":x", "x:", "{", '{"a": 1}', "[" * 9, "{" * 9])
def test_bedrock_refuses_what_is_no_key_pair(secret: str) -> None:
    bedrock = get_provider("bedrock")
    with pytest.raises(InvalidInput) as refused:
        bedrock.clean_secret(secret)
    assert refused.value.field == "secret"
    with pytest.raises(CredentialUnreadable):
        bedrock.build_check({}, secret, now=NOW)


@pytest.mark.parametrize("provider", known_providers(), ids=lambda provider: provider.name)
@pytest.mark.parametrize("secret", ["sk-a\r\nX-Injected: 1", "sk-a\x00b", "sk-é", "sk-\u200bab"])
def test_no_header_can_be_injected(provider: Provider, secret: str) -> None:
    with pytest.raises(CredentialUnreadable) as refused:
        provider.build_check({}, secret, base_url="http://h", now=NOW)
    assert secret not in refused.value.message


@pytest.mark.parametrize("provider", known_providers(), ids=lambda provider: provider.name)
def test_a_missing_credential_is_unreadable_where_one_is_needed(provider: Provider) -> None:
    if not provider.credential_required:
        assert provider.build_check({}, "", base_url="http://h", now=NOW)
        return
    for nothing in (None, "", "  "):
        with pytest.raises(CredentialUnreadable):
            provider.build_check({}, nothing, base_url="http://h", now=NOW)


def test_white_space_around_a_copied_key_goes() -> None:
    request = get_provider("openai").build_check({}, f" {SECRET}\n", now=NOW)
    assert request.headers["Authorization"] == f"Bearer {SECRET}"
    assert get_provider("openai").clean_secret(f"\t{SECRET} ") == SECRET


@pytest.mark.parametrize(
    ("name", "base_url", "config", "field"),
    [
        ("openai", "ftp://x", {}, "base_url"),
        ("openai", "https://user:planted@api.openai.com/v1", {}, "base_url"),
        ("openai", "https://api.openai.com/v1?key=planted", {}, "base_url"),
        ("openai", "https://", {}, "base_url"),
        ("openai", "https://h:99999/", {}, "base_url"),
        ("openai", "https://a b/", {}, "base_url"),
        ("openai", "https://h/" + "a" * 3000, {}, "base_url"),
        ("openai", None, {"regoin": "x"}, "regoin"),
        ("openai", None, {"organization": "a\r\nb"}, "organization"),
        ("custom", None, {}, "base_url"),
        ("azure_openai", "", {}, "base_url"),
        ("azure_openai", "https://h", {"api_version": "1&x=y"}, "api_version"),
        ("bedrock", None, {"region": "us-east-1.evil.example/"}, "region"),
        ("bedrock", None, {"region": "moon"}, "region"),
        ("anthropic", None, {"anthropic_version": "٢٠٢٣-٠٦-٠١"}, "anthropic_version"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_beside_its_field(
    name: str, base_url: str | None, config: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        get_provider(name).clean(base_url=base_url, config=config)
    assert refused.value.field == field
    assert "planted" not in refused.value.message + refused.value.hint


def test_what_is_stored_has_no_empty_values() -> None:
    assert get_provider("bedrock").clean(
        base_url=" https://h/x/ ", config={"region": " eu-west-1 "}
    ) == ("https://h/x", {"region": "eu-west-1"})
    assert get_provider("openai").clean(base_url="", config={"project": ""}) == (None, {})


@pytest.mark.parametrize("provider", known_providers(), ids=lambda provider: provider.name)
def test_fields_are_declared_for_form_and_flags(provider: Provider) -> None:
    names = [spec.name for spec in provider.fields]
    assert names[:2] == ["base_url", "secret"]
    assert len(names) == len(set(names))
    for spec in provider.fields:
        assert spec.label
        assert spec.help.endswith(".")
        assert spec.flag.startswith("--")
        if spec.kind != "url":
            assert spec.default == "" or spec.problem(spec.default) is None
    assert [spec.name for spec in provider.fields if spec.secret] == ["secret"]
