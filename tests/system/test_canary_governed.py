"""A secret of a gateway, a vault, a file, a passphrase; a value of a run: found nowhere."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

import pytest

from tests.system.canary import files_under, held_open, traces
from tests.system.echoes import ECHOES
from tests.system.governed import ADD_TEMPLATE, stock
from tests.system.pictures import pictures
from tests.system.provider import serving
from tests.system.wire_echoes import echoing, postgresql
from tui.app import BoardApp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.program import Done, Program
    from tests.system.provider import Provider

pytestmark = pytest.mark.processes
READINGS = (
    "gateway list", "gateway templates list", "gateway templates runs by-name",
    "gateway templates runs far", "gateway templates runs path", "activity --limit 500",
    "credentials list --all", "doctor", "sources show far",
)  # fmt: skip


@pytest.fixture
def vault() -> Iterator[Provider]:
    """A vault that gives back, in its refusal, the token or what a login sent."""

    def echo(word: str, head: bytes) -> bytes:
        lines = (line.partition(": ") for line in head.decode().split("\r\n"))
        told = {name.lower(): value for name, _, value in lines}
        return ECHOES["status-401"](told.get("x-vault-token", word))

    with serving(echo) as found:
        yield found


def failing(program: Program, vault: Provider, secret: str, port: int) -> list[Done]:
    """Bring the secret in by every way, and fail with it in every way."""
    kept = program.folder / "secret"
    kept.write_text(secret)
    kept.chmod(0o600)
    run = program.run
    login = ("--host=127.0.0.1", f"--port={port}", "--username=app", "--password-stdin")
    said = [
        run("sources", "add", "--name=far", "--technology=postgresql", "--activate", *login,
            "--database-name=x", stdin=secret),
        run("gateway", "templates", "add", "--source=far", "--name=far", "--sql=SELECT 1"),
        run("gateway", "run", "far"),
        run("gateway", "set", "--source=far", "--username=r", "--password-stdin", stdin=secret),
        run("gateway", "run", "far", "-o", "json"),
        run("gateway", "set", "--source=far", f"--password-ref=file://{kept}", "--username=r"),
        run("gateway", "run", "far"),
        run("credentials", "set", "--label=x", "--secret-stdin", stdin=secret),
        run("credentials", "set", "vault://kv/app#key"),
    ]  # fmt: skip
    assert [done.code for done in said] == [0, 0, 1, 0, 1, 0, 1, 0, 0], said
    at = {"VAULT_ADDR": vault.url}
    role = {"LAMPBOARD_VAULT_ROLE_ID": "r", "LAMPBOARD_VAULT_SECRET_ID_FILE": str(kept)}
    for more in ({"VAULT_TOKEN": secret}, role):
        said.append(run("credentials", "test", "vault://kv/app#key", env={**at, **more}))
        assert said[-1].code == 1, said[-1]
    return said


def running(program: Program, secret: str) -> list[Done]:
    """Give the secret as a value: taken, not fitting, alarming, echoed by the database."""
    path = (*ADD_TEMPLATE, "--name=path", "--sql=SELECT json_extract('{}', :name)")
    assert program.run(*path, "--param=name:str").code == 0
    values = {
        "by-name": (secret, secret * 9, f"1' OR '{secret}'='{secret}' -- ", 5, [secret], None),
        "path": (secret,),
        "by-id": (secret, {secret: secret}),
    }
    runs, given = [], []
    for name, told in values.items():
        for value in told:
            runs.append(("gateway", "run", name, "--json-params", "-", "-o", "json"))
            field = "least" if name == "by-id" else "name"
            given.append(json.dumps({field: value}).encode())
    done = program.many(*runs, stdin=given)
    assert [one.code for one in done[1:]] == [2, *[done[2].code], *[2] * 3, 1, 2, 2], done
    assert done[0].code in {0, 2}
    return done


def test_it_is_in_no_file_and_no_output(program: Program, vault: Provider, secret: str) -> None:
    stock(program)
    with echoing(postgresql) as port, held_open(program.path):
        said = failing(program, vault, secret, port)
        said += running(program, secret)
        runs = [(*line.split(), "-o", kind) for line in READINGS for kind in ("table", "json")]
        said += program.many(*runs)
        said.append(program.run("db", "backup", str(program.folder / "backup.db")))
        places = files_under(program.folder)
    places.pop("secret")
    assert any(name.endswith("-wal") and data for name, data in places.items())
    outputs = {" ".join(done.argv): done.said.encode() for done in said}
    assert not traces(secret, {**places, **outputs})
    assert not [done for done in said if "Traceback" in done.said]
    assert not [done for done in said if "inside Lampboard" in done.err]


def test_keys_and_passphrases_are_nowhere(program: Program, secret: str) -> None:
    stock(program)
    key = secrets.token_hex(32)
    said = [
        program.run("credentials", "rotate", "--new-key-stdin", stdin=key),
        program.run("credentials", "passphrase", "set", "--new-stdin", stdin=secret),
        program.run("credentials", "test", "--all", env={"LAMPBOARD_MASTER_PASSPHRASE": secret}),
        program.run("credentials", "test", "--all",
                    env={"LAMPBOARD_MASTER_PASSPHRASE": secret + "x"}),
        program.run("credentials", "test", "--all"),
        program.run("doctor"),
        program.run("activity", "-o", "json"),
    ]  # fmt: skip
    assert [done.code for done in said[:2]] == [0, 0], said[:2]
    assert all(done.code for done in said[3:5]), said[3:5]
    places = files_under(program.folder)
    places |= {" ".join(done.argv): done.said.encode() for done in said}
    assert not traces(secret, places)
    # Once it is locked, the key itself is no more in its own file.
    assert not traces(key, places)


CRASHING = """
import sys
from engine.gateway.facade import GatewayFacade

async def broken(self, tenant_id, name, parameters, **more):
    held = dict(parameters)
    raise RuntimeError(f"cannot run with {held}")

GatewayFacade.run = broken
from tui.__main__ import main
sys.argv = ["lampboard", "gateway", "run", "by-name", "--json-params", "values.json"]
sys.exit(main())
"""


async def test_it_is_in_no_crash_and_no_picture(program: Program, secret: str) -> None:
    stock(program, key=secret)
    (program.folder / "values.json").write_text(json.dumps({"name": secret}))
    with program.dashboard(code=CRASHING) as terminal:
        assert terminal.ends() == 1
        printed = bytes(terminal.raw)
    assert b"Something went wrong inside Lampboard (RuntimeError)" in printed
    (program.folder / "values.json").unlink()
    app = BoardApp(program.settings(monitor="off"))
    async with app.run_test(size=(120, 40)) as pilot:
        places = await pictures(pilot, "7", "7 enter", "8", "8 enter", "0", "0 enter", "9")
    places["terminal"] = printed
    assert not traces(secret, places | files_under(program.folder))
