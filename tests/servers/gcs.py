"""The emulator of Google Cloud Storage; it judges no credentials."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers.programs import free_port, running, server_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET = "lake"


@contextmanager
def gcs(folder: Path) -> Iterator[int]:
    """Run it with one bucket; the port is on 127.0.0.1."""
    program, port = server_program("gcp-storage-emulator"), free_port()
    where = ("--host=127.0.0.1", f"--port={port}", "--in-memory", f"--default-bucket={BUCKET}")
    with running([program, "start", *where], port, folder):
        yield port
