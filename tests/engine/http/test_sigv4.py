from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from unittest import mock

import pytest

from engine.http.sigv4 import AwsKeys, Scope, canonical_request, sign_get

# The example pair that AWS's documentation uses everywhere; it opens nothing.
KEYS = AwsKeys(
    access_key_id="AKIDEXAMPLE", secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)
NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)


def _signature(headers: dict[str, str]) -> str:
    return headers["Authorization"].rpartition("Signature=")[2]


def test_the_documented_listing_of_users() -> None:
    url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"
    content_type = "application/x-www-form-urlencoded; charset=utf-8"
    canonical = canonical_request(
        "GET",
        url,
        {
            "content-type": content_type,
            "host": "iam.amazonaws.com",
            "x-amz-date": "20150830T123600Z",
        },
    )
    assert sha256(canonical.encode()).hexdigest() == (
        "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    )
    signed = sign_get(
        url,
        KEYS,
        Scope(region="us-east-1", service="iam", now=NOW),
        {"Content-Type": content_type},
    )
    assert signed["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


@pytest.mark.parametrize(
    ("path", "signature"),
    [
        ("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "/?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
    ],
)
def test_the_published_suite(path: str, signature: str) -> None:
    scope = Scope(region="us-east-1", service="service", now=NOW)
    assert _signature(sign_get(f"https://example.amazonaws.com{path}", KEYS, scope)) == signature


@pytest.mark.parametrize(
    "url",
    [
        "https://bedrock.us-east-1.amazonaws.com/foundation-models",
        "https://bedrock.us-east-1.amazonaws.com:443/foundation-models",
        "http://127.0.0.1:8123/foundation-models",
        "http://localhost:80/proxy/foundation-models",
        "https://vpce-0a1.bedrock.eu-west-1.vpce.amazonaws.com/foundation-models",
        "http://[::1]:9000/a%20b/foundation-models",
    ],
)
@pytest.mark.parametrize("token", ["", "FwoGZXIvYXdzEXAMPLE//token=="])
@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_botocore_signs_alike(url: str, token: str, region: str) -> None:
    botocore_auth = pytest.importorskip("botocore.auth")
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    keys = AwsKeys(access_key_id="AKIAX", secret_access_key="s+/=Ecret", token=token)
    scope = Scope(region=region, service="bedrock", now=NOW)
    request = AWSRequest(method="GET", url=url)
    signer = botocore_auth.SigV4Auth(
        Credentials("AKIAX", "s+/=Ecret", token or None), "bedrock", region
    )
    with mock.patch.object(botocore_auth, "get_current_datetime", return_value=NOW, create=True):
        signer.add_auth(request)
    ours = sign_get(url, keys, scope)
    assert ours["X-Amz-Date"] == request.headers["X-Amz-Date"]
    assert ours["Authorization"] == request.headers["Authorization"]
    assert ours.get("X-Amz-Security-Token") == request.headers.get("X-Amz-Security-Token")


def test_no_repr_shows_a_secret() -> None:
    keys = AwsKeys(access_key_id="AKIAX", secret_access_key="planted-1", token="planted-2")
    assert "planted" not in repr(keys)
