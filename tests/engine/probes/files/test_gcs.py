"""Google Cloud Storage's probe against its emulator, and against refusals as Google words them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from engine.probes.states import CusHealthState
from tests.servers.gcs import BUCKET
from tests.servers.hostile import answer, hostile, reply

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing

_LISTING = answer({"kind": "storage#objects", "items": [{"name": "one"}]})


def _place(port: int, **changes: object) -> dict[str, object]:
    place = {"technology": "gcs", "url": f"http://127.0.0.1:{port}", "database": BUCKET}
    return {**place, **changes}


async def test_bucket_is_listed(probe: Probing, gcs: int) -> None:
    result = await probe(**_place(gcs))
    assert result.state is CusHealthState.HEALTHY
    assert [stage.name for stage in result.stages] == ["connect", "list"]
    assert (result.details["bucket"], result.details["empty"]) == (BUCKET, True)


async def test_missing_bucket_is_not_found(probe: Probing, gcs: int) -> None:
    result = await probe(**_place(gcs, database="no-such-bucket"))
    assert (result.error, result.message) == ("not_found", "There is no bucket no-such-bucket.")


@pytest.mark.parametrize(
    ("status", "state", "error"),
    [
        ("401 Unauthorized", CusHealthState.FAILING, "auth_failed"),
        ("403 Forbidden", CusHealthState.FAILING, "access_denied"),
        ("429 Too Many Requests", CusHealthState.DEGRADED, "overloaded"),
        ("503 Service Unavailable", CusHealthState.DEGRADED, "overloaded"),
    ],
)
async def test_refusals_are_told_at_once(
    probe: Probing, status: str, state: CusHealthState, error: str
) -> None:
    body = {"error": {"code": int(status[:3]), "message": "No.", "errors": []}}
    async with hostile(reply(answer(body, status=status))) as server:
        result = await probe(**_place(server.port, api_key="ya29.token"))
        assert len(server.requests) == 1
    assert (result.state, result.error, result.status_code) == (state, error, int(status[:3]))


async def test_token_is_sent_as_it_is(probe: Probing) -> None:
    async with hostile(reply(_LISTING)) as server:
        assert (await probe(**_place(server.port, api_key="ya29.token"))).ok
        assert b"authorization: bearer ya29.token\r\n" in server.requests[0].lower()


async def test_service_account_signs_its_own_token(probe: Probing) -> None:
    async with hostile(reply(_LISTING)) as server:
        assert (await probe(**_place(server.port, api_key=_service_account()))).ok
        (request,) = server.requests
    token = request.split(b"Bearer ")[1].split(b"\r\n")[0]
    claims = json.loads(base64.urlsafe_b64decode(token.split(b".")[1] + b"=="))
    assert claims["iss"] == "checker@example.iam.gserviceaccount.com"
    assert "devstorage" in claims["scope"]


async def test_broken_key_is_told_before_anything_is_sent(probe: Probing, gcs: int) -> None:
    result = await probe(**_place(gcs, api_key='{"type": "service_account"}'))
    assert (result.error, len(result.stages)) == ("auth_failed", 0)


async def test_credentials_of_the_machine_are_not_used(
    probe: Probing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1")
    async with hostile(reply(_LISTING)) as server:
        assert (await probe(**_place(server.port))).ok
        assert b"authorization" not in server.requests[0].lower()


def _service_account() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    account = {
        "type": "service_account",
        "project_id": "example",
        "private_key_id": "1",
        "private_key": key.decode(),
        "client_email": "checker@example.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    return json.dumps(account)
