"""What a change of an integration imports: loaded before the database is locked for it."""

from __future__ import annotations

NEEDED = ("engine.integrations.engine", "engine.integrations.rows", "engine.integrations.shapes")
