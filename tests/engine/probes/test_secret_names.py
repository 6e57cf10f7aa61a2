from __future__ import annotations

import pytest

from engine.probes.secret_names import is_secret_name, may_name_secret


@pytest.mark.parametrize(
    "name",
    [
        *("password", "PASSWORD", "sslpassword", "Pwd", "pass", "api_key", "api-key", "apiKey"),
        *("AccountKey", "token", "access_token", "client_secret", "X-Amz-Signature", "sig", "key"),
        *("private_key", "aws_secret_access_key", "SharedAccessKey", "auth", "sas"),
    ],
)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "keyspace", "authSource", "authMechanism", "author", "encoding", "design", "sslkey"),
        *("passfile", "token_url", "secret_name", "sslmode", "signal", "cost_code", "primary_key"),
    ],
)
def test_what_only_sounds_like_one_is_none(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize("name", ["pwd", "jwt", "x-functions-key", "session_key", "credential"])
def test_in_a_message_a_value_is_masked_sooner_than_in_what_is_stored(name: str) -> None:
    assert may_name_secret(name)
