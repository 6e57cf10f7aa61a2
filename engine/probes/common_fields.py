"""The fields that many technologies ask for, declared once; each may relabel its own."""

from __future__ import annotations

from dataclasses import replace

from engine.fields import FieldSpec
from engine.probes.hosts import MAX_PORT

HOST = FieldSpec(
    name="host",
    label="Host",
    required=True,
    maximum=253,
    pattern=r"[^\s/@?#]+",
    placeholder="db.example.com",
    help="Name or address of the server.",
)
PORT = FieldSpec(name="port", label="Port", kind="int", minimum=1, maximum=MAX_PORT)
USERNAME = FieldSpec(name="username", label="User", maximum=256)
PASSWORD = FieldSpec(
    name="password",
    label="Password",
    kind="secret",
    maximum=4096,
    help="Stored encrypted; or env://NAME for a variable of the process that checks.",
)
API_KEY = FieldSpec(
    name="api_key",
    label="API key",
    kind="secret",
    maximum=8192,
    help="Stored encrypted; or env://NAME for a variable of the process that checks.",
)
DATABASE = FieldSpec(name="database", label="Database", maximum=1024)
URL = FieldSpec(
    name="connection_string",
    label="URL",
    kind="url",
    required=True,
    maximum=2048,
    placeholder="https://search.example.com",
)
TLS = FieldSpec(
    name="ssl_enabled",
    label="TLS",
    kind="choice",
    choices=("no", "yes"),
    default="no",
    help="Whether the connection is encrypted.",
)
TLS_VERIFY = FieldSpec(
    name="ssl_verify",
    label="Verify TLS",
    kind="choice",
    choices=("yes", "no"),
    default="yes",
    help="Whether the server's certificate must be valid.",
)
TLS_CA = FieldSpec(
    name="ssl_cert_path",
    label="CA file",
    maximum=1024,
    help="Authorities (PEM) that are trusted as well, of a company's own for instance.",
)


def port(default: int) -> FieldSpec:
    """Return the port's field with a technology's own default."""
    return replace(PORT, default=str(default), placeholder=str(default))


def called(spec: FieldSpec, label: str, *, help: str = "", required: bool = False) -> FieldSpec:  # noqa: A002 - the field's name
    """Return a field under a technology's own word for it."""
    return replace(spec, label=label, help=help or spec.help, required=required or spec.required)
