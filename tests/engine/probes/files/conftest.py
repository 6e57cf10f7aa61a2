"""The file stores that checks are tried on, each started once a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.azurite import azurite as serving_azurite
from tests.servers.gcs import gcs as serving_gcs
from tests.servers.moto import Moto
from tests.servers.moto import moto as serving_moto
from tests.servers.sshd import Sshd
from tests.servers.sshd import sshd as serving_sshd

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moto]:
    with serving_moto(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving_azurite(tmp_path_factory.mktemp("azurite")) as port:
        yield port


@pytest.fixture(scope="session")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving_gcs(tmp_path_factory.mktemp("gcs")) as port:
        yield port


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with serving_sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server
