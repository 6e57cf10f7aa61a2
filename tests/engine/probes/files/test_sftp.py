"""SFTP's probe against OpenSSH, and against a server that lets in by password."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.probes.states import CusHealthState
from tests.servers.password_sftp import PASSWORD, USER, password_sftp
from tests.servers.sshd import private_text, public_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Hostile
    from tests.servers.sshd import Sshd

LOCAL = {"technology": "sftp", "host": "127.0.0.1"}


@pytest.fixture(scope="module")
def by_password() -> Iterator[int]:
    with password_sftp() as port:
        yield port


def _place(sshd: Sshd, **changes: object) -> dict[str, object]:
    login = {"username": sshd.user, "api_key": sshd.key}
    return {**LOCAL, "port": sshd.port, **login, **changes}


async def test_folder_is_listed(probe: Probing, sshd: Sshd, tmp_path: Path) -> None:
    result = await probe(**_place(sshd, database=str(tmp_path)))
    assert result.state is CusHealthState.HEALTHY
    names = [stage.name for stage in result.stages]
    assert names == ["connect", "handshake", "authenticate", "open", "list"]
    assert str(result.details["server"]).startswith("OpenSSH_")
    assert result.details["empty"] is True


async def test_thread_of_the_driver_ends(probe: Probing, sshd: Sshd) -> None:
    from paramiko import Transport

    await probe(**_place(sshd))
    assert not [one for one in threading.enumerate() if isinstance(one, Transport)]


async def test_fingerprint_is_told_and_may_be_pinned(probe: Probing, sshd: Sshd) -> None:
    told = str((await probe(**_place(sshd))).details["host_key"])
    kind, fingerprint = told.split()
    assert kind == "ssh-ed25519"
    for pin in (fingerprint, fingerprint + "=", sshd.host_key):
        assert (await probe(**_place(sshd, options={"host_key": pin}))).ok


async def test_another_host_key_ends_it_before_the_login(probe: Probing, sshd: Sshd) -> None:
    pin = public_text(Ed25519PrivateKey.generate())
    result = await probe(**_place(sshd, options={"host_key": pin}))
    assert (result.error, result.stage) == ("host_key_changed", "handshake")
    assert "authenticate" not in [stage.name for stage in result.stages]


async def test_locked_key_is_unlocked_by_the_password(probe: Probing, sshd: Sshd) -> None:
    locked = {"api_key": sshd.locked_key}
    assert (await probe(**_place(sshd, **locked, password=sshd.passphrase))).ok
    for password in (None, "not the passphrase"):
        result = await probe(**_place(sshd, **locked, password=password))
        assert (result.error, result.stages) == ("auth_failed", ())


async def test_unknown_key_is_rejected(probe: Probing, sshd: Sshd) -> None:
    result = await probe(**_place(sshd, api_key=private_text(Ed25519PrivateKey.generate())))
    assert (result.error, result.stage) == ("auth_failed", "authenticate")
    assert "authorized_keys" in result.remedy


async def test_wrong_password_is_rejected(probe: Probing, sshd: Sshd) -> None:
    result = await probe(**_place(sshd, api_key=None, password="not the password"))
    assert (result.error, result.stage) == ("auth_failed", "authenticate")


async def test_password_lets_in(probe: Probing, by_password: int) -> None:
    login = {"username": USER, "password": PASSWORD}
    result = await probe(**LOCAL, port=by_password, **login)
    assert result.state is CusHealthState.HEALTHY
    assert (await probe(**LOCAL, port=by_password, **login | {"password": "wrong one"})).error == (
        "auth_failed"
    )


async def test_server_without_keys_says_what_it_takes(probe: Probing, by_password: int) -> None:
    key = private_text(Ed25519PrivateKey.generate())
    result = await probe(**LOCAL, port=by_password, username=USER, api_key=key)
    assert (result.error, result.remedy) == ("auth_failed", "It takes: password.")


async def test_missing_folder_is_not_found(probe: Probing, sshd: Sshd, tmp_path: Path) -> None:
    result = await probe(**_place(sshd, database=str(tmp_path / "gone")))
    assert (result.error, result.stage) == ("not_found", "list")


async def test_closed_port_is_refused(probe: Probing, closed_port: int) -> None:
    result = await probe(**LOCAL, port=closed_port, username=USER)
    assert (result.error, result.stage) == ("refused", "connect")


async def test_silent_server_ends_by_the_deadline(probe: Probing, silent: Hostile) -> None:
    result = await probe(**LOCAL, port=silent.port, username=USER, deadline_s=1.5)
    assert (result.error, result.stage) == ("timeout", "handshake")


async def test_web_server_is_no_sftp(probe: Probing, web: Hostile) -> None:
    result = await probe(**LOCAL, port=web.port, username=USER)
    assert (result.error, result.stage) == ("wrong_protocol", "handshake")


async def test_bytes_without_end_are_no_sftp(probe: Probing, endless: Hostile) -> None:
    result = await probe(**LOCAL, port=endless.port, username=USER)
    assert (result.error, result.stage) == ("wrong_protocol", "handshake")


async def test_metadata_address_is_not_connected_to(probe: Probing) -> None:
    result = await probe(technology="sftp", host="169.254.169.254", username=USER)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "address_blocked")
