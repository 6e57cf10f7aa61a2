"""CouchDB's probe against PouchDB's server, and against answers of CouchDB that it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.answers import Answers
from tests.servers.pouchdb import DATABASE, PASSWORD, pouchdb_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.probes.conftest import Probing

WELCOME = {"couchdb": "Welcome", "version": "3.3.3"}
SESSION = {"ok": True, "userCtx": {"name": None, "roles": []}}


@pytest.fixture(scope="module")
def pouchdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with pouchdb_server(tmp_path_factory.mktemp("pouchdb")) as port:
        yield port


@pytest.mark.parametrize("login", [{}, {"username": "app", "password": PASSWORD}])
async def test_server_is_up(probe: Probing, pouchdb: int, login: dict[str, str]) -> None:
    result = await probe(technology="couchdb", host="127.0.0.1", port=pouchdb, **login)
    assert result.state is CusHealthState.HEALTHY
    assert str(result.details["server"]).startswith("CouchDB ")


@pytest.mark.parametrize("database", [None, DATABASE])
async def test_wrong_password_is_refused(
    probe: Probing, pouchdb: int, database: str | None
) -> None:
    place = {"technology": "couchdb", "host": "127.0.0.1", "port": pouchdb}
    result = await probe(**place, username="app", password="wrong-password", database=database)
    assert result.error == "auth_failed"


async def test_database_is_looked_at(probe: Probing, pouchdb: int) -> None:
    place = {"technology": "couchdb", "host": "127.0.0.1", "port": pouchdb}
    login = {"username": "app", "password": PASSWORD}
    there = await probe(**place, **login, database=DATABASE)
    absent = await probe(**place, **login, database="invoices")
    assert there.details["documents"] == 1
    assert (absent.error, absent.message) == ("not_found", "There is no database invoices.")


async def test_login_that_the_server_takes_for_a_stranger_s_is_refused(probe: Probing) -> None:
    async with Answers({"/": WELCOME, "/_session": SESSION}).serving() as there:
        result = await probe(
            technology="couchdb",
            host="127.0.0.1",
            port=there.port,
            username="app",
            password="wrong-password",
        )
    assert (result.error, result.message) == (
        "auth_failed",
        "CouchDB rejected the password for user app.",
    )


async def test_maintenance_is_degraded(probe: Probing) -> None:
    answers = {"/": WELCOME, "/_session": SESSION, "/_up": (404, {"status": "maintenance_mode"})}
    async with Answers(answers).serving() as there:
        result = await probe(technology="couchdb", host="127.0.0.1", port=there.port)
    assert (result.state, result.error) == (CusHealthState.DEGRADED, "maintenance")


async def test_database_of_others_is_denied(probe: Probing) -> None:
    closed = (403, {"error": "forbidden", "reason": "You are not allowed to access this db."})
    async with Answers({"/": WELCOME, "/orders": closed}).serving() as there:
        result = await probe(
            technology="couchdb", host="127.0.0.1", port=there.port, database="orders"
        )
    assert (result.error, result.status_code) == ("access_denied", 403)
