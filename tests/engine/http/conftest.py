"""Clients and certificates for tests of HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.http import HttpClient
from tests.servers.tls import authority, certificates

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.servers.certificates import Authority

__all__ = ["authority", "certificates"]


@pytest.fixture
async def client(authority: Authority) -> AsyncIterator[HttpClient]:
    made = HttpClient(ssl_context=authority.trusted())
    yield made
    await made.aclose()
