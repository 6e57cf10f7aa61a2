"""Services that only connectors reach: MCP servers and functions; one probe a module.

Their types are those of connectors, so no form of a source offers them.
"""

from __future__ import annotations

from dataclasses import replace

from engine.fields import FieldSpec
from engine.probes.common_fields import API_KEY, URL, called
from engine.probes.technology import Technology

_REGION = FieldSpec(
    name="region",
    label="Region",
    required=True,
    default="us-east-1",
    pattern=r"[a-z]{2}(-[a-z]+){1,3}-\d{1,2}",
    placeholder="us-east-1",
)
_ENDPOINT = replace(
    URL,
    required=False,
    help="Only for a VPC endpoint or an emulator; else the region's own address is used.",
    placeholder="https://lambda.us-east-1.amazonaws.com",
)
_FUNCTION = FieldSpec(
    name="function",
    label="Function",
    maximum=140,
    pattern=r"[A-Za-z0-9_:.$-]+",
    help="One function that must be there; empty to list them.",
)

MCP_HTTP = Technology(
    name="mcp_http",
    title="MCP over HTTP",
    type="mcp",
    probe="engine.probes.services.mcp:probe",
    fields=(
        replace(URL, placeholder="https://tools.example.com/mcp"),
        called(API_KEY, "Token", help="Sent as a bearer token; stored encrypted, or env://NAME."),
    ),
    extra="mcp",
    needs=("mcp",),
)
MCP_STDIO = Technology(
    name="mcp_stdio",
    title="MCP over stdio",
    type="mcp",
    probe="engine.probes.services.mcp:probe",
    fields=(
        called(
            API_KEY, "Token", help="Given to the command in the variable that `key_variable` names."
        ),
    ),
    options=(
        FieldSpec(
            name="command",
            label="Command",
            required=True,
            maximum=1024,
            help="The program that is the server; it runs where the check runs.",
            placeholder="/usr/local/bin/my-mcp-server",
        ),
        FieldSpec(
            name="arguments",
            label="Arguments",
            maximum=4096,
            help="Its arguments, quoted as in a shell; no shell reads them.",
            placeholder="--root /srv/docs",
        ),
        FieldSpec(
            name="key_variable",
            label="Token variable",
            maximum=128,
            pattern=r"[A-Za-z_][A-Za-z0-9_]*",
            help="The environment variable in which the command expects the token.",
            placeholder="API_TOKEN",
        ),
    ),
    extra="mcp",
    needs=("mcp",),
)
AWS_LAMBDA = Technology(
    name="aws_lambda",
    title="AWS Lambda",
    type="serverless",
    probe="engine.probes.services.aws_lambda:probe",
    fields=(
        _ENDPOINT,
        called(
            API_KEY,
            "Access key",
            help="KEY_ID:SECRET, KEY_ID:SECRET:TOKEN, or the JSON of AWS tools.",
            required=True,
        ),
    ),
    options=(_REGION, _FUNCTION),
    tested="emulator",
)
GOOGLE_FUNCTIONS = Technology(
    name="google_functions",
    title="Google Cloud Functions",
    type="serverless",
    probe="engine.probes.services.http_functions:probe_google",
    fields=(
        replace(URL, placeholder="https://europe-west1-project.cloudfunctions.net"),
        called(API_KEY, "Identity token", help="Sent as a bearer token; or env://NAME."),
    ),
    options=(_FUNCTION,),
    tested="protocol",
)
AZURE_FUNCTIONS = Technology(
    name="azure_functions",
    title="Azure Functions",
    type="serverless",
    probe="engine.probes.services.http_functions:probe_azure",
    fields=(
        replace(URL, placeholder="https://my-app.azurewebsites.net"),
        called(API_KEY, "Host key", help="The app's master or function key; or env://NAME."),
    ),
    options=(_FUNCTION,),
    tested="protocol",
)

TECHNOLOGIES = (MCP_HTTP, MCP_STDIO, AWS_LAMBDA, GOOGLE_FUNCTIONS, AZURE_FUNCTIONS)
