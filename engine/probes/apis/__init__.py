"""APIs that answer over HTTP: what is declared of each; one probe a module."""

from __future__ import annotations

from dataclasses import replace

from engine.fields import FieldSpec
from engine.probes.common_fields import URL
from engine.probes.http_fields import API_KEY_HEADER, HTTP_FIELDS
from engine.probes.technology import Technology

_PATH = FieldSpec(
    name="path",
    label="Path",
    maximum=1024,
    placeholder="/health",
    help="What is asked for below the URL; empty asks for the URL itself.",
)


def _at(placeholder: str) -> tuple[FieldSpec, ...]:
    return (replace(URL, placeholder=placeholder), *HTTP_FIELDS[1:])


REST = Technology(
    name="rest",
    title="REST",
    type="api",
    probe="engine.probes.apis.rest:probe",
    fields=_at("https://api.example.com/v1"),
    options=(
        _PATH,
        FieldSpec(
            name="expected_status",
            label="Status",
            kind="int",
            minimum=200,
            maximum=599,
            help="The status that means that all is well; empty takes any from 200 to 299.",
        ),
        FieldSpec(
            name="json_pointer",
            label="JSON pointer",
            maximum=512,
            pattern=r"/.*",
            placeholder="/status",
            help="Where in the answer something must be.",
        ),
        FieldSpec(
            name="expected",
            label="Expected",
            maximum=512,
            placeholder="ok",
            help="What must be there; without a pointer, a word anywhere in the answer.",
        ),
        API_KEY_HEADER,
    ),
    schemes=("http", "https"),
    default_port=443,
)
GRAPHQL = Technology(
    name="graphql",
    title="GraphQL",
    type="api",
    probe="engine.probes.apis.graphql:probe",
    fields=_at("https://api.example.com/graphql"),
    options=(API_KEY_HEADER,),
    default_port=443,
    tested="protocol",
)
OPENAPI = Technology(
    name="openapi",
    title="OpenAPI",
    type="api",
    probe="engine.probes.apis.openapi:probe",
    fields=_at("https://api.example.com"),
    options=(
        replace(_PATH, placeholder="/openapi.json", help="Where the document is, below the URL."),
        API_KEY_HEADER,
    ),
    default_port=443,
    tested="protocol",
)

TECHNOLOGIES = (REST, GRAPHQL, OPENAPI)
