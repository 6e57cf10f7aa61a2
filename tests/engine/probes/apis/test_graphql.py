"""GraphQL's probe against answers as the specification has them (no server runs here)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.answers import Answers

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing


def wrong(code: str | None = None) -> dict[str, object]:
    return {"errors": [{"message": "no way", **({"extensions": {"code": code}} if code else {})}]}


async def test_root_s_type_is_asked_for(probe: Probing) -> None:
    answers = Answers({"/graphql": {"data": {"__typename": "Query"}}})
    async with answers.serving() as there:
        url = f"http://127.0.0.1:{there.port}/graphql"
        result = await probe(technology="graphql", url=url, auth_type="bearer", api_key="token-1")
    head, body = answers.asked[0]
    assert result.state is CusHealthState.HEALTHY
    assert result.details["root"] == "Query"
    assert (head.split(" ")[0], json.loads(body)) == ("POST", {"query": "{__typename}"})
    assert answers.headers()["authorization"] == "Bearer token-1"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (wrong("UNAUTHENTICATED"), "auth_failed"),
        (wrong("FORBIDDEN"), "access_denied"),
        (wrong(), "server_error"),
        ((400, wrong("GRAPHQL_VALIDATION_FAILED")), "server_error"),
        ((401, {"message": "no way"}), "auth_failed"),
        ((404, {"message": "no way"}), "http_404"),
        ({"data": None}, "wrong_protocol"),
        ({"data": {}}, "wrong_protocol"),
        ([], "wrong_protocol"),
    ],
)
async def test_errors_are_failing_whatever_the_status(
    probe: Probing, answer: object, code: str
) -> None:
    async with Answers({"/": answer}).serving() as there:
        result = await probe(technology="graphql", url=f"http://127.0.0.1:{there.port}/")
    assert (result.state, result.error) == (CusHealthState.FAILING, code)
    assert code == "wrong_protocol" or "no way" in result.message
