"""Document stores: what is declared of each; one probe a module."""

from __future__ import annotations

from dataclasses import replace

from engine.fields import FieldSpec
from engine.probes.common_fields import (
    API_KEY,
    DATABASE,
    HOST,
    PASSWORD,
    TLS,
    TLS_CA,
    TLS_VERIFY,
    URL,
    USERNAME,
    called,
    port,
)
from engine.probes.technology import Technology

ELASTICSEARCH = Technology(
    name="elasticsearch",
    title="Elasticsearch or OpenSearch",
    type="document",
    probe="engine.probes.documents.elasticsearch:probe",
    fields=(
        replace(URL, placeholder="https://search.example.com:9200"),
        called(DATABASE, "Index", help="An index or alias that must be there; or none."),
        USERNAME,
        PASSWORD,
        API_KEY,
        TLS_VERIFY,
        TLS_CA,
    ),
    schemes=("elasticsearch", "opensearch"),
    default_port=9200,
    tested="protocol",
)
COUCHDB = Technology(
    name="couchdb",
    title="CouchDB",
    type="document",
    probe="engine.probes.documents.couchdb:probe",
    fields=(
        replace(URL, placeholder="https://couch.example.com:5984"),
        DATABASE,
        USERNAME,
        PASSWORD,
        TLS_VERIFY,
        TLS_CA,
    ),
    schemes=("couchdb", "couchdbs"),
    default_port=5984,
    tested="emulator",
)

MONGODB = Technology(
    name="mongodb",
    title="MongoDB",
    type="document",
    probe="engine.probes.documents.mongodb:probe",
    fields=(HOST, port(27017), DATABASE, USERNAME, PASSWORD, TLS, TLS_VERIFY, TLS_CA),
    options=(
        FieldSpec(
            name="auth_source",
            label="Auth database",
            maximum=64,
            default="admin",
            help="The database in which the user was made.",
        ),
        FieldSpec(
            name="auth_mechanism",
            label="Mechanism",
            kind="choice",
            choices=("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"),
            help="Left empty, server and driver agree on one.",
        ),
    ),
    schemes=("mongodb", "mongodb+srv"),
    default_port=27017,
    extra="mongodb",
    needs=("pymongo",),
    tested="protocol",
)

TECHNOLOGIES = (MONGODB, ELASTICSEARCH, COUCHDB)
