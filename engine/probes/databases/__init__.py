"""Relational and analytical databases: what is declared of each; one probe a module."""

from __future__ import annotations

from engine.probes.common_fields import (
    DATABASE,
    HOST,
    PASSWORD,
    TLS,
    TLS_CA,
    TLS_VERIFY,
    USERNAME,
    port,
)
from engine.probes.technology import Technology

POSTGRESQL = Technology(
    name="postgresql",
    title="PostgreSQL",
    type="database",
    probe="engine.probes.databases.postgresql:probe",
    fields=(HOST, port(5432), DATABASE, USERNAME, PASSWORD, TLS, TLS_VERIFY, TLS_CA),
    schemes=("postgresql", "postgres"),
    default_port=5432,
    extra="postgres",
    needs=("psycopg",),
)

TECHNOLOGIES = (POSTGRESQL,)
