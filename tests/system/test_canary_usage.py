"""An admin key and a receiver's token, planted: given back in every way, found nowhere."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sqlite3
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.workspace import Workspace
from tests.engine.usage.receiver.conftest import span, traces
from tests.servers.hostile import answer
from tests.system.canary import files_under, held_open
from tests.system.canary import traces as left
from tests.system.children import PATIENCE_S
from tests.system.echoes import ECHOES, credential_of
from tests.system.pictures import pictures
from tests.system.program import TENANT, Program
from tests.system.provider import serving
from tui.app import BoardApp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.provider import Provider

pytestmark = pytest.mark.processes
DAY_S = 86_400


def buckets(*results: object, **more: object) -> bytes:
    """Answer as OpenAI does, for yesterday."""
    start = (int(time.time()) // DAY_S - 1) * DAY_S
    bucket = {"start_time": start, "end_time": start + DAY_S, "results": list(results)}
    return answer({"object": "page", "data": [bucket], "has_more": False, **more})


def used(model: str, **more: object) -> dict[str, object]:
    return {
        "model": model,
        "num_model_requests": 3,
        "input_tokens": 9,
        "output_tokens": 5,
        "line_item": f"{model}, input",
        "amount": {"value": 0.5, "currency": "usd"},
        **more,
    }


# What an answer that can be read may hold, over and above the forty ways of failing.
TOLD = {
    "model": lambda secret: buckets(used(secret), used(f"for {secret}")),
    "currency": lambda secret: buckets({"amount": {"value": 1, "currency": secret}}),
    "amount": lambda secret: buckets({"amount": {"value": secret, "currency": "usd"}}),
    "count": lambda secret: buckets(used("gpt-4o", input_tokens=secret)),
    "start": lambda secret: answer({"data": [{"start_time": secret, "results": []}]}),
    "cursor": lambda secret: buckets(has_more=True, next_page=secret),
    "names": lambda secret: buckets({secret: secret, "model": None}),
}


@pytest.fixture
def provider() -> Iterator[Provider]:
    def echo(word: str, head: bytes) -> bytes:
        return (ECHOES | TOLD).get(word, ECHOES["status-401"])(credential_of(head))

    with serving(echo) as found:
        yield found


async def set_up_rest(program: Program, provider: Provider, secret: str) -> None:
    from engine.usage.sync.settings import FeedSettings

    workspace = Workspace.open(program.settings())
    for word in (*ECHOES, *TOLD):
        kind = "anthropic" if len(word) % 2 and word not in TOLD else "openai"
        await workspace.integrations.create_integration(
            TENANT, word, kind, credential_ref="env://NONE"
        )
        settings = FeedSettings(base_url=f"{provider.url}/{word}")
        await workspace.feeds.set_up(TENANT, word, settings, secret=secret)
    await workspace.aclose()


READINGS = (
    "usage sync --list", "usage top --from 2026-01-01", "usage top --by provider", "doctor",
    "limits status --all", "limits status --by model", "limits history", "limits forecast",
    "activity --limit 500", "integrations list --all", "integrations show model", "db info",
    "integrations export", "health history", "tenants list", "integrations limits model",
)  # fmt: skip


def test_admin_key_is_in_no_file_and_no_output(
    program: Program, provider: Provider, secret: str
) -> None:
    add = ("integrations", "add", "--provider=openai", "--credential-ref=env://NONE")
    assert program.run(*add, "--name=typed").code == 0
    up = ("usage", "sync", "typed", "--set-up", f"--base-url={provider.url}/model")
    said = {
        "set up": program.run(*up, "--credential-stdin", "-o", "json", stdin=secret + "\n"),
        "typed": program.run(*up, f"--admin-key={secret}"),
        "reference": program.run(*up, f"--credential-ref={secret}"),
        "address": program.run(*up, f"--base-url=https://{secret}@h/v1"),
        "query": program.run(*up, f"--base-url=https://h/v1?key={secret}"),
    }
    assert [one.code for one in said.values()] == [0, *[2] * 4]
    asyncio.run(set_up_rest(program, provider, secret))
    with held_open(program.path):
        said["one"] = program.run("usage", "sync", "model", "-o", "json")
        said["all"] = program.run("usage", "sync", "-o", "json")
        said["monitor"] = program.run("monitor", "--once", "-o", "json")
        said["removed"] = program.run("usage", "sync", "cursor", "--remove")
        runs = [(*line.split(), "-o", kind) for line in READINGS for kind in ("table", "json")]
        runs += [
            ("usage", "export", "--from", "2026-01-01", "-o", kind) for kind in ("csv", "jsonl")
        ]
        said |= {" ".join(done.argv): done for done in program.many(*runs)}
        said["backup"] = program.run("db", "backup", str(program.folder / "backup.db"))
        places = files_under(program.folder)
    assert len(provider.heads) > len(ECHOES) + len(TOLD)
    assert said["one"].json["items"][0]["new"] > 0, said["one"]
    assert len(said["all"].json["items"]) == len(ECHOES) + len(TOLD) + 1
    assert any(name.endswith("-wal") and data for name, data in places.items())
    outputs = {name: done.said.encode() for name, done in said.items()}
    assert not left(secret, {**places, **outputs})
    assert not [name for name, done in said.items() if "Traceback" in done.said]
    assert not [name for name, done in said.items() if "inside Lampboard" in done.said]


async def test_admin_key_is_on_no_screen(program: Program, provider: Provider, secret: str) -> None:
    program.path.parent.mkdir(mode=0o700)
    await set_up_rest(program, provider, secret)
    settings = program.settings(monitor="off")
    workspace = Workspace.open(settings, origin="dashboard")
    await workspace.feeds.sync_all(TENANT)
    app = BoardApp(settings, lambda _settings: workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        places = await pictures(
            pilot, "1", "4", "4 enter", "6", "6 enter", "6 b b b", "6 e", "9", "9 enter"
        )
    assert not left(secret, places | files_under(program.folder))


async def test_what_is_deleted_takes_its_admin_key_along(program: Program) -> None:
    """A key that two feeds share stays until the last of them goes."""
    from engine.usage.sync.settings import FeedSettings

    program.path.parent.mkdir(mode=0o700)
    workspace = Workspace.open(program.settings())
    things = [
        await workspace.integrations.create_integration(
            TENANT, name, "openai", credential_ref="env://NONE"
        )
        for name in ("one", "two", "three")
    ]
    first = await workspace.feeds.set_up(TENANT, "one", FeedSettings(), secret="sk-admin-shared")
    for name in ("two", "three"):
        await workspace.feeds.set_up(
            TENANT, name, FeedSettings(), credential_ref=first.credential_ref
        )

    def keys() -> tuple[int, int]:
        with sqlite3.connect(program.path) as raw:
            return tuple(  # type: ignore[return-value]
                raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - our own
                for name in ("credentials", "usage_feeds")
            )

    assert keys() == (1, 3)
    await workspace.feeds.remove(TENANT, "one")
    assert keys() == (1, 2)
    await workspace.integrations.delete_integration(TENANT, things[1].id)
    assert keys() == (1, 1)
    await workspace.integrations.delete_integration(TENANT, things[2].id)
    assert keys() == (0, 0)
    assert await workspace.feeds.list_all(TENANT) == ()
    await workspace.aclose()


def test_a_receivers_token_is_nowhere(program: Program, secret: str) -> None:
    add = ("integrations", "add", "--provider=openai", "--name=gpt", "--credential-ref=env://NONE")
    assert program.run(*add).code == 0
    by_variable = program.start(
        "usage", "receive", "--port=0", env={"LAMPBOARD_OTLP_TOKEN": secret}
    )
    by_input = program.start("usage", "receive", "--port=0", "--token-stdin")
    assert by_input.stdin is not None
    by_input.stdin.write(secret.encode() + b"\n")
    by_input.stdin.close()
    by_input.stdin = None
    said: dict[str, bytes] = {}
    for name, process in {"variable": by_variable, "input": by_input}.items():
        assert process.stderr is not None
        heard = process.stderr.readline()
        found = re.search(rb"http://127\.0\.0\.1:\d+", heard)
        assert found is not None, heard
        for place, (body, token) in enumerate(_requests(secret)):
            said[f"{name} {place}"] = heard + _post(found[0].decode(), body, token)
        said[f"{name} argv"] = b"\n".join(
            Path(f"/proc/{process.pid}/{what}").read_bytes() for what in ("cmdline", "stat")
        )
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE_S)
        said[f"{name} end"] = out + err
        assert process.returncode == 0, err
    wrong = program.run("usage", "receive", "--port=0", f"--token={secret}")
    short = program.run("usage", "receive", "--port=0", "--token-stdin", stdin=secret[:15])
    host = program.run(
        "usage", "receive", "--port=0", "--host=no.such.host", env={"LAMPBOARD_OTLP_TOKEN": secret}
    )
    assert [wrong.code, short.code] == [2, 2]
    assert host.code in {1, 2}
    said["errors"] = (wrong.said + short.said + host.said).encode()
    readings = ("usage top --by agent -o json", "doctor -o json", "activity -o json")
    said |= {one.argv[1]: one.said.encode() for one in program.many(*(r.split() for r in readings))}
    assert b"Traceback" not in b"".join(said.values())
    assert not left(secret, {**said, **files_under(program.folder)})


def _requests(secret: str) -> list[tuple[bytes, str]]:
    """Requests with the right token and with wrong ones, which hold parts of it."""
    body = json.dumps(traces(span(1))).encode()
    return [
        (body, secret),
        (body, secret[:-1]),
        (body, ""),
        (b"{", secret),
        (b"\xff" * 20, secret),
        (json.dumps(traces({"attributes": 5})).encode(), secret),
    ]


def _post(url: str, body: bytes, token: str) -> bytes:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{url}/v1/traces", data=body, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as told:  # noqa: S310 - loopback
            return bytes(told.read())
    except urllib.error.HTTPError as error:
        return error.read() + str(error.headers).encode()
