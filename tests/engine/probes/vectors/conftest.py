"""The vector stores that checks are tried on, each started once a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers import vector_stores
from tests.servers.vector_stores import KEY, LOGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["KEY", "LOGIN"]


@pytest.fixture(scope="session")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with vector_stores.chroma(tmp_path_factory.mktemp("chroma")) as port:
        yield port


@pytest.fixture(scope="session")
def qdrant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with vector_stores.qdrant(tmp_path_factory.mktemp("qdrant")) as port:
        yield port


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with vector_stores.milvus(tmp_path_factory.mktemp("milvus")) as port:
        yield port
