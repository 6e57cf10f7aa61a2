from __future__ import annotations

import pytest

from engine.probes.secret_names import is_secret_name


@pytest.mark.parametrize(
    "name",
    [
        *("password", "PASSWORD", "sslpassword", "Pwd", "pass", "api_key", "api-key", "apiKey"),
        *("AccountKey", "token", "access_token", "client_secret", "X-Amz-Signature", "sig", "key"),
        *("private_key", "aws_secret_access_key", "SharedAccessKey", "auth"),
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
