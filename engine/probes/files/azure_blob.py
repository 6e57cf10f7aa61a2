"""Azure Blob Storage, through adlfs on the SDK's own client.

Who one is comes from the source alone: no variable of the environment, no managed identity.
"""

from __future__ import annotations

import binascii
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from engine.probes.files.http_session import driver_session
from engine.probes.files.stores import bucket_and_prefix, store_refused
from engine.probes.hush import hush
from engine.probes.refusals import Refused, no_such, wrong_protocol
from engine.probes.running import causes
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adlfs import AzureBlobFileSystem
    from azure.core.exceptions import HttpResponseError

    from engine.probes.attempt import Attempt
    from engine.probes.files.http_session import DriverSession
    from engine.probes.place import Place

_TITLE = "Azure Blob Storage"
_SUFFIX = "core.windows.net"
_FORBIDDEN, _NOT_FOUND, _TOO_MANY, _SERVER_ERROR = 403, 404, 429, 500


async def probe(attempt: Attempt) -> dict[str, object]:
    """List at most one blob of the container; return who answered."""
    container, prefix = bucket_and_prefix(attempt.place, "container")
    seen: dict[str, str] = {}
    async with open_filesystem(attempt) as files:
        try:
            client = files.service_client.get_container_client(container)
            names = client.list_blobs(
                name_starts_with=prefix or None,
                results_per_page=1,
                raw_response_hook=lambda answer: seen.update(answer.http_response.headers),
            )
            page = [blob async for blob in await anext(names.by_page())]
        except Exception as error:
            if refused := _refusal_of(error, container):
                raise refused from error
            raise
    if "x-ms-request-id" not in {name.lower() for name in seen}:
        raise wrong_protocol(_TITLE)
    return {"server": seen.get("Server") or _TITLE, "container": container, "empty": not page}


@asynccontextmanager
async def open_filesystem(attempt: Attempt) -> AsyncIterator[AzureBlobFileSystem]:
    """Open the account's file system for this check alone; it knows only its own credentials."""
    from azure.core.pipeline.transport import AioHttpTransport
    from azure.storage.blob.aio import BlobServiceClient

    hush("azure")
    told = _Account(attempt.place)
    async with driver_session(attempt, told.url) as http:
        client = BlobServiceClient(
            told.url,
            credential=told.credential(),
            transport=_transport(AioHttpTransport, http),
            retry_total=0,
            permit_redirects=False,
            proxies={},
        )
        async with client:
            yield _filesystem(client)


class _Account:
    """Where the account is and how to get in: from fields, or from a connection string."""

    def __init__(self, place: Place) -> None:
        told = _keywords(place.url or "")
        self.name = told.get("accountname") or place.username or ""
        self.key = told.get("accountkey") or place.password or ""
        self.sas = told.get("sharedaccesssignature") or place.api_key or ""
        self.url = told.get("blobendpoint") or _endpoint(place) or self._cloud(told)

    def credential(self) -> Any:
        """Return what the SDK takes: a named key, a shared access signature, or nothing."""
        from azure.core.credentials import AzureNamedKeyCredential, AzureSasCredential

        if self.key:
            return AzureNamedKeyCredential(self.name, self.key)
        return AzureSasCredential(self.sas.removeprefix("?")) if self.sas else None

    def _cloud(self, told: dict[str, str]) -> str:
        if not self.name:
            raise Refused(
                "invalid_request", "No account is named.", "Enter the account or its endpoint."
            )
        scheme = told.get("defaultendpointsprotocol", "https")
        return f"{scheme}://{self.name}.blob.{told.get('endpointsuffix', _SUFFIX)}"


def _keywords(text: str) -> dict[str, str]:
    if "=" not in text or text.lower().startswith(("http://", "https://")):
        return {}
    parts = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in parts}


def _endpoint(place: Place) -> str | None:
    url = place.url or ""
    return url.rstrip("/") if url.lower().startswith(("http://", "https://")) else None


def _transport(kind: type, http: DriverSession) -> Any:
    return kind(session=http, session_owner=False, use_env_settings=False)


def _filesystem(client: Any) -> AzureBlobFileSystem:
    """Return adlfs's file system on this client.

    Its own constructor is left out: it reads credentials from the environment, starts a thread,
    and registers a finaliser that keeps each instance until the process ends.
    """
    from adlfs import AzureBlobFileSystem
    from fsspec.asyn import AsyncFileSystem

    files = AzureBlobFileSystem.__new__(AzureBlobFileSystem)
    AsyncFileSystem.__init__(files, asynchronous=True, use_listings_cache=False)
    settings = {
        "service_client": client,
        "credential": None,
        "sync_credential": None,
        "anon": False,
        "version_aware": False,
        "assume_container_exists": None,
        "blocksize": 4 * 2**20,
        "default_fill_cache": False,
        "default_cache_type": "bytes",
        "max_concurrency": 1,
        "_timeout_kwargs": {},
    }
    vars(files).update(settings)
    return files


# https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
_NOT_KNOWN = frozenset(
    {
        "AuthenticationFailed",
        "InvalidAuthenticationInfo",
        "NoAuthenticationInformation",
        "MissingRequiredHeader",
    }
)
_NO_CONTAINER = frozenset({"ContainerNotFound", "ContainerBeingDeleted", "InvalidResourceName"})


def _refusal_of(error: Exception, container: str) -> Refused | None:
    """Return what the service's own error code means; None where it is no error of its."""
    from azure.core.exceptions import DecodeError, HttpResponseError

    for cause in causes(error):
        if isinstance(cause, binascii.Error):
            return Refused(
                "auth_failed",
                "The account key is none of Azure's: it is not base64.",
                "Copy it again, with the equals signs at its end.",
            )
        if isinstance(cause, HttpResponseError) and cause.status_code:
            refused = _of_response(cause, container)
            refused.status_code = cause.status_code
            return refused
        if isinstance(cause, DecodeError | ValueError):
            return wrong_protocol(_TITLE)
    return None


def _of_response(error: HttpResponseError, container: str) -> Refused:
    code = _code(error)
    # A wrong key has the code of a missing right at some, but always this sentence.
    if code in _NOT_KNOWN or "failed to authenticate" in str(error.message):
        return _rejected()
    return _of_code(code, error.status_code or 0, container)


def _code(error: Any) -> str:
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code) or "")


def _of_code(code: str, status: int, container: str) -> Refused:
    if code in _NO_CONTAINER:
        return no_such("container", container, "Check the container's name and the account.")
    if status == _FORBIDDEN:
        return Refused(
            "access_denied",
            "These credentials may not list the container.",
            "Use a key, or a signature that may list (sp=l); check the account's firewall.",
        )
    if code and (status == _TOO_MANY or status >= _SERVER_ERROR):
        return Refused(
            "overloaded",
            f"{_TITLE} answered {status} ({code}).",
            "Wait a moment; look at the cloud's status page.",
            state=CusHealthState.DEGRADED,
        )
    if code and status != _NOT_FOUND:
        return store_refused(code)
    return wrong_protocol(_TITLE)


def _rejected() -> Refused:
    return Refused(
        "auth_failed",
        f"{_TITLE} rejected the credentials.",
        "Check account and key; a shared access signature may have expired.",
    )
