from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest

from engine.credentials.tokens import token_expiry

AT = datetime(2027, 1, 31, 12, 30, tzinfo=UTC)


def part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def token(claims: object, header: object = {"alg": "RS256", "typ": "JWT"}) -> str:
    return f"{part(header)}.{part(claims)}.c2lnbmF0dXJl"


def test_a_token_says_when_it_expires() -> None:
    assert token_expiry(token({"exp": int(AT.timestamp())})) == AT
    assert token_expiry(token({"exp": AT.timestamp() + 0.5})) is not None
    # RFC 7519, section 3.1: its own example, of the 22nd of March 2011.
    example = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    assert token_expiry(example) == datetime(2011, 3, 22, 18, 43, tzinfo=UTC)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "sk-proj-abc",
        "a.b.c",
        "..",
        token({}),
        token({"exp": "2027-01-31"}),
        token({"exp": True}),
        token({"exp": 1e300}),
        token({"exp": -1e300}),
        token({"exp": 1.0}, header={"typ": "JWT"}),
        token([1]),
        token({"exp": 1}) + ".x",
        f"{part({'alg': 'x'})}.{'[' * 4000}.x",
        "\u0430.\u0430.\u0430",
        "eyJ." * 2 + "x" * 20_000,
    ],
)
def test_another_secret_says_nothing(secret: str) -> None:
    assert token_expiry(secret) is None


def test_not_a_number_is_no_time() -> None:
    header = part({"alg": "x"})
    for word in ("NaN", "Infinity", "-Infinity"):
        claims = urlsafe_b64encode(f'{{"exp": {word}}}'.encode()).decode().rstrip("=")
        assert token_expiry(f"{header}.{claims}.x") is None
