"""S3 and what is compatible with it (MinIO, R2, Ceph …), through s3fs.

Nothing of the machine's own AWS settings is used: who one is comes from the source alone.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.probes.files.http_session import driver_session
from engine.probes.files.stores import bucket_and_prefix, store_refused
from engine.probes.refusals import Refused, no_such, wrong_protocol
from engine.probes.running import causes
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from aiobotocore.session import AioSession
    from s3fs import S3FileSystem

    from engine.probes.attempt import Attempt
    from engine.probes.files.http_session import DriverSession
    from engine.probes.place import Place

_REGION = "us-east-1"


async def probe(attempt: Attempt) -> dict[str, object]:
    """List at most one object of the bucket; return who answered."""
    bucket, prefix = bucket_and_prefix(attempt.place)
    async with open_filesystem(attempt) as files:
        try:
            # Its own `ls` reads every page, and waits before it tells of a lost connection.
            client = await files.set_session()
            page = await client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
        except Exception as error:
            if refused := _refusal_of(error, bucket, attempt.place):
                raise refused from error
            raise
    if not page.keys() & {"Name", "KeyCount"}:
        raise wrong_protocol("S3")
    headers = page["ResponseMetadata"].get("HTTPHeaders", {})
    return {
        "server": headers.get("server", "S3"),
        "bucket": bucket,
        "region": headers.get("x-amz-bucket-region", "") or _region(attempt.place),
        "empty": not page.get("KeyCount"),
    }


@asynccontextmanager
async def open_filesystem(attempt: Attempt) -> AsyncIterator[S3FileSystem]:
    """Open the bucket's file system for this check alone; it knows only its own credentials."""
    from s3fs import S3FileSystem

    place = attempt.place
    endpoint = _endpoint(place)
    async with driver_session(attempt, endpoint) as http:
        files = S3FileSystem(
            **_credentials(place),
            endpoint_url=endpoint,
            session=_session(),
            client_kwargs={"region_name": _region(place)},
            config_kwargs=_config(place, http),
            asynchronous=True,
            skip_instance_cache=True,
            use_listings_cache=False,
        )
        client = await files.set_session()
        client.meta.events.register("before-call.s3", _stay)
        try:
            yield files
        finally:
            await files._s3creator.__aexit__(None, None, None)  # noqa: SLF001 - as its docs close it


def _stay(context: dict[str, Any], **_: object) -> None:
    """Tell botocore that it has redirected already.

    It would look for the bucket's region by requests of its own, endlessly (300 in 0.2 s) where a
    server redirects whatever it is asked.
    """
    context.setdefault("s3_redirect", {})["redirected"] = True


def _endpoint(place: Place) -> str:
    if place.url and place.url.lower().startswith(("http://", "https://")):
        return place.url
    if place.host:
        scheme = "https" if place.tls else "http"
        port = f":{place.port}" if place.port else ""
        return f"{scheme}://{place.host}{port}"
    region = _region(place)
    return f"https://s3.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")


def _region(place: Place) -> str:
    return place.option("region", _REGION)


def _credentials(place: Place) -> dict[str, object]:
    if not place.username:
        return {"anon": True}
    secret, token = (place.password, place.api_key) if place.password else (place.api_key, None)
    return {"key": place.username, "secret": secret or "", "token": token or None}


def _config(place: Place, http: DriverSession) -> dict[str, object]:
    custom = bool(place.url or place.host)
    return {
        "http_session_cls": _session_class(http),
        "proxies": {},
        "retries": {"total_max_attempts": 1},
        # A compatible's own name rarely has a name for each bucket below it.
        "s3": {"addressing_style": place.option("addressing", "path" if custom else "virtual")},
        "ignore_configured_endpoint_urls": True,
    }


def _session_class(http: DriverSession) -> type:
    from aiobotocore.httpsession import AIOHTTPSession

    class Session(AIOHTTPSession):  # type: ignore[misc]  # the library has no types
        """aiobotocore's, sending through the checked session."""

        async def _get_session(self, proxy_url: str | None) -> Any:
            del proxy_url
            return http

    return Session


def _session() -> AioSession:
    """Return a session that reads neither the environment nor anybody's ~/.aws."""
    from aiobotocore.session import AioSession
    from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES as VARIABLES

    session = AioSession()
    store = session.get_component("config_store")
    for name, (_, _, default, _) in VARIABLES.items():
        store.set_config_variable(name, default)
    for name in ("config_file", "credentials_file"):
        store.set_config_variable(name, os.devnull)
    for name in ("s3", "proxies_config"):
        store.set_config_variable(name, {})
    session.register_component("data_loader", _loader())
    return session


@cache
def _loader() -> Any:
    """Return the reader of S3's own description, kept because reading it takes 100 ms."""
    from botocore.loaders import Loader

    return Loader()


_AUTH = (
    "auth_failed",
    "Check access key and secret key; a temporary key needs its session token too.",
)
_DENIED = ("access_denied", "Give this key the right s3:ListBucket on the bucket.")
_REGION_WRONG = ("wrong_region", "Set the region to the one in which the bucket is.")
_CLOCK = ("clock_skew", "Set this machine's clock: signatures are good for 15 minutes.")
_WAIT = ("overloaded", "Wait; the store asks for fewer requests.")
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_MEANINGS: Mapping[str, tuple[str, str, str]] = {
    "InvalidAccessKeyId": ("The store does not know this access key.", *_AUTH),
    "SignatureDoesNotMatch": ("The secret key does not belong to this access key.", *_AUTH),
    "InvalidToken": ("The session token is not valid.", *_AUTH),
    "ExpiredToken": ("The session token has expired.", *_AUTH),
    "AccessDenied": ("This key may not list the bucket.", *_DENIED),
    "AllAccessDisabled": ("All access to the bucket is switched off.", *_DENIED),
    "403": ("This key may not list the bucket.", *_DENIED),
    "PermanentRedirect": ("The bucket is in another region.", *_REGION_WRONG),
    "AuthorizationHeaderMalformed": ("The bucket is in another region.", *_REGION_WRONG),
    "IllegalLocationConstraintException": ("The bucket is in another region.", *_REGION_WRONG),
    "301": ("The bucket is in another region.", *_REGION_WRONG),
    "RequestTimeTooSkewed": ("This machine's clock differs from the store's.", *_CLOCK),
    "SlowDown": ("The store asks to be asked less often.", *_WAIT),
    "ServiceUnavailable": ("The store is overloaded.", *_WAIT),
    "503": ("The store is overloaded.", *_WAIT),
}
_DEGRADED = {"overloaded"}


def _refusal_of(error: Exception, bucket: str, place: Place) -> Refused | None:
    """Return what S3's own error code means; None where it is no error of S3's."""
    from botocore.exceptions import ClientError, ParamValidationError
    from botocore.parsers import ResponseParserError

    for cause in causes(error):
        if isinstance(cause, ClientError):
            return _of_response(cause.response, bucket, place)
        if isinstance(cause, ParamValidationError):
            return Refused(
                "invalid_request", "The bucket's name is not a valid one.", "Check the bucket."
            )
        if isinstance(cause, ResponseParserError | KeyError):
            return wrong_protocol("S3")
    return None


def _of_response(response: Mapping[str, Any], bucket: str, place: Place) -> Refused:
    told = response.get("Error", {})
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    code = str(told.get("Code", ""))
    if code == "NoSuchBucket":
        refused = no_such("bucket", bucket, "Check the bucket's name, its region and the endpoint.")
    elif code in _MEANINGS:
        sentence, word, remedy = _MEANINGS[code]
        refused = Refused(word, sentence, remedy, state=_state(word))
        if word == "wrong_region":
            refused.message = _with_region(response, place)
    elif code.isdigit():
        refused = wrong_protocol("S3")
    else:
        refused = store_refused(code)
    refused.status_code = status
    return refused


def _state(word: str) -> CusHealthState:
    return CusHealthState.DEGRADED if word in _DEGRADED else CusHealthState.FAILING


def _with_region(response: Mapping[str, Any], place: Place) -> str:
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = response["Error"].get("Region") or headers.get("x-amz-bucket-region")
    where = f"in {region}" if region else "in another region"
    return f"The bucket is {where}, not in {_region(place)}."
