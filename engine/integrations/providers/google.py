"""Google Gemini: `GET /v1beta/models` with the key in a header, never in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.integrations.providers.base import AUTH_FAILED, CheckPlan, Provider, Wire
from engine.integrations.providers.listing import list_under

if TYPE_CHECKING:
    from collections.abc import Mapping

_BAD_KEY_REASONS = frozenset({"API_KEY_INVALID", "API_KEY_EXPIRED"})
_BAD_REQUEST = 400


def _word_request(plan: CheckPlan) -> Wire:
    base = plan.base_url.removesuffix("/v1beta")
    return Wire(url=f"{base}/v1beta/models?pageSize=1000", headers={"x-goog-api-key": plan.secret})


def _classify(status: int, headers: Mapping[str, str], body: object) -> str | None:
    """Google answers a wrong key with 400; only the error's details tell it from a bad request."""
    del headers
    if status == _BAD_REQUEST and _reasons(body) & _BAD_KEY_REASONS:
        return AUTH_FAILED
    return None


def _reasons(body: object) -> set[str]:
    error = body.get("error") if isinstance(body, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    if not isinstance(details, list):
        return set()
    found = (detail.get("reason") for detail in details if isinstance(detail, dict))
    return {reason for reason in found if isinstance(reason, str)}


GOOGLE = Provider(
    name="google",
    title="Google Gemini",
    default_base_url="https://generativelanguage.googleapis.com",
    word_request=_word_request,
    read=list_under("models", empty_is_fine=True),
    classify=_classify,
)
