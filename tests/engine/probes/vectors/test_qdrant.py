"""Qdrant's probe against Qdrant's local engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.probes.states import CusHealthState

from .conftest import KEY

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing


def _place(port: int, **changes: object) -> dict[str, object]:
    place = {"technology": "qdrant", "url": f"http://127.0.0.1:{port}", "api_key": KEY}
    return {**place, **changes}


async def test_collections_are_counted(probe: Probing, qdrant: int) -> None:
    result = await probe(**_place(qdrant))
    assert result.state is CusHealthState.HEALTHY
    assert str(result.details["server"]).startswith("Qdrant 1.")
    assert result.details["collections"] == 1


async def test_collection_is_described(probe: Probing, qdrant: int) -> None:
    result = await probe(**_place(qdrant, database="documents"))
    assert (result.details["status"], result.details["points"]) == ("green", 0)


async def test_missing_collection_is_not_found(probe: Probing, qdrant: int) -> None:
    result = await probe(**_place(qdrant, database="nothing"))
    assert (result.error, result.message) == ("not_found", "There is no collection nothing.")


async def test_wrong_key_is_rejected(probe: Probing, qdrant: int) -> None:
    for key in ("another-key", None):
        result = await probe(**_place(qdrant, api_key=key))
        assert (result.error, result.status_code) == ("auth_failed", 401)
