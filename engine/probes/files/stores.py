"""What object stores share: how people write a bucket, and what no probe knows of a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from engine.probes.place import Place


def bucket_and_prefix(place: Place, what: str = "bucket") -> tuple[str, str]:
    """Return the bucket (or container) and the prefix below it, without a leading slash.

    People write `bucket`, `bucket/folder` or `s3://bucket`.

    Raises:
        Refused: None is named.
    """
    text = (place.database or "").rpartition("://")[2].lstrip("/")
    bucket, _, prefix = text.partition("/")
    if not bucket:
        raise Refused("invalid_request", f"No {what} is named.", f"Enter the {what}.")
    return bucket, prefix


def store_refused(code: str) -> Refused:
    """Return the refusal that a store's own code is, where nothing is known of the code."""
    remedy = "Look this code up in the store's manual."
    return Refused("store_error", f"The store refused: {code}.", remedy)
