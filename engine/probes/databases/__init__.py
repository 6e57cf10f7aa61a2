"""Relational and analytical databases: what is declared of each; one probe a module."""

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

MSSQL = Technology(
    name="mssql",
    title="SQL Server",
    type="database",
    probe="engine.probes.databases.mssql:probe",
    fields=(
        HOST,
        port(1433),
        DATABASE,
        _USER,
        PASSWORD,
        called(TLS, "TLS", help="Whether it must be encrypted; the certificate is not verified."),
    ),
    schemes=("mssql", "sqlserver"),
    default_port=1433,
    extra="mssql",
    needs=("pymssql",),
    tested="protocol",
)

ORACLE = Technology(
    name="oracle",
    title="Oracle",
    type="database",
    probe="engine.probes.databases.oracle:probe",
    fields=(
        HOST,
        port(1521),
        called(DATABASE, "Service", help="The service name, such as ORCLPDB1."),
        _USER,
        PASSWORD,
        TLS,
        TLS_VERIFY,
        TLS_CA,
    ),
    options=(FieldSpec(name="sid", label="SID", maximum=64, help="Instead of a service name."),),
    schemes=("oracle",),
    default_port=1521,
    extra="oracle",
    needs=("oracledb",),
    tested="protocol",
)

CLICKHOUSE = Technology(
    name="clickhouse",
    title="ClickHouse",
    type="database",
    probe="engine.probes.databases.clickhouse:probe",
    fields=(
        HOST,
        called(port(8123), "HTTP port", help="8443 where TLS is on and none is given."),
        DATABASE,
        USERNAME,
        PASSWORD,
        TLS,
        TLS_VERIFY,
        TLS_CA,
    ),
    schemes=("clickhouse", "clickhousedb"),
    default_port=8123,
    tested="protocol",
)

SNOWFLAKE = Technology(
    name="snowflake",
    title="Snowflake",
    type="database",
    probe="engine.probes.databases.snowflake:probe",
    fields=(called(API_KEY, "Token", required=True), DATABASE),
    options=(
        FieldSpec(
            name="account",
            label="Account",
            required=True,
            maximum=253,
            pattern=r"[A-Za-z0-9][A-Za-z0-9_.-]*",
            placeholder="myorg-account1",
            help="The account's identifier, as before .snowflakecomputing.com.",
        ),
        FieldSpec(
            name="endpoint",
            label="Endpoint",
            kind="url",
            maximum=2048,
            placeholder="https://snowflake.example.com",
            help="Only for a gateway in front of it; else the account's own address is used.",
        ),
        FieldSpec(
            name="token_type",
            label="Token type",
            kind="choice",
            choices=("PROGRAMMATIC_ACCESS_TOKEN", "OAUTH", "KEYPAIR_JWT"),
            default="PROGRAMMATIC_ACCESS_TOKEN",
        ),
        FieldSpec(name="warehouse", label="Warehouse", maximum=255),
        FieldSpec(name="role", label="Role", maximum=255),
        FieldSpec(name="schema", label="Schema", maximum=255),
    ),
    schemes=("snowflake",),
    default_port=443,
    tested="protocol",
)

ANY_SQLALCHEMY = Technology(
    name="sqlalchemy",
    title="Any SQLAlchemy URL",
    type="database",
    probe="engine.probes.databases.any_sqlalchemy:probe",
    fields=(
        replace(
            URL,
            kind="text",
            placeholder="cockroachdb+psycopg://app@db.example.com:26257/shop",
            help="As dialect+driver://…; its dialect and driver must be installed.",
        ),
        USERNAME,
        PASSWORD,
    ),
    needs=("sqlalchemy",),
)

TECHNOLOGIES = (
    POSTGRESQL,
    MYSQL,
    SQLITE,
    DUCKDB,
    MSSQL,
    ORACLE,
    CLICKHOUSE,
    SNOWFLAKE,
    ANY_SQLALCHEMY,
)
