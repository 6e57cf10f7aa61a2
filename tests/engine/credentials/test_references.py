from __future__ import annotations

import pytest

from engine.credentials import (
    EncryptedReference,
    EnvironmentReference,
    ExternalReference,
    parse_reference,
)
from engine.credentials.references import VaultPath, file_path, keyring_place, vault_place
from engine.errors import CredentialReferenceInvalid

RAW_KEYS = [
    "sk-proj-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA",
    "sk-ant-api03-notarealkeynotarealkeynotarealkey-AA",
    "AIzaSyD-notarealkeynotarealkeynotareal0",
    "AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "Bearer abc",
    '{"AccessKeyId": "AKIA", "SecretAccessKey": "x"}',
]


def test_what_is_here_is_read_and_written_alike() -> None:
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


ELSEWHERE = {
    "keyring://openai/prod": "keyring://openai/prod",
    "keyring://my%20service/dana@host": "keyring://my%20service/dana@host",
    "keyring://dienst-%C3%A4/u": "keyring://dienst-%C3%A4/u",
    "vault://secret/app#key": "vault://secret/app#key",
    "vault://secret/team/app/openai?version=3#api_key": (
        "vault://secret/team/app/openai?version=3#api_key"
    ),
    "vault://team%2Fkv/app#key": "vault://team%2Fkv/app#key",
    "vault://kv/a%20b#c%20d": "vault://kv/a%20b#c%20d",
    "file:///run/secrets/openai": "file:///run/secrets/openai",
    "file:///run/secrets/with%20blank": "file:///run/secrets/with%20blank",
    # What needs no quoting is not quoted, so that one place has one reference.
    "file:///run/%73ecrets/openai": "file:///run/secrets/openai",
    "vault://%73ecret/app#%6bey": "vault://secret/app#key",
}


@pytest.mark.parametrize(("text", "plain"), ELSEWHERE.items())
def test_what_is_kept_elsewhere_has_one_plain_form(text: str, plain: str) -> None:
    parsed = parse_reference(text)
    assert isinstance(parsed, ExternalReference)
    assert (str(parsed), parsed.kind) == (plain, text.partition("://")[0])
    assert parse_reference(plain) == parsed


def test_paths_are_taken_apart() -> None:
    assert keyring_place("my%20service/dana@host") == ("my service", "dana@host")
    assert vault_place("team%2Fkv/a/b?version=12#x") == VaultPath(
        mount="team/kv", path="a/b", field="x", version=12
    )
    assert vault_place("kv/a#x").version is None
    assert file_path("/run/secrets/with%20blank") == "/run/secrets/with blank"


@pytest.mark.parametrize("raw", [*RAW_KEYS, "hvs.CAESIJ-not-a-real-token-0123456789abcdef"])
@pytest.mark.parametrize(
    "prefix", ["keyring://x/", "keyring://", "vault://", "vault://kv/", "vault://kv/a#", "file:///"]
)
def test_a_raw_key_in_a_path_is_refused_and_never_repeated(prefix: str, raw: str) -> None:
    with pytest.raises(CredentialReferenceInvalid) as refused:
        parse_reference(prefix + raw)
    told = str(refused.value) + refused.value.hint + repr(refused.value)
    assert raw not in told
    assert raw[:8] not in told


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
        "vault://secret#key",
        "vault:///path#key",
        "vault://secret/path#",
        "vault://secret/path?version=0#key",
        "vault://secret/path?version=3&x=1#key",
        "vault://secret/path?#key",
        "vault://secret/path#key?version=3",
        "vault://secret/path#key#key",
        "vault://secret/../sys/raw#key",
        "vault://secret/%2e%2e/sys#key",
        "vault://..%2Fsys/raw#key",
        "vault://secret/a%2Fb#key",
        "vault://secret/a%00b#key",
        "vault://secret/a%0Ab#key",
        "vault://secret/a b #key",
        "vault://secret/a%ffb#key",
        "vault://secret/\u0430#key",
        "keyring://",
        "keyring://service",
        "keyring:///user",
        "keyring://service/",
        "keyring://a/b/c",
        "keyring://a/b%2Fc",
        "keyring://lampboard/master-key",
        "keyring://LampBoard/other",
        "keyring://%6campboard/master-key",
        "file://run/secrets/x",
        "file:run/secrets/x",
        "file:////etc/passwd",
        "file:///run/secrets/",
        "file:///run/../etc/passwd",
        "file:///run/%2e%2e/etc/passwd",
        "file:///run/./x",
        "file:///run//x",
        "file:///run/a%2Fb",
        "file:///run/a%00",
        "file:///run/a\n",
        "file:///run/a#b",
        "file://localhost/run/secrets/x",
        "nobody-brings-this://x",
        "env://VAULT_TOKEN",
        "env://bao_token",
        "file:///run/" + "a/" * 600 + "b",
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
