"""Google Cloud Storage, through gcsfs.

Who one is comes from the source alone: neither gcloud's files nor the metadata server are asked.
A service account signs its own token, so nobody has to be asked for one.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from types import MethodType
from typing import TYPE_CHECKING, Any

from engine.probes import json_body
from engine.probes.files.http_session import driver_session
from engine.probes.files.stores import bucket_and_prefix
from engine.probes.hush import hush
from engine.probes.refusals import Refused, no_such, wrong_protocol
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gcsfs.core import GCSFileSystem

    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_TITLE = "Google Cloud Storage"
_ENDPOINT = "https://storage.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
_BAD_REQUEST, _NOT_KNOWN, _FORBIDDEN, _NOT_FOUND, _TOO_MANY = 400, 401, 403, 404, 429
_SERVER_ERROR = 500


async def probe(attempt: Attempt) -> dict[str, object]:
    """List at most one object of the bucket; return who answered."""
    bucket, prefix = bucket_and_prefix(attempt.place)
    async with open_filesystem(attempt) as files:
        url = files._format_path("b/{}/o", [bucket])  # noqa: SLF001 - its own `ls` reads every page
        params = {"prefix": prefix, "maxResults": "1", "fields": "kind,items(name)"}
        headers = files._get_headers(None)  # noqa: SLF001 - its own credentials' headers
        async with files.session.request("GET", url, params=params, headers=headers) as response:
            body = _parsed(await response.read())
            status = response.status
        if status != 200 or not _is_listing(body):  # noqa: PLR2004 - what success is in HTTP
            raise _refusal_of(status, body, bucket)
    return {"server": _TITLE, "bucket": bucket, "empty": not body.get("items")}


@asynccontextmanager
async def open_filesystem(attempt: Attempt) -> AsyncIterator[GCSFileSystem]:
    """Open the bucket's file system for this check alone; it knows only its own credentials."""
    from gcsfs.core import GCSFileSystem

    hush("gcsfs")
    place = attempt.place
    endpoint = _endpoint(place)
    async with driver_session(attempt, endpoint) as http:
        files = GCSFileSystem(
            project="-",
            token=_credentials(place),
            endpoint_url=endpoint,
            asynchronous=True,
            skip_instance_cache=True,
            use_listings_cache=False,
        )
        files._session = http  # noqa: SLF001 - it has no other way to be given one
        # It would try again five times, for half a minute; whoever asks decides that here.
        files._request = MethodType(GCSFileSystem._request.__wrapped__, files)  # noqa: SLF001
        yield files


def _endpoint(place: Place) -> str:
    if place.url and place.url.lower().startswith(("http://", "https://")):
        return place.url.rstrip("/")
    return _ENDPOINT


def _credentials(place: Place) -> Any:
    """Return what gcsfs takes as token: signed credentials, or `anon` for a public bucket."""
    if not place.api_key:
        return "anon"
    if place.api_key.lstrip().startswith("{"):
        return _service_account(place.api_key)
    from google.oauth2.credentials import Credentials

    return Credentials(place.api_key.strip())  # type: ignore[no-untyped-call]


def _service_account(text: str) -> Any:
    from google.oauth2.service_account import Credentials

    try:
        signer = Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
            json.loads(text), scopes=[_SCOPE], always_use_jwt_access=True
        )
        signer.refresh(None)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused(
            "auth_failed",
            "The key is not a service account's key in JSON.",
            "Create a key of type JSON for a service account, and paste all of it.",
        ) from None
    return signer


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        parsed = json_body.parse(body)
    except json_body.InvalidJson:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _is_listing(body: dict[str, Any]) -> bool:
    return body.get("kind") == "storage#objects" or isinstance(body.get("items"), list)


def _refusal_of(status: int, body: dict[str, Any], bucket: str) -> Refused:
    """Return what a status means here; https://cloud.google.com/storage/docs/json_api/v1/status-codes."""
    refused = _of_status(status, json_body.error_text(body), bucket)
    refused.status_code = status
    return refused


def _of_status(status: int, said: str, bucket: str) -> Refused:
    why = f": {said}" if said else "."
    if status == _NOT_KNOWN:
        return Refused(
            "auth_failed",
            f"{_TITLE} rejected the credentials{why}",
            "Check the key or token; an access token lasts only an hour.",
        )
    if status == _FORBIDDEN:
        return Refused(
            "access_denied",
            f"These credentials may not list the bucket{why}",
            "Grant storage.objects.list on the bucket, such as by the role Storage Object Viewer.",
        )
    if status == _NOT_FOUND:
        return no_such("bucket", bucket, "Check the bucket's name and the endpoint.")
    if status == _TOO_MANY or status >= _SERVER_ERROR:
        return Refused(
            "overloaded",
            f"{_TITLE} answered {status}{why}",
            "Wait a moment; look at the cloud's status page.",
            state=CusHealthState.DEGRADED,
        )
    if status == _BAD_REQUEST and said:
        return Refused("bad_request", f"{_TITLE} refused{why}", "Check the bucket's name.")
    return wrong_protocol(_TITLE)
