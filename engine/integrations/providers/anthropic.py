"""Anthropic: `GET /v1/models` with `x-api-key` and a dated version of the API."""

from __future__ import annotations

from engine.fields import FieldSpec
from engine.integrations.providers.base import CheckPlan, Provider, Wire
from engine.integrations.providers.listing import list_under

VERSION = "2023-06-01"


def _word_request(plan: CheckPlan) -> Wire:
    # Some gateways are documented with the version in the base URL, Anthropic's own without.
    base = plan.base_url.removesuffix("/v1")
    headers = {"x-api-key": plan.secret, "anthropic-version": plan.config["anthropic_version"]}
    return Wire(url=f"{base}/v1/models?limit=1000", headers=headers)


ANTHROPIC = Provider(
    name="anthropic",
    title="Anthropic",
    default_base_url="https://api.anthropic.com",
    own_fields=(
        FieldSpec(
            name="anthropic_version",
            label="API version",
            default=VERSION,
            help="The dated version of the API that requests are written for.",
            placeholder=VERSION,
            pattern=r"\d{4}-\d{2}-\d{2}",
        ),
    ),
    word_request=_word_request,
    read=list_under("data"),
)
