"""Certificates for servers of tests, one fault each; import the fixtures into a conftest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.servers.certificates import DAY, EXPIRED_ON, Authority

if TYPE_CHECKING:
    import ssl
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
