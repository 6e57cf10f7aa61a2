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
    called,
    port,
)
from engine.probes.technology import Technology

_USER = called(USERNAME, "User", required=True)

POSTGRESQL = Technology(
    name="postgresql",
    title="PostgreSQL",
    type="database",
    probe="engine.probes.databases.postgresql:probe",
    fields=(HOST, port(5432), DATABASE, _USER, PASSWORD, TLS, TLS_VERIFY, TLS_CA),
    schemes=("postgresql", "postgres"),
    default_port=5432,
    extra="postgres",
    needs=("psycopg",),
)

MYSQL = Technology(
    name="mysql",
    title="MySQL / MariaDB",
    type="database",
    probe="engine.probes.databases.mysql:probe",
    fields=(HOST, port(3306), DATABASE, _USER, PASSWORD, TLS, TLS_VERIFY, TLS_CA),
    schemes=("mysql", "mariadb"),
    default_port=3306,
    extra="mysql",
    needs=("pymysql",),
)

_FILE = called(DATABASE, "File", help="Its whole path on the machine that checks.", required=True)

SQLITE = Technology(
    name="sqlite",
    title="SQLite",
    type="database",
    probe="engine.probes.databases.sqlite:probe",
    fields=(_FILE,),
    schemes=("sqlite",),
)

DUCKDB = Technology(
    name="duckdb",
    title="DuckDB",
    type="database",
    probe="engine.probes.databases.duckdb:probe",
    fields=(_FILE,),
    schemes=("duckdb",),
    extra="duckdb",
    needs=("duckdb",),
)

TECHNOLOGIES = (POSTGRESQL, MYSQL, SQLITE, DUCKDB)
