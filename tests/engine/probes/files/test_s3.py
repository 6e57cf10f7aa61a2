"""S3's probe against moto, which judges keys, signatures and rights as AWS does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.hostile import answer, hostile, reply
from tests.servers.moto import BUCKET
from tests.servers.tls_front import tls_front

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from tests.engine.probes.conftest import Probing
    from tests.servers.certificates import Authority
    from tests.servers.moto import Moto

_LISTING = b"""<?xml version="1.0"?><ListBucketResult><Name>lake</Name><KeyCount>0</KeyCount>
</ListBucketResult>"""
_ELSEWHERE = b"""<?xml version="1.0"?><Error><Code>AuthorizationHeaderMalformed</Code>
<Message>the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message>
<Region>eu-west-1</Region></Error>"""


def _place(moto: Moto, **changes: object) -> dict[str, object]:
    key, secret = moto.reader
    place = {"url": moto.url, "database": BUCKET, "username": key, "password": secret}
    return {"technology": "s3", **place, **changes}


async def test_bucket_is_listed(probe: Probing, moto: Moto) -> None:
    result = await probe(**_place(moto))
    assert result.state is CusHealthState.HEALTHY
    assert [stage.name for stage in result.stages] == ["connect", "list"]
    assert (result.details["bucket"], result.details["empty"]) == (BUCKET, False)


@pytest.mark.parametrize(("folder", "empty"), [("folder", False), ("elsewhere/", True)])
async def test_folder_is_looked_into(
    probe: Probing, moto: Moto, folder: str, *, empty: bool
) -> None:
    result = await probe(**_place(moto, database=f"s3://{BUCKET}/{folder}"))
    assert result.details["empty"] is empty


async def test_unknown_key_is_rejected(probe: Probing, moto: Moto) -> None:
    result = await probe(**_place(moto, username="AKIANOBODYKNOWSTHIS0"))
    assert (result.error, result.stage, result.status_code) == ("auth_failed", "list", 403)
    assert "does not know this access key" in result.message


async def test_wrong_secret_is_rejected(probe: Probing, moto: Moto) -> None:
    result = await probe(**_place(moto, password="not-the-secret"))
    assert result.error == "auth_failed"
    assert "does not belong to this access key" in result.message


async def test_key_without_rights_is_denied(probe: Probing, moto: Moto) -> None:
    key, secret = moto.stranger
    result = await probe(**_place(moto, username=key, password=secret))
    assert (result.error, result.status_code) == ("access_denied", 403)
    assert "s3:ListBucket" in result.remedy


async def test_missing_bucket_is_not_found(probe: Probing, moto: Moto) -> None:
    result = await probe(**_place(moto, database="no-such-bucket"))
    assert (result.error, result.message) == ("not_found", "There is no bucket no-such-bucket.")


async def test_impossible_name_is_told_before_anything_is_sent(probe: Probing, moto: Moto) -> None:
    result = await probe(**_place(moto, database="Not A Bucket"))
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "invalid_request")


async def test_region_is_told_and_not_followed(probe: Probing) -> None:
    refusal = answer(_ELSEWHERE, status="400 Bad Request", kind="application/xml")
    async with hostile(reply(refusal)) as server:
        place = {"url": f"http://127.0.0.1:{server.port}", "database": BUCKET}
        result = await probe(technology="s3", username="key", password="secret-key", **place)
        assert len(server.requests) == 1
    assert result.error == "wrong_region"
    assert result.message == "The bucket is in eu-west-1, not in us-east-1."


async def test_credentials_of_the_machine_are_not_used(
    probe: Probing, moto: Moto, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key, secret = moto.reader
    profile = f"[default]\naws_access_key_id={key}\naws_secret_access_key={secret}\n"
    (tmp_path / "credentials").write_text(profile)
    for name, value in {
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_PROFILE": "nobody",
        "HTTP_PROXY": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    assert (await probe(**_place(moto))).state is CusHealthState.HEALTHY
    async with hostile(reply(answer(_LISTING, kind="application/xml"))) as server:
        url = f"http://127.0.0.1:{server.port}"
        assert (await probe(**_place(moto, url=url, username=None, password=None))).ok
        assert b"authorization" not in server.requests[0].lower()


async def test_two_tenants_share_nothing(probe: Probing, moto: Moto) -> None:
    assert (await probe(**_place(moto))).state is CusHealthState.HEALTHY
    assert (await probe(**_place(moto, password="not-the-secret"))).error == "auth_failed"
    assert (await probe(**_place(moto))).state is CusHealthState.HEALTHY


async def test_authority_of_ones_own_is_trusted(
    probe: Probing,
    moto: Moto,
    authority: Authority,
    certificates: dict[str, ssl.SSLContext],
    tmp_path: Path,
) -> None:
    async with tls_front(moto.port, certificates["valid"]) as front:
        url = f"https://127.0.0.1:{front.port}"
        unknown = await probe(**_place(moto, url=url))
        trusted = await probe(**_place(moto, url=url, tls_ca=str(authority.file(tmp_path))))
        unchecked = await probe(**_place(moto, url=url, tls_verify=False))
    assert (unknown.error, unknown.stage) == ("tls_untrusted", "tls")
    assert [stage.name for stage in trusted.stages] == ["connect", "tls", "list"]
    # The signature names the host that was asked, so a front changes nothing.
    assert [trusted.error, unchecked.error] == [None, None]
