"""Azure Blob Storage's probe against Azurite."""

from __future__ import annotations

import gc
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.azurite import ACCOUNT, CONTAINER, KEY

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing

_ANOTHER_KEY = "A" * 85 + "Q=="


def _place(port: int, **changes: object) -> dict[str, object]:
    url = f"http://127.0.0.1:{port}/{ACCOUNT}"
    place = {"url": url, "database": CONTAINER, "username": ACCOUNT, "password": KEY}
    return {"technology": "azure_blob", **place, **changes}


def _signature(*, rights: str) -> str:
    from azure.storage.blob import generate_container_sas

    until = datetime.now(UTC) + timedelta(hours=1)
    return generate_container_sas(ACCOUNT, CONTAINER, KEY, permission=rights, expiry=until)


async def test_container_is_listed(probe: Probing, azurite: int) -> None:
    result = await probe(**_place(azurite))
    assert result.state is CusHealthState.HEALTHY
    assert [stage.name for stage in result.stages] == ["connect", "list"]
    assert (result.details["container"], result.details["empty"]) == (CONTAINER, True)
    assert str(result.details["server"]).startswith("Azurite-Blob/")


async def test_connection_string_says_everything(probe: Probing, azurite: int) -> None:
    endpoint = f"http://127.0.0.1:{azurite}/{ACCOUNT}"
    text = f"AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};"
    result = await probe(technology="azure_blob", url=text, database=f"{CONTAINER}/folder")
    assert result.state is CusHealthState.HEALTHY


async def test_signature_that_may_list_is_let_in(probe: Probing, azurite: int) -> None:
    token = _signature(rights="l")
    assert (await probe(**_place(azurite, password=None, api_key=token))).ok


async def test_signature_that_may_not_list_is_denied(probe: Probing, azurite: int) -> None:
    token = _signature(rights="r")
    result = await probe(**_place(azurite, password=None, api_key=token))
    assert (result.error, result.status_code) == ("access_denied", 403)
    assert "sp=l" in result.remedy


@pytest.mark.parametrize("key", [_ANOTHER_KEY, "no base64"])
async def test_wrong_key_is_rejected(probe: Probing, azurite: int, key: str) -> None:
    result = await probe(**_place(azurite, password=key))
    assert (result.state, result.error) == (CusHealthState.FAILING, "auth_failed")


async def test_missing_container_is_not_found(probe: Probing, azurite: int) -> None:
    result = await probe(**_place(azurite, database="nowhere"))
    assert (result.error, result.status_code) == ("not_found", 404)
    assert result.message == "There is no container nowhere."


async def test_credentials_of_the_machine_are_not_used(
    probe: Probing, azurite: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    text = f"AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint=http://127.0.0.1:{azurite}/x"
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", text)
    result = await probe(**_place(azurite, password=None))
    assert result.error == "auth_failed"


async def test_no_file_system_outlives_its_check(probe: Probing, azurite: int) -> None:
    from adlfs import AzureBlobFileSystem

    await probe(**_place(azurite))
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is AzureBlobFileSystem]
