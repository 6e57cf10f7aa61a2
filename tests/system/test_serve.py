"""The dashboard in a real browser: it shows the board, takes keys, and lets nobody else in."""

from __future__ import annotations

import asyncio
import io
import json
import signal
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from PIL import Image

from tests.servers.chromium import chromium
from tests.servers.programs import free_port
from tests.system.children import PATIENCE_S, processes, wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.servers.chromium import Page
    from tests.system.program import Program

pytestmark = [pytest.mark.processes, pytest.mark.services]
BOARD = "tui.serve.child"
TOKEN = "canary-of-a-token-0123456789"
OPEN_A_BOARD = """new Promise((done) => {
  const socket = new WebSocket("ws://127.0.0.1:PORT/ws?width=80&height=24");
  socket.onopen = () => { socket.close(); done("open"); };
  socket.onerror = () => done("refused");
})"""


HAS_WEBGL = "!!document.createElement('canvas').getContext('webgl2')"
FIRST_ROW = "document.querySelector('.xterm-rows > div')"
LAST_EDGE = f"{FIRST_ROW}.lastElementChild.getBoundingClientRect().right"


@asynccontextmanager
async def serving(program: Program, *more: str) -> AsyncIterator[dict[str, Any]]:
    """Run `lampboard serve` until the block ends, and then by ctrl-C."""
    child = program.start("serve", "--port", "0", "-o", "json", *more)
    try:
        assert child.stdout is not None
        told = b""
        while not told.endswith(b"}\n"):
            line = await asyncio.to_thread(child.stdout.readline)
            assert line, child.stderr and child.stderr.read()
            told += line
        yield json.loads(told)
        child.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(child.wait, PATIENCE_S) == 130
    finally:
        child.kill()
        out, err = child.communicate()
    assert out == b""
    assert b"Traceback" not in err


@asynccontextmanager
async def foreign_page() -> AsyncIterator[str]:
    """A page of another origin, whose cookies are the board's own: sites do not end at ports."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Foreign</title>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        await runner.cleanup()


def files(folder: Path) -> list[Path]:
    """The files that a browser has taken whole."""
    return list(folder.glob("*.csv"))


def colours(picture: bytes) -> int:
    found = Image.open(io.BytesIO(picture)).convert("RGB").getcolors(2**24)
    return len(found or ())


def known_of(pid: int) -> bytes:
    """What every user, and the user of a process, can read of how it was started."""
    return b"".join(Path(f"/proc/{pid}/{file}").read_bytes() for file in ("cmdline", "environ"))


async def boards_end(program: Program) -> None:
    await asyncio.to_thread(wait_for, lambda: not processes(program, BOARD), "boards to end")


async def draws_in_colours(page: Page) -> None:
    """Wait until the page has drawn what it was told: it hears of it before it paints."""
    async with asyncio.timeout(PATIENCE_S):
        while colours(await page.picture()) <= 50:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def shows_the_board(page: Page, program: Program, url: str) -> None:
    await page.open(url)
    await page.shows("LAMPBOARD", "acme", "read-only", "1 lamp", "gpt-prod")
    assert await page.ask("location.href") == url.partition("?")[0]
    assert "token=" not in json.dumps(await page.send("Page.getNavigationHistory"))
    assert await page.ask("document.cookie") == ""
    assert await page.ask("document.title") == "Lampboard"
    await page.press("4")
    await page.shows("PROVIDER", "gpt-prod")
    await draws_in_colours(page)
    home = url.partition("?")[0].removeprefix("http")
    assert all(one.startswith((f"http{home}", f"ws{home}")) for one in page.requests)
    assert page.problems == []
    assert len(processes(program, BOARD)) == 1


async def keeps_to_looking(page: Page, program: Program) -> None:
    for key in ("n", "e", "d", "x", "t"):
        await page.press(key)
    # What comes after them has been seen, so they were too: nothing was asked, nothing is new.
    await page.press("9")
    await page.shows("9 Activity", "WHO")
    await page.press("4")
    await page.shows("PROVIDER", "created", "gpt-prod")
    only = program.run("integrations", "show", "gpt-prod", "-o", "json").json
    assert (only["status"], only["version"]) == ("created", 1)


async def writes_out_into_the_browser(page: Page, program: Program, folder: Path) -> None:
    folder.mkdir()  # noqa: ASYNC240 - a test may wait
    await page.save_to(folder)
    await page.press("6")
    await page.shows("RUNS OUT", "gpt-prod")
    await page.press("w")
    await page.shows("Write out to")
    await page.press("/", "Enter")
    await page.shows("In a browser a file has a name, and no folder.")
    await page.press("Backspace", "Enter")
    await page.shows("3 rows written to")
    found = await asyncio.to_thread(wait_for, lambda: files(folder), "the file")
    assert "gpt-prod" in found[0].read_text()
    assert page.problems == []
    # Nothing is left where the server is.
    assert list(program.folder.rglob("lampboard-acme-*")) == found


async def lets_no_other_page_in(page: Page, url: str) -> None:
    ours = url.partition("?")[0]
    ask = OPEN_A_BOARD.replace("PORT", ours.rstrip("/").rpartition(":")[2])
    assert await page.ask(ask) == "open"
    async with foreign_page() as foreign:
        await page.open(foreign)
        await page.until_ask("document.title", "Foreign")
        assert await page.ask(ask) == "refused"
    rebound = url.replace("127.0.0.1", "rebound.example")
    await page.open(rebound)
    await page.until_ask("document.body.innerText.trim()", "This server does not go by that name.")
    await page.open(f"{ours}?token=wrong")
    await page.until_ask("document.title", "Lampboard")
    # The cookie of the right token is still there: a wrong one beside it changes nothing.
    await page.shows("LAMPBOARD", "read-only")


async def test_a_browser_shows_the_board_and_only_looks(program: Program, tmp_path: Path) -> None:
    assert program.add("gpt-prod", "http://127.0.0.1:9/v1", secret="sk-some-key").code == 0
    off = ("--log-level", "info")
    program.extra["LAMPBOARD_MONITOR"] = "off"
    async with serving(program, *off) as told, chromium(tmp_path) as browser:
        assert told["read_only"] is True
        async with browser.page() as page:
            await shows_the_board(page, program, told["url"])
            await keeps_to_looking(page, program)
            await writes_out_into_the_browser(page, program, tmp_path / "taken")
            await lets_no_other_page_in(page, told["url"])
        await boards_end(program)
        async with browser.page() as stranger:
            await stranger.open(told["url"].partition("?")[0])
            await stranger.until_ask("document.activeElement.name", "token")
            assert not processes(program, BOARD)
    token = told["url"].partition("token=")[2]
    log = program.log.read_text()
    assert "a board was opened" in log
    assert token not in log


async def test_a_browser_without_webgl_draws_the_board_by_styles(
    program: Program, tmp_path: Path
) -> None:
    """As on a virtual machine, and in browsers that give nothing of their machine away."""
    assert program.run("tenants", "add", "acme").code == 0
    program.extra["LAMPBOARD_MONITOR"] = "off"
    plain = chromium(tmp_path, "--disable-3d-apis")
    async with serving(program) as told, plain as browser, browser.page() as page:
        await page.open(told["url"])
        await page.shows("LAMPBOARD", "read-only")
        assert await page.ask(HAS_WEBGL) is False
        await page.until_ask(f"{FIRST_ROW}.textContent.includes('read-only')", True)
        assert "Roboto Mono" in await page.ask(f"getComputedStyle({FIRST_ROW}).fontFamily")
        left = await page.ask("innerWidth") - await page.ask(LAST_EDGE)
        assert abs(left) < 20  # a cell or two
        assert page.problems == []


async def test_nothing_outlives_a_server_that_is_killed(program: Program) -> None:
    """Nor does a board know what opens it."""
    assert program.run("tenants", "add", "acme").code == 0
    program.extra["LAMPBOARD_SERVE_TOKEN"] = TOKEN
    child = program.start("serve", "--port", "0", "-o", "name", "--log-level", "debug")
    try:
        assert child.stdout is not None
        url = (await asyncio.to_thread(child.stdout.readline)).decode().strip().rstrip("/")
        own = {"Origin": url}
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, headers=own) as client:
            await client.post(f"{url}/enter", data={"token": TOKEN})
            async with client.ws_connect(f"{url}/ws?width=120&height=40") as board:
                await board.receive_bytes()
                (pid,) = processes(program, BOARD)
                await asyncio.to_thread(
                    wait_for, lambda: processes(program, "--child"), "a monitor"
                )
                assert TOKEN.encode() not in known_of(pid)
                child.kill()
                await asyncio.to_thread(wait_for, lambda: not processes(program), "all to end")
    finally:
        child.kill()
        out, err = child.communicate()
    assert TOKEN.encode() not in out + err + program.log.read_bytes()


async def test_a_board_may_write_where_asked(program: Program, tmp_path: Path) -> None:
    assert program.run("tenants", "add", "acme").code == 0
    async with serving(program, "--writable") as told, chromium(tmp_path) as browser:
        assert told["read_only"] is False
        async with browser.page() as page:
            await page.open(told["url"])
            text = await page.shows("LAMPBOARD", "monitor ●")
            assert "read-only" not in text
            await page.press("4")
            await page.shows("Press n to add the first")
            await page.press("n")
            await page.shows("New integration")
            await page.press("Escape")
            await page.until(lambda: "New integration" not in page.text, "the form to be left")
            await page.press("q")
            await page.until(lambda: page.closed == 1, "the board to be left")
            await page.until_ask(
                "document.getElementById('ended').innerText", "The board was closed."
            )
        # The server keeps the monitor, not the board: it goes on with nobody looking.
        assert processes(program, "--child")
    await asyncio.to_thread(wait_for, lambda: not processes(program), "everything to end")
