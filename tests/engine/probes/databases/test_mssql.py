"""SQL Server's probe: FreeTDS against the documented first packets, and against strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.tds import refusing

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Hostile

LOCAL = {
    "technology": "mssql",
    "host": "127.0.0.1",
    "username": "app",
    "password": "right-password",
    "database": "shop",
}


@pytest.mark.parametrize(
    ("number", "words", "error"),
    [
        (18456, "Login failed for user 'app'.", "auth_failed"),
        (4060, 'Cannot open database "shop" requested by the login.', "not_found"),
        (18470, "Login failed. Reason: The account is disabled.", "access_denied"),
        (18487, "The password of the account has expired.", "password_expired"),
        (17142, "SQL Server service has been paused.", "starting"),
        (17809, "The maximum number of user connections was reached.", "overloaded"),
        (40615, "Client with IP address is not allowed to access the server.", "access_denied"),
        (911, "Something else.", "connect_failed"),
    ],
)
async def test_refusal_is_read_from_its_number(
    probe: Probing, number: int, words: str, error: str
) -> None:
    async with refusing(number, words) as server:
        result = await probe(**LOCAL, port=server.port)
    assert (result.state, result.error) == (CusHealthState.FAILING, error), result.message
    assert result.stage == "authenticate"


async def test_number_of_one_check_is_not_that_of_the_next(probe: Probing) -> None:
    for number, error in ((18456, "auth_failed"), (4060, "not_found")):
        async with refusing(number, "Refused.") as server:
            assert (await probe(**LOCAL, port=server.port)).error == error


async def test_server_without_tls_is_told(probe: Probing) -> None:
    async with refusing(18456, "Login failed.") as server:
        result = await probe(**LOCAL, port=server.port, tls=True)
    assert (result.error, result.stage) == ("tls_closed", "tls")


async def test_closed_port_is_refused(probe: Probing, closed_port: int) -> None:
    result = await probe(**LOCAL, port=closed_port)
    assert (result.error, result.stage) == ("refused", "connect")


async def test_silent_server_ends_by_the_deadline(probe: Probing, silent: Hostile) -> None:
    result = await probe(**LOCAL, port=silent.port, deadline_s=1.5)
    assert (result.error, result.stage) == ("timeout", "authenticate")


async def test_web_server_is_another_protocol(probe: Probing, web: Hostile) -> None:
    result = await probe(**LOCAL, port=web.port)
    assert (result.error, result.stage) == ("wrong_protocol", "authenticate")


async def test_endless_bytes_are_another_protocol(probe: Probing, endless: Hostile) -> None:
    result = await probe(**LOCAL, port=endless.port)
    assert (result.error, result.stage) == ("wrong_protocol", "authenticate")


async def test_metadata_address_is_never_connected_to(probe: Probing) -> None:
    result = await probe(**LOCAL | {"host": "169.254.169.254"})
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "address_blocked")


async def test_missing_user_is_not_guessed(probe: Probing) -> None:
    result = await probe(**LOCAL | {"username": None})
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "invalid_request")
