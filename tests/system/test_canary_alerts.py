"""Secrets of channels, planted: in URLs, signatures and answers to alerts; found nowhere."""

from __future__ import annotations

import asyncio
import re
import signal
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from textual.widgets import Input

from engine.alerts import services
from engine.workspace import Workspace
from storage.tenants import TenantsDriver
from tests.system.canary import command_lines, files_under, held_open, traces
from tests.system.echoes import ECHOES
from tests.system.pictures import pictures, press
from tests.system.program import TENANT
from tests.system.provider import serving
from tui.app import BoardApp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.program import Done, Program
    from tests.system.provider import Provider

pytestmark = pytest.mark.processes
READINGS = (
    "alerts channels list", "alerts routes list", "alerts log", "alerts log state:waiting",
    "incidents list --state any", "incidents show 1", "incidents export 1",
    "credentials list --all", "activity --limit 500", "doctor", "db info",
)  # fmt: skip


def secret_of(head: bytes) -> str:
    """Return the secret that a request brought in its address."""
    target = head.split(b" ")[1].decode() if b" " in head else ""
    return parse_qs(urlsplit(target).query).get("token", [""])[0]


@pytest.fixture
def lines() -> dict[str, bytes]:
    """The arguments of every process, as they were while somebody was told."""
    return {}


@pytest.fixture
def receiver(lines: dict[str, bytes]) -> Iterator[Provider]:
    """Answers an alert with the secret of its address, in the way that the path names."""

    def echo(word: str, head: bytes) -> bytes:
        lines.update(command_lines())
        return ECHOES.get(word, ECHOES["status-401"])(secret_of(head))

    with serving(echo) as found:
        yield found


def address(receiver: Provider, word: str, secret: str) -> str:
    return f"{receiver.url}/{word}/?token={quote(secret, safe='')}"


def refused(program: Program, secret: str) -> dict[str, Done]:
    """Give the secret in every wrong way."""
    add = ("alerts", "channels", "add", "--name=wrong")
    hook, apprise = (*add, "--type=webhook"), (*add, "--type=apprise")
    said = {
        "scheme": program.run(*hook, "--url-stdin", stdin=f"ftp://{secret}@h/"),
        "no url": program.run(*hook, "--url-stdin", stdin=secret),
        "port": program.run(*hook, "--url-stdin", stdin=f"https://h:{secret}/x"),
        "reference": program.run(*hook, f"--url-ref={secret}"),
        "typed": program.run(*hook, f"--url={secret}"),
        "service": program.run(*apprise, "--url-stdin", stdin=f"nosuch://{secret}"),
    }
    assert {name: done.code for name, done in said.items()} == dict.fromkeys(said, 2)
    return said


async def put_in(program: Program, receiver: Provider, secret: str) -> None:
    """Add a channel for each way of giving the secret back, and routes to all of them."""
    workspace = Workspace.open(program.settings())
    alerts = workspace.alerts
    for word in ECHOES:
        url = address(receiver, word, secret)
        made = await alerts.add_channel(TENANT, word, "webhook", url=url, signing=f"s{secret}")
        await alerts.add_route(TENANT, made.id, wait_s=0)
    if services.installed():
        url = f"json://{receiver.url.removeprefix('http://')}/status-500/?-token="
        made = await alerts.add_channel(TENANT, "service", "apprise", url=url + quote(secret))
        await alerts.add_route(TENANT, made.id, wait_s=0)
    made_ = await workspace.integrations.create_integration(
        TENANT, "gpt", "custom", credential_ref="env://NONE", base_url=f"{receiver.url}/v1"
    )
    await workspace.integrations.enable_integration(TENANT, made_.id)
    await workspace.incidents.set_thresholds(TENANT, "integration", made_.id, failures=1, passes=1)
    await workspace.checks.check_all_integrations(TENANT, force=True)
    await workspace.aclose()


def monitored(program: Program, receiver: Provider) -> dict[str, bytes]:
    """Let a monitor tell everybody, and ask it for its figures; gives all that it said."""
    # At `debug` nobody would take the lines away while the figures are asked for.
    logged = {"LAMPBOARD_LOG_FILE": "-", "LAMPBOARD_LOG_LEVEL": "info"}
    process = program.start("monitor", "--metrics", "127.0.0.1:0", env=logged)
    assert process.stderr is not None
    said: dict[str, bytes] = {}
    try:
        said["address"] = next(line for line in process.stderr if b"served at" in line)
        found = re.search(rb"127\.0\.0\.1:\d+", said["address"])
        assert found is not None
        at = f"http://{found[0].decode()}"
        for path in ("metrics", "healthz"):
            with urllib.request.urlopen(f"{at}/{path}", timeout=60) as answer:  # noqa: S310 - http alone
                said[path] = answer.read()
    finally:
        process.send_signal(signal.SIGTERM)
        said["out"], said["err"] = process.communicate(timeout=120)
    return said


def test_it_is_in_no_file_no_output_and_no_argument(
    program: Program, receiver: Provider, lines: dict[str, bytes], secret: str
) -> None:
    program.add("first", "http://127.0.0.1:9/v1", secret="x")
    said = refused(program, secret)
    add = ("alerts", "channels", "add", "--name=typed", "--type=webhook", "-o", "json")
    url = address(receiver, "page", secret)
    said["add"] = program.run(*add, "--url-stdin", stdin=url + "\n")
    edit = ("alerts", "channels", "edit", "typed", "--signing-stdin", "-o", "json")
    said["edit"] = program.run(*edit, stdin=secret)
    said["test"] = program.run("alerts", "channels", "test", "typed")
    assert [said[name].code for name in ("add", "edit", "test")] == [0, 0, 1], said
    asyncio.run(put_in(program, receiver, secret))
    told = len(receiver.heads)
    with held_open(program.path):
        logged = {"LAMPBOARD_LOG_FORMAT": "json"}
        said["monitor"] = program.run("monitor", "--once", "-o", "json", env=logged)
        figures = monitored(program, receiver)
        said["backup"] = program.run("db", "backup", str(program.folder / "backup.db"))
        said["copy"] = program.run("db", "copy", "--to", str(program.folder / "copy.db"))
        runs = [(*line.split(), "-o", kind) for line in READINGS for kind in ("table", "json")]
        said |= {" ".join(done.argv): done for done in program.many(*runs)}
        places = files_under(program.folder)
    assert {said[name].code for name in ("monitor", "backup", "copy")} == {0}, said["copy"].err
    assert len(receiver.heads) - told >= len(ECHOES)
    assert any(b"services_child" in line for line in lines.values()) or not services.installed()
    log = said["alerts log -o json"].json
    assert {one["state"] for one in log["items"]} >= {"waiting"}
    outputs = {name: done.said.encode() for name, done in said.items()}
    assert not traces(secret, {**places, **outputs, **figures, **lines})
    assert not [name for name, done in said.items() if "Traceback" in done.said]


CRASHING = """
import sys
from engine.alerts import webhook

async def broken(client, url, message, *, signing):
    held = dict(url=url, signing=signing)
    raise RuntimeError(f"cannot post to {held}")

webhook.post = broken
from engine.alerts import speaking
speaking.post = broken
from tui.__main__ import main
sys.argv = ["lampboard", *sys.argv[1:], *WORDS]
sys.exit(main())
"""


@pytest.mark.parametrize("words", [["alerts", "channels", "test", "hook"], ["monitor", "--once"]])
def test_a_crash_while_telling_says_where_and_never_what(
    program: Program, receiver: Provider, secret: str, words: list[str]
) -> None:
    async def put() -> None:
        workspace = Workspace.open(program.settings())
        url = address(receiver, "page", secret)
        made = await workspace.alerts.add_channel(
            TENANT, "hook", "webhook", url=url, signing=secret
        )
        await workspace.alerts.add_route(TENANT, made.id, wait_s=0)
        await workspace.aclose()

    program.add("gpt", "http://127.0.0.1:9/v1", secret="x")
    assert program.run("incidents", "thresholds", "gpt", "--failures=1").code == 0
    assert program.run("health", "check", "--force").code == 1
    asyncio.run(put())
    with program.dashboard(code=f"WORDS = {words}\n{CRASHING}") as terminal:
        terminal.ends()
        printed = bytes(terminal.raw)
    assert "RuntimeError" in program.log.read_text()
    assert not traces(secret, {"terminal": printed, **files_under(program.folder)})


async def test_it_is_on_no_screen_and_in_no_picture(
    program: Program, receiver: Provider, secret: str
) -> None:
    settings = program.settings(monitor="off")
    program.path.parent.mkdir(mode=0o700)
    workspace = Workspace.open(settings, origin="dashboard")
    with workspace.database.write() as connection:
        TenantsDriver(connection).ensure(TENANT, TENANT, workspace.clock.now())
    for word in ("page", "status-401", "location"):
        url = address(receiver, word, secret)
        made = await workspace.alerts.add_channel(TENANT, word, "webhook", url=url, signing=secret)
        await workspace.alerts.test_channel(TENANT, made.id)
    app = BoardApp(settings, lambda _settings: workspace)
    lists = "exclamation_mark b down down down enter"
    async with app.run_test(size=(120, 40)) as pilot:
        places = await pictures(pilot, lists, "t", "enter", "0", "0 enter", "9", "9 enter")
        await press(pilot, "exclamation_mark", "e")
        while not (masked := [found for found in app.screen.query(Input) if found.password]):
            await pilot.pause()
        for field in masked:
            field.value = secret
        await press(pilot, "f5")
        places["typed"] = app.export_screenshot().encode()
    assert b"status-401" in places[lists]
    assert not traces(secret, {**places, **files_under(program.folder)})
