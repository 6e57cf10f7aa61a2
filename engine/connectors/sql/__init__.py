"""The SQL connector, through SQLAlchemy."""

from __future__ import annotations

from engine.connectors.sql.connector import SqlConnector
from engine.connectors.sql.results import ExecuteResult, QueryResult

__all__ = ["ExecuteResult", "QueryResult", "SqlConnector"]
