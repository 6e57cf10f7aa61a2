"""Amazon Bedrock: `GET /foundation-models`, signed with AWS Signature Version 4.

A credential is `AKID:SECRET` or `AKID:SECRET:TOKEN`, the JSON that the AWS tools print, or a
Bedrock API key, which is sent as a bearer token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import CredentialUnreadable
from engine.fields import FieldSpec
from engine.http.sigv4 import Scope, parse_keys, sign_get
from engine.integrations.providers.base import (
    ACCESS_DENIED,
    AUTH_FAILED,
    RATE_LIMITED,
    CheckPlan,
    Provider,
    Wire,
)
from engine.integrations.providers.listing import list_under

if TYPE_CHECKING:
    from collections.abc import Mapping

REGION = "us-east-1"
_API_KEY_PREFIXES = ("ABSK", "bedrock-api-key-")
_FORM = "The access key must be KEY_ID:SECRET or KEY_ID:SECRET:TOKEN, JSON, or a Bedrock API key."
# AWS answers all of these with 403 (or 400): a wrong key and a missing permission differ only here.
_CODES = {
    "UnrecognizedClientException": AUTH_FAILED,
    "InvalidSignatureException": AUTH_FAILED,
    "SignatureDoesNotMatch": AUTH_FAILED,
    "InvalidClientTokenId": AUTH_FAILED,
    "IncompleteSignatureException": AUTH_FAILED,
    "MissingAuthenticationTokenException": AUTH_FAILED,
    "ExpiredTokenException": AUTH_FAILED,
    "AccessDeniedException": ACCESS_DENIED,
    "ThrottlingException": RATE_LIMITED,
}


def _credential_problem(secret: str) -> str | None:
    if secret.startswith(_API_KEY_PREFIXES) or parse_keys(secret):
        return None
    return _FORM


def _base_url(config: Mapping[str, str]) -> str:
    region = config["region"]
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://bedrock.{region}.{domain}"


def _word_request(plan: CheckPlan) -> Wire:
    url = f"{plan.base_url}/foundation-models"
    if plan.secret.startswith(_API_KEY_PREFIXES):
        return Wire(url=url, headers={"Authorization": f"Bearer {plan.secret}"})
    keys = parse_keys(plan.secret)
    if keys is None:
        raise CredentialUnreadable(_FORM)
    scope = Scope(region=plan.config["region"], service="bedrock", now=plan.now)
    return Wire(url=url, headers=sign_get(url, keys, scope))


def _classify(status: int, headers: Mapping[str, str], body: object) -> str | None:
    del status
    told = headers.get("x-amzn-errortype", "")
    if not told and isinstance(body, dict):
        told = str(body.get("__type") or body.get("code") or "")
    # `Name:http://…` in the header, `namespace#Name` in the body.
    return _CODES.get(told.partition(":")[0].rpartition("#")[2])


BEDROCK = Provider(
    name="bedrock",
    title="Amazon Bedrock",
    default_base_url_of=_base_url,
    base_url_help="Only for a VPC endpoint or a proxy; else the region's own address is used.",
    base_url_placeholder="https://bedrock.us-east-1.amazonaws.com",
    credential_label="Access key",
    credential_help="KEY_ID:SECRET, KEY_ID:SECRET:TOKEN, JSON of AWS tools, or a Bedrock API key.",
    credential_problem=_credential_problem,
    own_fields=(
        FieldSpec(
            name="region",
            label="Region",
            default=REGION,
            help="The AWS region whose models are used.",
            placeholder=REGION,
            pattern=r"[a-z]{2}(-[a-z]+){1,3}-\d{1,2}",
        ),
    ),
    word_request=_word_request,
    read=list_under("modelSummaries"),
    classify=_classify,
)
