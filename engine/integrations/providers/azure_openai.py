"""Azure OpenAI: the models of a resource, with `api-key`.

The dated API is `GET {endpoint}/openai/models?api-version=…`; the newer one, chosen by the
version `v1`, is `GET {endpoint}/openai/v1/models`.
"""

from __future__ import annotations

from engine.fields import FieldSpec
from engine.integrations.providers.base import CheckPlan, Provider, Wire
from engine.integrations.providers.listing import list_under

VERSION = "2024-10-21"
_NAME_LENGTH = 64


def _word_request(plan: CheckPlan) -> Wire:
    # People copy the endpoint with or without the path that the newer API adds to it.
    endpoint = plan.base_url.removesuffix("/v1").removesuffix("/openai")
    version = plan.config["api_version"]
    path = "v1/models" if version == "v1" else f"models?api-version={version}"
    return Wire(url=f"{endpoint}/openai/{path}", headers={"api-key": plan.secret})


AZURE_OPENAI = Provider(
    name="azure_openai",
    title="Azure OpenAI",
    base_url_help="The endpoint of the resource, from Keys and Endpoint in the Azure portal.",
    base_url_placeholder="https://my-resource.openai.azure.com",
    own_fields=(
        FieldSpec(
            name="api_version",
            label="API version",
            default=VERSION,
            help="A dated version of the API, or v1.",
            placeholder=VERSION,
            pattern=r"v1|\d{4}-\d{2}-\d{2}(-preview)?",
        ),
        FieldSpec(
            name="deployment",
            label="Deployment",
            help="The name of the deployment that this integration stands for; not used in checks.",
            placeholder="gpt-4o-eu",
            maximum=_NAME_LENGTH,
            pattern=r"[A-Za-z0-9._-]+",
        ),
    ),
    word_request=_word_request,
    read=list_under("data"),
)
