"""A headless Chromium, driven by its own protocol: pages that load, keys, sockets, pictures."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pyte

from tests.servers.programs import free_port, running, system_program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

PATIENCE_S = 300
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-extensions", "--hide-scrollbars"),
    # Any name of this kind leads here, as one does whose owner rebinds it.
    "--host-resolver-rules=MAP *.example 127.0.0.1",
)
# What the emulator does not know, and what draws nothing.
_UNDRAWN = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-gi-zA-Z$]+[pqu]?|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_CODES = {"Backspace": 8, "Enter": 13, "Escape": 27}


class Page:
    """A tab: what the board's socket brought is drawn again here, as the terminal in it does."""

    def __init__(self, browser: Browser, session: str, context: str) -> None:
        self._browser = browser
        self._session = session
        self._context = context
        self.requests: list[str] = []
        self.problems: list[str] = []
        self.closed = 0
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)

    async def send(self, method: str, **told: Any) -> dict[str, Any]:
        return await self._browser.send(method, session=self._session, **told)

    async def open(self, url: str) -> None:
        """Go to an address, and wait until it and what it loads are there."""
        await self.send("Page.enable")
        await self.send("Network.enable")
        await self.send("Runtime.enable")
        await self.send("Log.enable")
        await self.send("Page.navigate", url=url)

    async def ask(self, expression: str) -> Any:
        """The value of an expression of the page's own script."""
        told = await self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def until_ask(self, expression: str, wanted: object) -> None:
        """Ask again and again, until the page says what is waited for."""
        said: object = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while (said := await self._asked(expression)) != wanted:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"waited for {wanted!r}, not {said!r}; {self.problems}") from None

    async def _asked(self, expression: str) -> Any:
        told = await self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        return told["result"].get("value")  # a page that is on its way to another says nothing

    async def press(self, *keys: str) -> None:
        for key in keys:
            code = _CODES.get(key)
            told = {"text": key} if code is None else {"windowsVirtualKeyCode": code}
            for step in ("keyDown", "keyUp"):
                await self.send("Input.dispatchKeyEvent", type=step, key=key, **told)

    async def shows(self, *words: str) -> str:
        """Wait until all of the words are on the board; return it."""
        return await self.until(lambda: all(word in self.text for word in words), f"{words}")

    async def until(self, reached: Callable[[], bool], what: str) -> str:
        """Wait until the browser told of what is waited for."""
        try:
            async with asyncio.timeout(PATIENCE_S), self._browser.told:
                await self._browser.told.wait_for(reached)
        except TimeoutError:
            raise AssertionError(
                f"waited for {what}; {self.problems} {self.requests}\n{self.text}"
            ) from None
        return self.text

    @property
    def text(self) -> str:
        """What a person reads on the board."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    async def save_to(self, folder: Path) -> None:
        """Have files that the page hands over lie in a folder."""
        await self._browser.send(
            "Browser.setDownloadBehavior",
            behavior="allow",
            downloadPath=str(folder),
            browserContextId=self._context,
        )

    async def picture(self) -> bytes:
        """The page as PNG."""
        told = await self.send("Page.captureScreenshot", format="png")
        return base64.b64decode(told["data"])

    def note(self, method: str, told: dict[str, Any]) -> None:
        """Take in what the browser tells of this tab."""
        match method:
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Network.webSocketCreated":
                self._resize(told["url"])
            case "Network.webSocketFrameReceived" if told["response"]["opcode"] == 2:
                data = base64.b64decode(told["response"]["payloadData"])
                self._stream.feed(_UNDRAWN.sub(b"", data))
            case "Network.webSocketClosed":
                self.closed += 1
            case "Log.entryAdded" if told["entry"]["level"] == "error":
                self.problems.append(told["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.problems.append(json.dumps(told["exceptionDetails"]))

    def _resize(self, url: str) -> None:
        self.requests.append(url)
        size = re.search(r"width=(\d+)&height=(\d+)", url)
        if size is not None:
            columns, lines = (int(one) for one in size.groups())
            self._screen.reset()
            self._screen.resize(lines, columns)


class Browser:
    """The program, by the one connection that steers it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}
        self.told = asyncio.Condition()

    async def send(self, method: str, session: str = "", **told: Any) -> dict[str, Any]:
        number = len(self._asked) + 1
        self._asked[number] = asyncio.get_running_loop().create_future()
        command = {"id": number, "method": method, "params": told}
        await self._socket.send_json(command | ({"sessionId": session} if session else {}))
        async with asyncio.timeout(PATIENCE_S):
            return await self._asked[number]

    @asynccontextmanager
    async def page(self, width: int = 1200, height: int = 800) -> AsyncIterator[Page]:
        """A new tab with nothing remembered of any other, until the block ends."""
        context = (await self.send("Target.createBrowserContext"))["browserContextId"]
        made = await self.send(
            "Target.createTarget",
            url="about:blank",
            browserContextId=context,
            width=width,
            height=height,
        )
        target = made["targetId"]
        session = (await self.send("Target.attachToTarget", targetId=target, flatten=True))[
            "sessionId"
        ]
        page = self._pages[session] = Page(self, session, context)
        try:
            yield page
        finally:
            await self.send("Target.disposeBrowserContext", browserContextId=context)

    async def listen(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                answer = self._asked[told["id"]]
                if "error" in told:
                    answer.set_exception(AssertionError(f"{told['error']}"))
                else:
                    answer.set_result(told["result"])
                continue
            page = self._pages.get(told.get("sessionId", ""))
            if page is not None:
                page.note(told["method"], told["params"])
            async with self.told:
                self.told.notify_all()


@asynccontextmanager
async def chromium(folder: Path, *more: str) -> AsyncIterator[Browser]:
    """Run one with an empty profile, and more flags, until the block ends."""
    program = system_program("chromium", "chromium")
    port = free_port()
    flags = [
        *_FLAGS,
        *more,
        f"--remote-debugging-port={port}",
        f"--user-data-dir={folder / 'profile'}",
    ]
    with running([program, *flags, "about:blank"], port, folder):
        async with aiohttp.ClientSession() as client:
            async with client.get(f"http://127.0.0.1:{port}/json/version") as answer:
                address = (await answer.json())["webSocketDebuggerUrl"]
            async with client.ws_connect(address, max_msg_size=0) as socket:
                browser = Browser(socket)
                listening = asyncio.create_task(browser.listen())
                try:
                    yield browser
                finally:
                    listening.cancel()
