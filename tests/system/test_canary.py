"""A planted secret is found nowhere: not in files, output, pictures, crashes or arguments."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from engine.workspace import Workspace
from tests.system.canary import command_lines, files_under, held_open, traces
from tests.system.echoes import ECHOES
from tests.system.pictures import EMPTY, pictures, press
from tests.system.program import TENANT, Program
from tui.app import BoardApp

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.system.provider import Provider

pytestmark = pytest.mark.processes
EVERY_FORMAT = 4
"""So many of the commands are read in every format, the others as table and JSON."""
FORMATS = ("table", "json", "yaml", "csv", "name")
BY_STDIN = ("openai", "anthropic", "azure_openai", "bedrock", "google", "custom")


def register(program: Program, provider: Provider, secret: str) -> None:
    """Bring the secret in by stdin at each provider, and at a server for each way of failing."""
    for name in BY_STDIN:
        given = f"AKIA0123456789ABCDEF:{secret}" if name == "bedrock" else secret
        done = program.run(
            *("integrations", "add", "--name", f"at-{name}", "--provider", name, "-o", "json"),
            *("--base-url", f"{provider.url}/{name}/v1", "--credential-stdin"),
            stdin=given + "\n",
        )
        assert done.code == 0, done.err
        assert not traces(secret, {"add": done.said.encode()})

    async def rest() -> None:
        workspace = Workspace.open(program.settings())
        for word in ECHOES:
            made = await workspace.integrations.create_integration(
                TENANT, word, "custom", secret=secret, base_url=f"{provider.url}/{word}/v1"
            )
            await workspace.integrations.enable_integration(TENANT, made.id)
        await workspace.aclose()

    asyncio.run(rest())


def every_reading() -> list[tuple[str, ...]]:
    commands = (
        *("integrations list --all", "integrations show base64", "health history", "activity"),
        *("integrations health in-200", "integrations show status-401"),
        *(
            "integrations export",
            "integrations limits url",
            "health summary",
            "health history",
            "health history html",
        ),
        *("health history html --hours", "activity", "tenants list", "doctor", "db info"),
    )
    return [
        (*command.split(), "-o", kind)
        for place, command in enumerate(commands)
        for kind in (FORMATS if place < EVERY_FORMAT else FORMATS[:2])
    ]


def test_it_is_in_no_file_and_no_output(program: Program, provider: Provider, secret: str) -> None:
    register(program, provider, secret)
    with held_open(program.path):
        said = {"check": program.run("health", "check", "--force", "-o", "json")}
        said["table"] = program.run("integrations", "test", "base64")
        said["once"] = program.run("monitor", "--once", "-o", "json")
        draft = ("integrations", "edit", "hex", "--test", "--credential-stdin")
        said["draft"] = program.run(*draft, stdin=secret)
        said["backup"] = program.run("db", "backup", str(program.folder / "backup.db"))
        said |= {" ".join(done.argv): done for done in program.many(*every_reading())}
        places = files_under(program.folder)
    assert len(said["check"].json["results"]) == len(ECHOES) + len(BY_STDIN)
    assert said["once"].code == 0, said["once"].err
    assert any(name.endswith("-wal") and data for name, data in places.items())
    assert "backup.db" in places
    outputs = {name: done.said.encode() for name, done in said.items()}
    assert not traces(secret, {**places, **outputs})
    assert not [name for name, done in said.items() if "Traceback" in done.said]


async def test_it_is_on_no_screen_and_in_no_picture(
    program: Program, provider: Provider, secret: str
) -> None:
    register_one = ("base64-bearer", "cut-message", "location", "status-401", "page")
    settings = program.settings(monitor="off")
    program.path.parent.mkdir(mode=0o700)
    workspace = Workspace.open(settings, origin="dashboard")
    for word in register_one:
        made = await workspace.integrations.create_integration(
            TENANT, word, "custom", secret=secret, base_url=f"{provider.url}/{word}/v1"
        )
        await workspace.integrations.enable_integration(TENANT, made.id)
    await workspace.checks.check_all_integrations(TENANT, force=True)
    app = BoardApp(settings, lambda _settings: workspace)
    walks = ("1", "1 right", "4", "4 down", "4 enter", "4 t", "4 e", "5", "5 enter")
    async with app.run_test(size=(120, 40)) as pilot:
        places = await pictures(pilot, *(f"{walk} R" for walk in walks), "9 ?")
        # Typed into a form, it is masked.
        await press(pilot, "4", "n")
        await _type_secret(pilot, secret)
        places["form"] = app.export_screenshot().encode()
    assert len(places["form"]) > EMPTY
    places |= files_under(program.folder)
    assert not traces(secret, places)


async def _type_secret(pilot: Pilot[None], secret: str) -> None:
    from textual.widgets import Input

    masked = [found for found in pilot.app.screen.query(Input) if found.password]
    assert masked
    for field in masked:
        field.value = secret
    await pilot.pause()


CRASHING = """
import sys
from tui import app

def broken(self):
    secret = {secret!r}
    held = dict(secret=secret)
    raise RuntimeError(f"cannot use {{secret}} of {{held}}")

app.BoardApp.{method} = broken
from tui.__main__ import main
sys.argv = ["lampboard"]
sys.exit(main())
"""


@pytest.mark.parametrize("method", ["begin", "action_help", "on_mount"])
def test_a_crash_tells_where_and_never_what(program: Program, secret: str, method: str) -> None:
    code = CRASHING.format(secret=secret, method=method)
    with program.dashboard(code=code, env={"LAMPBOARD_MONITOR": "off"}) as terminal:
        if method == "action_help":
            terminal.shows("Overview")
            terminal.press("?")
        assert terminal.ends() == 1
        printed = bytes(terminal.raw)
    assert b"unexpected RuntimeError" in printed
    assert str(program.log).encode() in printed
    assert "RuntimeError" in program.log.read_text()
    assert not traces(secret, {"terminal": printed, **files_under(program.folder)})


def test_a_crash_of_a_command_tells_no_value_either(program: Program, secret: str) -> None:
    code = (
        "import sys\nfrom tui.cli import doctor\n"
        f"def broken(settings):\n    secret = {secret!r}\n    raise RuntimeError(secret)\n"
        "doctor.examine = broken\nfrom tui.__main__ import main\n"
        "sys.argv = ['lampboard', 'doctor']\nsys.exit(main())\n"
    )
    with program.dashboard(code=code) as terminal:
        assert terminal.ends() == 1
    assert b"Something went wrong inside Lampboard (RuntimeError)" in terminal.raw
    places = {"terminal": bytes(terminal.raw), **files_under(program.folder)}
    assert not traces(secret, places)


def test_no_process_has_it_in_its_arguments(
    program: Program, provider: Provider, secret: str
) -> None:
    """Neither a key of a provider, nor the master key, nor the password of a database."""
    program.add("gpt", f"{provider.url}/status-401/v1", secret=secret)
    program.extra["LAMPBOARD_MASTER_KEY"] = "5a" * 32
    with program.dashboard() as terminal:
        terminal.shows("gpt", "checks/min")
        lines = command_lines()
        children = [line for line in lines.values() if str(program.path).encode() in line]
        assert any(b"--child" in line for line in children), "the monitor was not seen"
        terminal.press("q")
        assert terminal.ends() == 0
    assert not traces(secret, lines)
    assert not any(b"5a" * 32 in line for line in lines.values())
    assert not traces(secret, {"terminal": bytes(terminal.raw), **files_under(program.folder)})
