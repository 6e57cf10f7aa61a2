"""The fields of what is reached over HTTP, declared once for every family."""

from __future__ import annotations

from engine.fields import FieldSpec
from engine.probes.common_fields import (
    API_KEY,
    PASSWORD,
    TLS_CA,
    TLS_VERIFY,
    URL,
    USERNAME,
    called,
)

AUTH_TYPES = ("none", "basic", "bearer", "api_key", "oauth2")
AUTH_TYPE = FieldSpec(
    name="auth_type",
    label="Authentication",
    kind="choice",
    choices=AUTH_TYPES,
    help="How one proves who one is; left empty, it follows from what is given.",
)
API_KEY_HEADER = FieldSpec(
    name="api_key_header",
    label="Key header",
    maximum=100,
    pattern=r"[!#$%&'*+.^_`|~0-9A-Za-z-]+",
    placeholder="X-API-Key",
    help="The header in which the API key is sent.",
)
OAUTH = (
    FieldSpec(
        name="oauth_token_url",
        label="OAuth token URL",
        kind="url",
        maximum=2048,
        help="Where a token is given for client id and secret.",
    ),
    FieldSpec(name="oauth_client_id", label="OAuth client id", maximum=256),
    FieldSpec(name="oauth_client_secret", label="OAuth client secret", kind="secret", maximum=4096),
    FieldSpec(name="oauth_scope", label="OAuth scope", maximum=1024),
)
TOKEN = called(API_KEY, "API key or token")
HTTP_FIELDS = (URL, AUTH_TYPE, USERNAME, PASSWORD, TOKEN, *OAUTH, TLS_VERIFY, TLS_CA)
