"""Buckets and what lies in them, as people write them: `bucket`, `bucket/folder`, `s3://bucket`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from engine.probes.place import Place


def bucket_and_prefix(place: Place, what: str = "bucket") -> tuple[str, str]:
    """Return the bucket (or container) and the prefix below it, without a leading slash.

    Raises:
        Refused: None is named.
    """
    text = (place.database or "").rpartition("://")[2].lstrip("/")
    bucket, _, prefix = text.partition("/")
    if not bucket:
        raise Refused("invalid_request", f"No {what} is named.", f"Enter the {what}.")
    return bucket, prefix
