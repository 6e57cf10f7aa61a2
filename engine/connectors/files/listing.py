"""What lies in one folder of a store: asked for page by page, and no further than is wanted.

The file systems of fsspec bring every page before they return the first entry: of a bucket with
ten million objects, gigabytes.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

# With the longest names that there are, so many are below the 2 MiB that are read of an answer.
_PAGE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """An entry, by its whole name in the store."""

    name: str
    folder: bool
    size: int | None = None


async def s3(files: Any, bucket: str, prefix: str, most: int) -> AsyncGenerator[Found, None]:
    """Yield what lies below a prefix of a bucket of S3."""
    from botocore.exceptions import ClientError
    from s3fs.errors import translate_boto_error

    client = await files.set_session()
    asked = {"Bucket": bucket, "Prefix": prefix, "Delimiter": "/", "MaxKeys": min(most, _PAGE)}
    while asked:
        try:
            page = await client.list_objects_v2(**asked)
        except ClientError as error:
            raise translate_boto_error(error) from error
        for one in page.get("CommonPrefixes", ()):
            yield Found(name=one["Prefix"], folder=True)
        for one in page.get("Contents", ()):
            yield Found(name=one["Key"], folder=False, size=int(one["Size"]))
        token = page.get("NextContinuationToken")
        asked = {**asked, "ContinuationToken": token} if token else {}


async def gcs(files: Any, bucket: str, prefix: str, most: int) -> AsyncGenerator[Found, None]:
    """Yield what lies below a prefix of a bucket of Google's."""
    asked = {"prefix": prefix, "delimiter": "/", "maxResults": min(most, _PAGE)}
    while asked:
        page = await files._call("GET", "b/{}/o", bucket, json_out=True, **asked)  # noqa: SLF001 - nothing else takes a page
        for one in page.get("prefixes", ()):
            yield Found(name=one, folder=True)
        for one in page.get("items", ()):
            yield Found(name=one["name"], folder=False, size=int(one["size"]))
        token = page.get("nextPageToken")
        asked = {**asked, "pageToken": token} if token else {}


async def azure_blob(
    files: Any, container: str, prefix: str, most: int
) -> AsyncGenerator[Found, None]:
    """Yield what lies below a prefix of a container of Azure's."""
    from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

    client = files.service_client.get_container_client(container)
    try:
        async for one in client.walk_blobs(
            name_starts_with=prefix or None, results_per_page=min(most, _PAGE)
        ):
            folder = "size" not in one
            yield Found(name=one["name"], folder=folder, size=None if folder else one["size"])
    except ResourceNotFoundError as error:
        raise FileNotFoundError from error
    except HttpResponseError as error:
        if error.status_code in {401, 403}:
            raise PermissionError from error
        raise


async def sftp(files: Any, folder: str, most: int) -> AsyncGenerator[Found, None]:
    """Yield what lies in a folder behind SFTP; links are left out."""

    def page() -> list[Any]:
        return list(islice(files.ftp.listdir_iter(folder), most))

    for one in await in_thread(page):
        if not stat.S_ISLNK(one.st_mode):
            inner = stat.S_ISDIR(one.st_mode)
            name = one.filename if folder == "." else f"{folder.rstrip('/')}/{one.filename}"
            yield Found(name=name, folder=inner, size=None if inner else int(one.st_size or 0))


LISTINGS = {"s3": s3, "gcs": gcs, "azure_blob": azure_blob}
