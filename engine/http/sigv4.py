"""AWS Signature Version 4.

Written from AWS's documentation of the signing process ("Signature Version 4 signing process",
IAM User Guide) and checked in the tests against its published vectors and against botocore; the
whole SDK would cost more at start than everything else here together.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ALGORITHM = "AWS4-HMAC-SHA256"
_EMPTY_BODY = hashlib.sha256(b"").hexdigest()
_UNRESERVED = "-_.~"
_KEY_NAMES = (
    ("AccessKeyId", "aws_access_key_id", "access_key_id"),
    ("SecretAccessKey", "aws_secret_access_key", "secret_access_key"),
    ("SessionToken", "aws_session_token", "session_token"),
)


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


def parse_keys(secret: str) -> AwsKeys | None:
    """Return the key pair that a credential spells, or None when it spells none.

    `KEY_ID:SECRET`, `KEY_ID:SECRET:TOKEN`, or the JSON that the AWS tools print.
    """
    parts = _from_json(secret) if secret.startswith("{") else secret.split(":", 2)
    if len(parts) < 2 or not (parts[0] and parts[1]):  # noqa: PLR2004 - id and secret
        return None
    token = parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - and perhaps a token
    return AwsKeys(access_key_id=parts[0], secret_access_key=parts[1], token=token)


def _from_json(secret: str) -> list[str]:
    try:
        values = json.loads(secret)
    except (ValueError, RecursionError):
        return []
    if isinstance(values, dict) and isinstance(values.get("Credentials"), dict):
        values = values["Credentials"]
    if not isinstance(values, dict):
        return []
    return [next((str(values[n]) for n in names if values.get(n)), "") for names in _KEY_NAMES]


def sign_get(
    url: str, keys: AwsKeys, scope: Scope, headers: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the headers that make a GET of `url` a signed one; see `sign`."""
    return sign("GET", url, keys, scope, headers=headers)


def sign(  # noqa: PLR0913 - the parts of a request, by their names
    method: str,
    url: str,
    keys: AwsKeys,
    scope: Scope,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> dict[str, str]:
    """Return the headers that make a request a signed one, `Host` not among them.

    Args:
        method: The verb.
        url: Absolute address; host and port are signed, so it must be sent as it is.
        keys: Who signs.
        scope: Where and when the signature counts.
        headers: Others to sign along.
        body: What is sent, if anything is.
    """
    sent = {**(headers or {}), "X-Amz-Date": scope.stamp}
    if keys.token:
        sent["X-Amz-Security-Token"] = keys.token
    signed = {name.lower(): " ".join(value.split()) for name, value in sent.items()}
    signed["host"] = _host(url)
    names = ";".join(sorted(signed))
    body_hash = hashlib.sha256(body).hexdigest() if body else _EMPTY_BODY
    signature = _signature(keys, scope, canonical_request(method, url, signed, body_hash))
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
