"""Anything that speaks OpenAI's API: a gateway, a self-hosted server, another company."""

from __future__ import annotations

from engine.integrations.providers.base import CheckPlan, Provider, Wire
from engine.integrations.providers.listing import list_anywhere


def _word_request(plan: CheckPlan) -> Wire:
    headers = {"Authorization": f"Bearer {plan.secret}"} if plan.secret else {}
    return Wire(url=f"{plan.base_url}/models", headers=headers)


CUSTOM = Provider(
    name="custom",
    title="OpenAI-compatible",
    base_url_help="Where the API starts, version included; /models is asked for below it.",
    base_url_placeholder="https://llm.example.com/v1",
    credential_help="Leave it empty for a server that asks for none. It is encrypted at once.",
    credential_required=False,
    word_request=_word_request,
    read=list_anywhere,
)
