"""Azurite, the blob service of Microsoft's own emulator."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers.programs import free_port, running, server_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The emulator's account and key are the same everywhere, and published.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
CONTAINER = "lake"


@contextmanager
def azurite(folder: Path) -> Iterator[int]:
    """Run it with one container; the port is on 127.0.0.1."""
    program, port = server_program("azurite-blob", "azurite"), free_port()
    quiet = ("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent")
    with running([program, "--blobPort", str(port), *quiet], port, folder):
        _fill(port)
        yield port


def _fill(port: int) -> None:
    from azure.core.credentials import AzureNamedKeyCredential
    from azure.storage.blob import BlobServiceClient

    credential = AzureNamedKeyCredential(ACCOUNT, KEY)
    with BlobServiceClient(f"http://127.0.0.1:{port}/{ACCOUNT}", credential=credential) as client:
        client.create_container(CONTAINER)
