"""OpenAI: `GET /v1/models` with a bearer token."""

from __future__ import annotations

from engine.fields import FieldSpec
from engine.integrations.providers.base import CheckPlan, Provider, Wire
from engine.integrations.providers.listing import list_under

_ID_LENGTH = 128


def _word_request(plan: CheckPlan) -> Wire:
    headers = {"Authorization": f"Bearer {plan.secret}"}
    if plan.config["organization"]:
        headers["OpenAI-Organization"] = plan.config["organization"]
    if plan.config["project"]:
        headers["OpenAI-Project"] = plan.config["project"]
    return Wire(url=f"{plan.base_url}/models", headers=headers)


OPENAI = Provider(
    name="openai",
    title="OpenAI",
    default_base_url="https://api.openai.com/v1",
    own_fields=(
        FieldSpec(
            name="organization",
            label="Organization",
            help="Only for a key that belongs to several organizations.",
            placeholder="org-…",
            maximum=_ID_LENGTH,
            pattern=r"[!-~]+",
        ),
        FieldSpec(
            name="project",
            label="Project",
            help="Only for a key that is not bound to one project.",
            placeholder="proj_…",
            maximum=_ID_LENGTH,
            pattern=r"[!-~]+",
        ),
    ),
    word_request=_word_request,
    read=list_under("data"),
)
