"""Files that say what there should be: read safely, before anything is believed of them.

A file has an envelope, `lampboard: 1` with `items`, and each item has a `kind`. What an item of a
kind may say is for that concept to decide (`engine.integrations.documents`).
"""

from __future__ import annotations

from engine.documents.envelope import VERSION, Document, envelope, read_documents

__all__ = ["VERSION", "Document", "envelope", "read_documents"]
