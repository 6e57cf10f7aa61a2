"""What every table belongs to, and what belongs to no concept: tenants, revisions, marks."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, MetaData, Table

from storage.types import UtcMillis, Words

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

tenants = Table(
    "tenants",
    metadata,
    Column("id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("sort_name", Words, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
)
Index("tenants_by_name", tenants.c.sort_name, tenants.c.id)

# One counter a concept: what a screen watches instead of the tables themselves.
revisions = Table(
    "revisions",
    metadata,
    Column("concept", Words, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)

# How far the housekeeping got, by name: which hours are rolled up already.
marks = Table(
    "marks",
    metadata,
    Column("name", Words, primary_key=True),
    Column("at", UtcMillis, nullable=False),
)
