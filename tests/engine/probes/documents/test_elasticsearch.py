"""Elasticsearch's probe against answers as its documentation has them (no server runs here)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.answers import Answers

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing

ELASTIC = {"name": "node-1", "cluster_name": "logs", "version": {"number": "8.15.0"}}
OPENSEARCH = {"version": {"number": "2.17.0", "distribution": "opensearch"}}
GREEN = {"cluster_name": "logs", "status": "green", "number_of_nodes": 3, "unassigned_shards": 0}
REFUSED = {"error": {"type": "security_exception", "reason": "no such user"}, "status": 401}


@pytest.mark.parametrize(
    ("root", "server"), [(ELASTIC, "Elasticsearch 8.15.0"), (OPENSEARCH, "OpenSearch 2.17.0")]
)
async def test_green_is_healthy(probe: Probing, root: object, server: str) -> None:
    async with Answers({"/": root, "/_cluster/health": GREEN}).serving() as there:
        result = await probe(technology="elasticsearch", host="127.0.0.1", port=there.port)
    assert result.state is CusHealthState.HEALTHY
    assert result.details == {"server": server, "cluster_name": "logs", "number_of_nodes": 3}


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        ("yellow", CusHealthState.DEGRADED, "cluster_yellow"),
        ("red", CusHealthState.FAILING, "cluster_red"),
    ],
)
async def test_other_colours_are_not(
    probe: Probing, status: str, state: CusHealthState, code: str
) -> None:
    health = {**GREEN, "status": status, "unassigned_shards": 2}
    async with Answers({"/": ELASTIC, "/_cluster/health": health}).serving() as there:
        result = await probe(technology="elasticsearch", host="127.0.0.1", port=there.port)
    assert (result.state, result.error) == (state, code)
    assert "(2 shards unassigned)" in result.message
    assert result.details["server"] == "Elasticsearch 8.15.0"


async def test_index_is_looked_at(probe: Probing) -> None:
    answers = Answers({"/": ELASTIC, "/_cluster/health": GREEN, "/a%2Fb/_count": {"count": 7}})
    async with answers.serving() as there:
        place = {"technology": "elasticsearch", "url": f"http://127.0.0.1:{there.port}"}
        found = await probe(**place, database="a/b")
        absent = await probe(**place, database="orders")
    assert found.details["documents"] == 7
    assert (absent.error, absent.message) == ("not_found", "There is no index orders.")


async def test_rejected_login_is_told_in_the_server_s_words(probe: Probing) -> None:
    answers = Answers({"/": (401, REFUSED)})
    async with answers.serving() as there:
        url = f"http://elastic:wrong-password@127.0.0.1:{there.port}/"
        result = await probe(technology="elasticsearch", url=url)
    assert (result.error, result.status_code) == ("auth_failed", 401)
    assert result.message == "401 Authentication failed: no such user"
    assert answers.headers()["authorization"].startswith("Basic ")


async def test_api_key_has_its_own_scheme(probe: Probing) -> None:
    answers = Answers({"/": (403, {})})
    async with answers.serving() as there:
        result = await probe(
            technology="elasticsearch", host="127.0.0.1", port=there.port, api_key="right-key"
        )
    assert answers.headers()["authorization"] == "ApiKey right-key"
    assert (result.error, result.status_code) == ("access_denied", 403)
    assert "monitor" in result.remedy


async def test_serverless_has_no_cluster_to_look_at(probe: Probing) -> None:
    gone = (410, {"error": {"type": "api_not_available_exception"}})
    async with Answers({"/": ELASTIC, "/_cluster/health": gone}).serving() as there:
        result = await probe(technology="elasticsearch", host="127.0.0.1", port=there.port)
    assert result.state is CusHealthState.HEALTHY


@pytest.mark.parametrize("root", [{"couchdb": "Welcome"}, [], {"version": "8"}])
async def test_other_json_is_another_protocol(probe: Probing, root: object) -> None:
    async with Answers({"/": root}).serving() as there:
        result = await probe(technology="elasticsearch", host="127.0.0.1", port=there.port)
    assert (result.state, result.error) == (CusHealthState.FAILING, "wrong_protocol")
