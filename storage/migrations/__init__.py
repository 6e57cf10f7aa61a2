"""The revisions of the schema, oldest first, known without importing Alembic.

Opening a database that is up to date must not pay for Alembic (282 ms), so the names are
written down here; a test holds them against Alembic's own script directory.
"""

from __future__ import annotations

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
HEAD = REVISIONS[-1]
