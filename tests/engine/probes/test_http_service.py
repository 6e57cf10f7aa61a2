"""Five ways to log in over HTTP, and the base URL that a place means."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from engine.probes.states import CusHealthState
from tests.servers.answers import Answers

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing

BASIC = "Basic " + b64encode(b"app:right-password").decode()
LOGIN = {"username": "app", "password": "right-password"}
OAUTH = {"client_id": "a:b", "client_secret": "c d&e", "scope": "read write"}


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ({}, "authorization", None),
        (LOGIN, "authorization", BASIC),
        ({**LOGIN, "auth_type": "none"}, "authorization", None),
        ({**LOGIN, "auth_type": "Basic"}, "authorization", BASIC),
        ({"api_key": "right-key"}, "x-api-key", "right-key"),
        ({"api_key": "right-key", "auth_type": "bearer"}, "authorization", "Bearer right-key"),
        ({"password": "right-key", "auth_type": "token"}, "authorization", "Bearer right-key"),
        (
            {"api_key": "right-key", "options": {"api_key_header": "X-Other", "path": "/"}},
            "x-other",
            "right-key",
        ),
    ],
)
async def test_login_is_sent_as_the_place_says(
    probe: Probing, place: dict[str, object], name: str, value: str | None
) -> None:
    answers = Answers({"/": {}})
    async with answers.serving() as there:
        given = {"options": {"path": "/"}, **place}
        result = await probe(technology="rest", url=f"http://127.0.0.1:{there.port}", **given)
    assert result.state is CusHealthState.HEALTHY
    assert answers.headers().get(name) == value


async def test_login_in_the_url_is_moved_out_of_it(probe: Probing) -> None:
    answers = Answers({"/v1/": {}})
    async with answers.serving() as there:
        url = f"http://app:right%2Dpassword@127.0.0.1:{there.port}/v1?a=b#c"
        result = await probe(technology="rest", url=url, options={"path": "/"})
    assert result.state is CusHealthState.HEALTHY
    assert answers.headers()["authorization"] == BASIC
    assert "right" not in answers.asked[0][0].splitlines()[0]


async def test_token_is_fetched_for_client_id_and_secret(probe: Probing) -> None:
    answers = Answers({"/token": {"access_token": "fresh-token"}, "/": {}})
    async with answers.serving() as there:
        base = f"http://127.0.0.1:{there.port}"
        oauth = {**OAUTH, "token_url": f"{base}/token"}
        result = await probe(technology="rest", url=base, oauth=oauth, options={"path": "/"})
    assert result.state is CusHealthState.HEALTHY
    assert parse_qs(answers.asked[0][1].decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["read write"],
    }
    # RFC 6749, 2.3.1: encoded, joined, encoded again.
    joined = b64encode(b"a%3Ab:c+d%26e").decode()
    assert answers.headers(0)["authorization"] == f"Basic {joined}"
    assert answers.headers(1)["authorization"] == "Bearer fresh-token"


@pytest.mark.parametrize(
    ("answer", "code", "state"),
    [
        ((400, {"error": "invalid_client"}), "auth_failed", CusHealthState.FAILING),
        ((401, {"error": "invalid_client"}), "auth_failed", CusHealthState.FAILING),
        ((503, {}), "http_503", CusHealthState.FAILING),
        ({"token": "elsewhere"}, "unexpected_body", CusHealthState.FAILING),
    ],
)
async def test_token_that_is_not_given_is_told(
    probe: Probing, answer: object, code: str, state: CusHealthState
) -> None:
    answers = Answers({"/token": answer})
    async with answers.serving() as there:
        base = f"http://127.0.0.1:{there.port}"
        oauth = {**OAUTH, "token_url": f"{base}/token"}
        result = await probe(technology="rest", url=base, oauth=oauth)
    assert (result.error, result.state) == (code, state)
    assert "OAuth token" in result.message
    assert len(answers.asked) == 1


async def test_token_url_is_judged_like_any_other(probe: Probing) -> None:
    oauth = {**OAUTH, "token_url": "http://169.254.169.254/token"}
    result = await probe(technology="rest", url="http://127.0.0.1:1", oauth=oauth)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "address_blocked")


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ({"auth_type": "kerberos"}, "There is no way of authentication called kerberos."),
        ({"auth_type": "bearer"}, "The token is missing."),
        ({"auth_type": "api_key"}, "The API key is missing."),
        ({"auth_type": "oauth2"}, "The OAuth client id is missing."),
        ({"oauth": {"client_id": "a", "client_secret": "b"}}, "The OAuth token URL is missing."),
    ],
)
async def test_half_a_login_is_no_way_to_check(
    probe: Probing, place: dict[str, object], says: str
) -> None:
    result = await probe(technology="rest", url="http://127.0.0.1:1", **place)
    assert (result.state, result.message) == (CusHealthState.UNKNOWN, says)
    assert result.latency_ms is None


async def test_place_without_url_and_host_cannot_be_checked(probe: Probing) -> None:
    result = await probe(technology="rest")
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "invalid_url")
