"""Milvus's probe against Milvus Lite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.hostile import answer, hostile, reply

from .conftest import LOGIN

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing


def _place(port: int, **changes: object) -> dict[str, object]:
    place = {"technology": "milvus", "url": f"http://127.0.0.1:{port}"}
    user, password = LOGIN
    return {**place, "username": user, "password": password, **changes}


async def test_collections_are_counted(probe: Probing, milvus: int) -> None:
    result = await probe(**_place(milvus))
    assert result.state is CusHealthState.HEALTHY
    assert (result.details["database"], result.details["collections"]) == ("default", 1)


async def test_token_is_taken_instead_of_a_user(probe: Probing, milvus: int) -> None:
    token = {"username": None, "password": None, "api_key": ":".join(LOGIN)}
    assert (await probe(**_place(milvus, **token))).ok


async def test_collection_is_described(probe: Probing, milvus: int) -> None:
    result = await probe(**_place(milvus, options={"collection": "documents"}))
    assert result.details["load"] == "LoadStateLoaded"


async def test_wrong_password_is_rejected(probe: Probing, milvus: int) -> None:
    result = await probe(**_place(milvus, password="another-one"))
    assert (result.state, result.error) == (CusHealthState.FAILING, "auth_failed")


async def test_missing_database_is_not_found(probe: Probing, milvus: int) -> None:
    result = await probe(**_place(milvus, database="nowhere"))
    assert (result.error, result.message) == ("not_found", "There is no database nowhere.")


async def test_missing_collection_is_not_found(probe: Probing, milvus: int) -> None:
    result = await probe(**_place(milvus, options={"collection": "nothing"}))
    assert (result.error, result.message) == ("not_found", "There is no collection nothing.")


@pytest.mark.parametrize(
    ("code", "error"), [(1401, "access_denied"), (5, "starting"), (2400, "server_error")]
)
async def test_codes_of_its_own_are_understood(probe: Probing, code: int, error: str) -> None:
    async with hostile(reply(answer({"code": code, "message": "it says so"}))) as server:
        result = await probe(**_place(server.port))
    assert (result.state, result.error) == (CusHealthState.FAILING, error)
    assert "it says so" in result.message
