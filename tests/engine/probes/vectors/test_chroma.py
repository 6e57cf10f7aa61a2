"""Chroma's probe against Chroma."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing


def _place(port: int, **changes: object) -> dict[str, object]:
    return {"technology": "chroma", "url": f"http://127.0.0.1:{port}", **changes}


async def test_default_database_is_seen(probe: Probing, chroma: int) -> None:
    result = await probe(**_place(chroma))
    assert result.state is CusHealthState.HEALTHY
    assert str(result.details["server"]).startswith("Chroma ")
    assert (result.details["database"], result.details["collections"]) == ("default_database", 0)


async def test_host_and_port_do_as_well(probe: Probing, chroma: int) -> None:
    assert (await probe(technology="chroma", host="127.0.0.1", port=chroma)).ok


async def test_missing_database_is_not_found(probe: Probing, chroma: int) -> None:
    result = await probe(**_place(chroma, database="nowhere"))
    assert (result.error, result.message) == ("not_found", "There is no database nowhere.")


async def test_missing_tenant_is_not_found(probe: Probing, chroma: int) -> None:
    result = await probe(**_place(chroma, options={"tenant": "nobody"}))
    assert (result.error, "tenant" in result.remedy) == ("not_found", True)


async def test_missing_collection_is_not_found(probe: Probing, chroma: int) -> None:
    result = await probe(**_place(chroma, options={"collection": "nothing"}))
    assert (result.error, result.message) == ("not_found", "There is no collection nothing.")
