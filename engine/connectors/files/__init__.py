"""The file connector: a local folder by the system itself, everything else through fsspec."""

from __future__ import annotations

from engine.connectors.files.connector import FileConnector
from engine.connectors.files.entries import FileEntry, FileList

__all__ = ["FileConnector", "FileEntry", "FileList"]
