"""Clients and certificates for tests of HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.http import HttpClient
from tests.servers.certificates import DAY, EXPIRED_ON, Authority

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.make("authority")


@pytest.fixture(scope="session")
def certificates(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, ssl.SSLContext]:
    """A server's context for each fault that a certificate can have."""
    folder: Path = tmp_path_factory.mktemp("certificates")
    tomorrow = datetime.now(UTC) + DAY
    return {
        "valid": authority.server(folder),
        "expired": authority.server(folder, start=EXPIRED_ON - DAY, end=EXPIRED_ON),
        "not_yet_valid": authority.server(folder, start=tomorrow, end=tomorrow + DAY),
        "wrong_host": authority.server(folder, host="other.example"),
        "self_signed": authority.server(folder, self_signed=True),
        "untrusted": Authority.make("stranger").server(folder),
        "forged": Authority.make("authority").server(folder),
    }


@pytest.fixture
async def client(authority: Authority) -> AsyncIterator[HttpClient]:
    made = HttpClient(ssl_context=authority.trusted())
    yield made
    await made.aclose()
