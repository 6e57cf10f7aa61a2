"""What AWS's services share: signatures are computed anew and compared, errors have names."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.demo.behaviour import Mood
from engine.demo.dialects.base import Asked, Said, retry_headers
from engine.http.sigv4 import AwsKeys, Scope, parse_keys, sign

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class Aws:
    """Signed requests (Signature Version 4), and errors named in a header."""

    _ERRORS: Mapping[Mood, tuple[int, str, str]] = {
        Mood.UNAUTHORIZED: (
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        Mood.FORBIDDEN: (
            403,
            "AccessDeniedException",
            "The user is not authorized to perform this action.",
        ),
        Mood.RATE_LIMITED: (429, "ThrottlingException", "Too many requests; wait and try again."),
        Mood.SERVER_ERROR: (500, "InternalServerException", "The server had an internal error."),
        Mood.UNAVAILABLE: (503, "ServiceUnavailableException", "The service is unavailable."),
        Mood.OVERLOADED: (503, "ServiceUnavailableException", "The service is at capacity."),
    }

    def secret(self, asked: Asked, secrets: Collection[str]) -> str | Said:
        """Let in whose signature can be computed anew from a known key pair."""
        told = asked.headers.get("authorization", "")
        pairs = {secret: keys for secret in secrets if (keys := parse_keys(secret))}
        for secret, keys in pairs.items():
            if f"Credential={keys.access_key_id}/" in told:
                return secret if self._proves(asked, told, keys) else self._bad_signature()
        return self.refusal(Mood.UNAUTHORIZED, 0)

    @staticmethod
    def _proves(asked: Asked, told: str, keys: AwsKeys) -> bool:
        scope = told.partition("Credential=")[2].partition(",")[0].split("/")
        try:
            sent = datetime.strptime(asked.headers["x-amz-date"], "%Y%m%dT%H%M%S%z")
            region, service = scope[2], scope[3]
        except (KeyError, ValueError, IndexError):
            return False
        where = Scope(region=region, service=service, now=sent.astimezone(UTC))
        signed = sign(asked.method, asked.url, keys, where, body=asked.body)
        return hmac.compare_digest(signed["Authorization"], told)

    def _bad_signature(self) -> Said:
        told = "The request signature we calculated does not match the signature you provided."
        return self._error(403, "InvalidSignatureException", told)

    def refusal(self, mood: Mood, retry_after_s: int) -> Said:
        """Say no by a name in `x-amzn-ErrorType`."""
        status, kind, message = self._ERRORS[mood]
        return self._error(status, kind, message, retry_headers(mood, retry_after_s))

    @staticmethod
    def _error(status: int, kind: str, message: str, more: Mapping[str, str] | None = None) -> Said:
        headers = {"x-amzn-ErrorType": f"{kind}:http://internal.amazon.com/", **(more or {})}
        return Said(status=status, body={"message": message}, headers=headers)
