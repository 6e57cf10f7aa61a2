"""The probe of any SQLAlchemy URL, against real servers and without a driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Hostile
    from tests.servers.postgres import PostgresServer


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return f"postgresql+psycopg://app@127.0.0.1:{postgres.port}/postgres"


async def test_login_is_healthy(probe: Probing, url: str) -> None:
    result = await probe(technology="sqlalchemy", url=url, password="right-password")
    assert result.state is CusHealthState.HEALTHY, result.message
    assert str(result.details["server"]).startswith("postgresql 1")
    assert [stage.name for stage in result.stages] == [
        *("connect", "prepare", "authenticate", "query"),
    ]


async def test_other_dialect_is_healthy(probe: Probing, mariadb: int) -> None:
    url = f"mariadb+pymysql://app@127.0.0.1:{mariadb}/app"
    result = await probe(technology="sqlalchemy", url=url, password="right-password")
    assert result.state is CusHealthState.HEALTHY, result.message
    assert str(result.details["server"]).startswith("mariadb 10.")


async def test_wrong_password_fails_without_telling_it(probe: Probing, url: str) -> None:
    result = await probe(technology="sqlalchemy", url=url, password="wrong-password")
    assert result.state is CusHealthState.FAILING
    assert "wrong-password" not in f"{result}"


@pytest.mark.parametrize("dialect", ["nonesuch", "postgresql+nonesuch", "firebird+firebird"])
async def test_missing_driver_is_no_way_to_ask(
    probe: Probing, dialect: str, silent: Hostile
) -> None:
    result = await probe(technology="sqlalchemy", url=f"{dialect}://app@127.0.0.1:{silent.port}/x")
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "driver_missing")


async def test_file_is_not_made(probe: Probing, tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    result = await probe(technology="sqlalchemy", url=f"sqlite:///{path}")
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "invalid_url")
    assert not list_of(tmp_path)


@pytest.mark.parametrize("url", [None, "", "no url at all", "postgresql"])
async def test_half_a_url_is_told(probe: Probing, url: str | None) -> None:
    result = await probe(technology="sqlalchemy", url=url)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "invalid_url")


async def test_closed_port_is_refused(probe: Probing, closed_port: int) -> None:
    url = f"postgresql+psycopg://app@127.0.0.1:{closed_port}/app"
    result = await probe(technology="sqlalchemy", url=url)
    assert (result.error, result.stage) == ("refused", "connect")


async def test_silent_server_ends_by_the_deadline(probe: Probing, silent: Hostile) -> None:
    url = f"postgresql+psycopg://app@127.0.0.1:{silent.port}/app"
    result = await probe(technology="sqlalchemy", url=url, deadline_s=1.5)
    assert (result.error, result.stage) == ("timeout", "authenticate")


async def test_metadata_address_is_never_connected_to(probe: Probing) -> None:
    url = "postgresql+psycopg://app@169.254.169.254:5432/app"
    result = await probe(technology="sqlalchemy", url=url)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "address_blocked")


def list_of(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]
