"""AWS Signature Version 4 for requests without a body.

Written from AWS's documentation of the signing process ("Signature Version 4 signing process",
IAM User Guide) and checked in the tests against its published vectors and against botocore; the
whole SDK would cost more at start than everything else here together.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ALGORITHM = "AWS4-HMAC-SHA256"
_EMPTY_BODY = hashlib.sha256(b"").hexdigest()
_UNRESERVED = "-_.~"


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsKeys:
    """An access key pair; `token` belongs to temporary ones."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Where and when a signature counts: region, service, and an aware UTC time."""

    region: str
    service: str
    now: datetime

    @property
    def stamp(self) -> str:
        """The time as `x-amz-date` spells it."""
        return self.now.strftime("%Y%m%dT%H%M%SZ")

    def __str__(self) -> str:
        return f"{self.stamp[:8]}/{self.region}/{self.service}/aws4_request"


def sign_get(
    url: str, keys: AwsKeys, scope: Scope, headers: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the headers that make a GET of `url` a signed one, `Host` not among them.

    Args:
        url: Absolute address; host and port are signed, so it must be sent as it is.
        keys: Who signs.
        scope: Where and when the signature counts.
        headers: Others to sign along.
    """
    sent = {**(headers or {}), "X-Amz-Date": scope.stamp}
    if keys.token:
        sent["X-Amz-Security-Token"] = keys.token
    signed = {name.lower(): " ".join(value.split()) for name, value in sent.items()}
    signed["host"] = _host(url)
    names = ";".join(sorted(signed))
    signature = _signature(keys, scope, canonical_request("GET", url, signed))
    sent["Authorization"] = (
        f"{ALGORITHM} Credential={keys.access_key_id}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return sent


def canonical_request(
    method: str, url: str, headers: Mapping[str, str], body_hash: str = _EMPTY_BODY
) -> str:
    """Return the canonical form of a request, which both sides sign.

    Args:
        method: The verb.
        url: Absolute address.
        headers: The signed ones, names in lower case, values trimmed.
        body_hash: SHA-256 of the body in hex.
    """
    parts = urlsplit(url)
    lines = [f"{name}:{headers[name]}" for name in sorted(headers)]
    return "\n".join(
        [
            method,
            quote(parts.path or "/", safe="/" + _UNRESERVED),
            _canonical_query(parts.query),
            *lines,
            "",
            ";".join(sorted(headers)),
            body_hash,
        ]
    )


def _canonical_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    encoded = sorted((quote(k, safe=_UNRESERVED), quote(v, safe=_UNRESERVED)) for k, v in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)


def _host(url: str) -> str:
    """Return the Host header that a client sends: the port only where it is not the scheme's."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return host.removesuffix(usual) if usual else host


def _signature(keys: AwsKeys, scope: Scope, request: str) -> str:
    key = ("AWS4" + keys.secret_access_key).encode()
    for part in str(scope).split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"{ALGORITHM}\n{scope.stamp}\n{scope}\n{digest}"
    return hmac.digest(key, to_sign.encode(), "sha256").hex()
