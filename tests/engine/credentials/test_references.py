from __future__ import annotations

import pytest

from engine.credentials import EncryptedReference, EnvironmentReference, parse_reference
from engine.errors import CredentialReferenceInvalid

RAW_KEYS = [
    "sk-proj-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA",
    "sk-ant-api03-notarealkeynotarealkeynotarealkey-AA",
    "AIzaSyD-notarealkeynotarealkeynotareal0",
    "AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "Bearer abc",
    '{"AccessKeyId": "AKIA", "SecretAccessKey": "x"}',
]


def test_the_two_forms_are_read_and_written_alike() -> None:
    for text, parsed in {
        "encrypted://5d1f0000-0000-4000-8000-000000000001": EncryptedReference(
            id="5d1f0000-0000-4000-8000-000000000001"
        ),
        "encrypted://cred_1": EncryptedReference(id="cred_1"),
        "env://OPENAI_API_KEY": EnvironmentReference(name="OPENAI_API_KEY"),
        "env://acme_key2": EnvironmentReference(name="acme_key2"),
    }.items():
        assert parse_reference(text) == parsed
        assert str(parsed) == text


@pytest.mark.parametrize("raw", RAW_KEYS)
@pytest.mark.parametrize("prefix", ["", "encrypted://", "env://"])
def test_a_raw_key_is_refused_and_never_repeated(prefix: str, raw: str) -> None:
    with pytest.raises(CredentialReferenceInvalid) as refused:
        parse_reference(prefix + raw)
    told = str(refused.value) + refused.value.hint + repr(refused.value)
    assert raw not in told
    assert raw[:8] not in told


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "hunter2",
        "84a1f0c2d3e4b5a6978877665544332a",
        "encrypted://",
        "env://",
        "ENV://HOME",
        "env:HOME",
        "vault://secret/path",
        "env://HOME\n",
        "env://HO ME",
        "env://1ABC",
        "env://A=B",
        "env://\u0410BC",
        "encrypted://../../etc/passwd",
        "encrypted://a b",
        "encrypted://a\x00",
        "encrypted://" + "a" * 65,
        "env://" + "A" * 129,
        "https://example.com",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(CredentialReferenceInvalid) as refused:
        parse_reference(text)
    assert refused.value.field == "credential_ref"


def test_our_own_variables_are_never_an_integrations_credential() -> None:
    for name in ("LAMPBOARD_MASTER_KEY", "lampboard_master_key"):
        with pytest.raises(CredentialReferenceInvalid):
            parse_reference(f"env://{name}")
