"""One dashboard in a browser: its process, and the line between the two."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from textual_serve.app_service import AppService

from engine.children import kill
from engine.settings import CONFIG_VARIABLE, PREFIX, SETTING_NAMES
from tui.serve import tokens
from tui.text import clean

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from engine.settings import Settings
    from tui.serve.delivery import Downloads

COMMAND: Final = (sys.executable, "-m", "tui.serve.child")
READY: Final = b"__GANGLION__\n"
"""What Textual writes before the first packet."""

_LARGEST_PACKET = 16 * 2**20
_LAST_WORDS = 4096
_POLITE_S = 3.0
# The server's own business, not a board's: what opens the page, whose terminal it was started in.
_NOT_PASSED_ON = (tokens.VARIABLE, "TMUX", "STY", "NOTIFY_SOCKET", "LINES")
logger = logging.getLogger(__name__)


class Board(AppService):
    """A process that draws the dashboard for one browser, and ends with it.

    Args:
        settings: What the dashboard is told.
        who: Whom the activity log names for what is done here; empty: as the settings say.
        write_bytes: Sends what is to be drawn.
        write_str: Sends what the page is told beside it.
        close: Ends the browser's connection.
        downloads: Where files for the browser wait.
        command: The program, for tests.
    """

    def __init__(  # noqa: PLR0913 - one line's two ends
        self,
        settings: Settings,
        *,
        who: str = "",
        write_bytes: Callable[[bytes], Awaitable[None]],
        write_str: Callable[[str], Awaitable[None]],
        close: Callable[[], Awaitable[None]],
        downloads: Downloads,
        command: Sequence[str] = COMMAND,
    ) -> None:
        super().__init__(
            " ".join(command),
            write_bytes=write_bytes,
            write_str=write_str,
            close=close,
            download_manager=downloads,
        )
        self._downloads = downloads
        self._argv = tuple(command)
        self._settings = replace(settings, operator=who) if who else settings
        self._said = bytearray()

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        found = super()._build_environment(width, height)
        kept = {name: value for name, value in found.items() if name not in _NOT_PASSED_ON}
        return {**kept, **told(self._settings)}

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        process = await asyncio.create_subprocess_exec(
            *self._argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._build_environment(width, height),
            # ctrl-C in the server's terminal is the server's; it ends its boards itself.
            start_new_session=True,
        )
        self._process, self._stdin = process, process.stdin
        return process

    async def run(self) -> None:
        """Hand on what the process says until it ends; then end the connection too."""
        process = self._process
        assert process is not None  # noqa: S101 - `start` made it
        assert process.stdout is not None  # noqa: S101
        listening = asyncio.create_task(self._listen(process))
        try:
            while await process.stdout.readline() not in {READY, b""}:
                pass
            # A process or a browser that is gone ends the line; there is nobody to be told.
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    await self._packet(process.stdout)
        finally:
            await self._end(process)
            await listening
            self._downloads.forget(self)
            if process.returncode:
                last = clean(self._said.decode("utf-8", "replace").strip()[-200:])
                logger.warning("a board ended with code %s: %s", process.returncode, last)
            await self.remote_close()

    async def stop(self) -> None:
        """End the process, politely at first; return when it is gone."""
        task, self._task = self._task, None
        if task is None:
            return
        await self._downloads.cancel_app_downloads(self.app_service_id)
        await self.send_meta({"type": "quit"})
        await asyncio.wait({task}, timeout=_POLITE_S)
        if not task.done():
            task.cancel()
            await asyncio.wait({task})

    async def on_meta(self, data: bytes) -> None:
        """Obey what the process asks of the page: its end, and files within bounds. Nothing else.

        No key of the dashboard opens an address, so nothing that asks for it may.
        """
        asked = json.loads(data)
        if asked.get("type") == "exit":
            await self.remote_close()
        elif asked.get("type") == "deliver_file_start" and self._downloads.has_room(self):
            await super().on_meta(data)
        else:
            logger.warning("a board asked for %s, which is not done", clean(str(asked.get("type"))))

    async def _packet(self, stream: asyncio.StreamReader) -> None:
        kind = await stream.readexactly(1)
        size = int.from_bytes(await stream.readexactly(4), "big")
        if size > _LARGEST_PACKET:
            raise ConnectionResetError
        payload = await stream.readexactly(size)
        match kind:
            case b"D":
                await self.on_data(payload)
            case b"M":
                await self.on_meta(payload)
            case b"P":
                await self.on_packed(payload)

    async def _listen(self, process: Process) -> None:
        """Keep the last of what the process says beside the board."""
        stream = process.stderr
        while stream is not None and (chunk := await stream.read(_LAST_WORDS)):
            self._said += chunk
            del self._said[:-_LAST_WORDS]

    async def _end(self, process: Process) -> None:
        """End the process: by the end of its input, then politely, then for good."""
        if process.stdin is not None:
            process.stdin.close()
        try:
            for push in (None, process.terminate):
                with contextlib.suppress(ProcessLookupError):
                    if push is not None:
                        push()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_POLITE_S):
                        await process.wait()
                        return
        finally:
            await kill(process)


def told(settings: Settings) -> Mapping[str, str]:
    """Return the variables under which a dashboard has these settings, whatever else is set.

    Arguments of processes can be read by every user of the machine, so nothing goes by them. The
    server keeps the monitor: it would otherwise come and go with whoever looks first.
    """
    values = {name: getattr(settings, name) for name in SETTING_NAMES} | {"monitor": "off"}
    if settings.log_file == "-":
        values["log_file"] = None  # where a board has its lines, the server's are not
    found = {
        PREFIX + name.upper(): _text(value) for name, value in values.items() if value is not None
    }
    return found | {CONFIG_VARIABLE: os.devnull}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else str(value)
