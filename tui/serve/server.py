"""The server: one page, its files, and a WebSocket for each board that is open."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import aiohttp_jinja2
import jinja2
from aiohttp import WSCloseCode, WSMsgType, web
from textual_serve.server import Server, to_int

from engine.errors import InvalidInput
from engine.http import listening
from engine.http.listening import IDLE_S, Place
from tui.serve import guard, tokens
from tui.serve.board import COMMAND, Board
from tui.serve.delivery import Downloads, hand_over
from tui.serve.headers import headers_of
from tui.serve.line import Line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from textual_serve.app_service import AppService

    from engine.settings import Settings
    from tui.serve.access import Access

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGE: Final = Path(str(files("tui.serve") / "page"))
"""Our own page: its templates, and in `look` what it looks like."""

_WIDTHS, _HEIGHTS = (20, 500), (5, 200)
_LARGEST_MESSAGE = 2**18
_LARGEST_FORM = 2**14
_HEARTBEAT_S = 15.0
_ANSWER_S = 2.0
_LAST_S = 5.0
_FORM_S = 10.0
_MOST_CONNECTIONS = 256
"""Connections beside those of boards; a page takes up to six."""

_NO_MESSAGE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_WHO = web.RequestKey("who", str)
logger = logging.getLogger(__name__)


class BoardServer(Server):
    """Serves the dashboard while it is entered; leaving ends every board.

    Args:
        access: How it may be reached.
        settings: What each dashboard is told.
        boards: How many may be open at the same time.
        command: The program of a board, for tests.
    """

    def __init__(
        self, access: Access, settings: Settings, *, boards: int, command: Sequence[str] = COMMAND
    ) -> None:
        super().__init__(
            "lampboard",
            host=str(access.address),
            port=access.port,
            title="Lampboard",
            templates_path=PAGE,
        )
        self.access = access
        self._settings = settings
        self._most = boards
        self._command = tuple(command)
        self._downloads = self.download_manager = Downloads()
        self._open: dict[AppService, Line] = {}
        self._place: Place | None = None

    async def __aenter__(self) -> Self:
        tls = tls_of(self.access)
        runner = web.AppRunner(
            await self._make_app(),
            access_log=None,
            logger=listening.logger,
            keepalive_timeout=IDLE_S,
            shutdown_timeout=_LAST_S,
        )
        most = _MOST_CONNECTIONS + self._most
        self._place = Place(runner, self.host, self.port, most=most, tls=tls)
        await self._place.open()
        self.port = self._place.port
        self.access = replace(self.access, port=self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        # First of all, since whoever is being cut off is not listened to any more.
        await self._end_boards()
        if self._place is not None:
            await self._place.close()

    @property
    def opening(self) -> str:
        """The address to open; with the token where it was made here, for then nobody knows it."""
        access = self.access
        return (
            access.origin
            + access.home
            + (f"?token={access.token}" if access.token_was_made else "")
        )

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guarded], client_max_size=_LARGEST_FORM)
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(PAGE))
        app.add_routes(
            [
                web.get("/", self.handle_index, name="index"),
                web.get(guard.SOCKET, self.handle_websocket, name="websocket"),
                web.get("/download/{key}", self.handle_download, name="download"),
                web.post(guard.ENTER, self.handle_enter),
                web.static("/static", self.statics_path, name="static"),
                web.static("/look", PAGE / "look"),
            ]
        )
        app.on_response_prepare.append(self._on_answer)
        app.on_shutdown.append(self.on_shutdown)
        return app

    async def on_shutdown(self, app: web.Application) -> None:
        """End what was opened since; most was ended before."""
        del app
        await self._end_boards()

    async def _end_boards(self) -> None:
        """End every board, and tell its browser."""
        ends = [
            line.end(WSCloseCode.GOING_AWAY, "The server was ended.")
            for line in self._open.values()
        ]
        await asyncio.gather(*ends, *(board.stop() for board in list(self._open)))

    async def _on_answer(self, request: web.Request, response: web.StreamResponse) -> None:
        del request
        response.headers.update(headers_of(self.access))

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        knock = guard.Knock(
            path=request.path,
            headers=request.headers,
            cookies=request.cookies,
            peer=request.remote,
        )
        match guard.judge(self.access, knock):
            case guard.Refused(status=status, why=why):
                logger.warning("refused %s from %s: %s", request.path, request.remote, why)
                return self._page("refused.html", request, status=status, why=why)
            case guard.Admitted(who=who):
                request[_WHO] = who
            case guard.Stranger() if request.path not in guard.OPEN:
                return self._ask(request)
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < web.HTTPBadRequest.status_code:
                raise
            return self._page("refused.html", request, status=error.status, why=error.reason)

    def _ask(self, request: web.Request) -> web.Response:
        """Let in who brings the token in the address; ask everybody else for it."""
        given = request.query.get("token", "") if request.path == "/" else ""
        if given:
            return self._answered(request, given)
        return self._page("enter.html", request, status=401)

    async def handle_enter(self, request: web.Request) -> web.StreamResponse:
        """Take the token from the form."""
        if self.access.header is not None:
            raise web.HTTPNotFound(reason="There is nothing here.")
        return self._answered(request, await _token_of(request))

    def _answered(self, request: web.Request, given: str) -> web.Response:
        """Give the right token its cookie and a page that leads on, the wrong one a word."""
        token = self.access.token
        if token is None or not tokens.same(given.strip(), token):
            logger.warning("refused a wrong token from %s", request.remote)
            return self._page("enter.html", request, status=403, wrong=True)
        # Not a redirect: a browser that came from another site would not send the cookie along.
        response = self._page("entered.html", request)
        response.set_cookie(
            guard.cookie_name(self.access.port),
            tokens.cookie_of(token),
            httponly=True,
            samesite="Strict",
            secure=self.access.is_secure,
        )
        return response

    def _page(
        self, name: str, request: web.Request, *, status: int = 200, **told: object
    ) -> web.Response:
        return aiohttp_jinja2.render_template(name, request, told, status=status)

    async def handle_download(self, request: web.Request) -> web.StreamResponse:
        """Send a file that a board wrote for its browser."""
        return await hand_over(request, self._downloads)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Open a board and keep it open as long as the browser is there."""
        socket = web.WebSocketResponse(
            heartbeat=_HEARTBEAT_S, max_msg_size=_LARGEST_MESSAGE, timeout=_ANSWER_S
        )
        await socket.prepare(request)
        if len(self._open) >= self._most:
            said = f"All {self._most} boards are in use; close one and try again."
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=said.encode())
            return socket
        who, line = request[_WHO], Line(socket)
        board = Board(
            self._settings,
            who=who,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=line.end,
            downloads=self._downloads,
            command=self._command,
        )
        self._open[board] = line
        logger.info("a board was opened for %s, %d are open", who or "a browser", len(self._open))
        try:
            await _start(socket, board, request.query)
            await line.read(self._process_messages(socket, board))
            # Who has left, or was told already, hears nothing of it.
            await line.end(WSCloseCode.POLICY_VIOLATION)
        finally:
            await board.stop()
            del self._open[board]
            logger.info("a board was closed, %d are open", len(self._open))
        return socket

    async def _process_messages(
        self, websocket: web.WebSocketResponse, app_service: AppService
    ) -> None:
        """Hand on keys and sizes, until the browser leaves or says what is neither."""
        async for message in websocket:
            if message.type is not WSMsgType.TEXT:
                break
            try:
                kind, *told = json.loads(message.data)
                await _hand_on(websocket, app_service, kind, *told)
            except _NO_MESSAGE:
                break


async def _token_of(request: web.Request) -> str:
    """Return what stands in the form.

    Raises:
        web.HTTPException: It is none, or takes too long to come.
    """
    try:
        async with asyncio.timeout(_FORM_S):
            given = (await request.post()).get("token", "")
    except TimeoutError:
        raise web.HTTPRequestTimeout(reason="The form took too long to come.") from None
    except (ValueError, LookupError, web.RequestPayloadError):
        raise web.HTTPBadRequest(reason="That is no form.") from None
    return given if isinstance(given, str) else ""


async def _start(
    socket: web.WebSocketResponse, board: AppService, asked: Mapping[str, str]
) -> None:
    """Start the process of a board; where the machine has no more of them, say so."""
    try:
        await board.start(*_size(asked.get("width"), asked.get("height")))
    except OSError as error:
        logger.warning("a board could not be started: %s", error.strerror)
        said = b"The server cannot start a board now; its log says why."
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=said)


async def _hand_on(
    socket: web.WebSocketResponse, board: AppService, kind: str, told: Any = None
) -> None:
    match kind:
        case "stdin":
            await board.send_bytes(told.encode())
        case "resize":
            await board.set_terminal_size(*_size(told["width"], told["height"]))
        case "ping":
            await socket.send_json(["pong", str(told)[:100]])
        case "blur":
            await board.blur()
        case "focus":
            await board.focus()


def _size(width: Any, height: Any) -> tuple[int, int]:
    """Return a size that a terminal can have: what is drawn grows with it."""
    (narrow, wide), (low, high) = _WIDTHS, _HEIGHTS
    columns, lines = to_int(width or "", 80), to_int(height or "", 24)
    return max(narrow, min(wide, columns)), max(low, min(high, lines))


def tls_of(access: Access) -> Any:
    """Return the TLS of a server with a certificate; None without.

    Raises:
        InvalidInput: Certificate and key cannot be used.
    """
    if access.certificate is None:
        return None
    import ssl

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # Never asked for a password: a server that waits at a prompt serves nobody.
        context.load_cert_chain(access.certificate, access.key, password="")
    except (OSError, ValueError) as error:
        # OpenSSL has no word for some of it, and then tells of its own source.
        word = "reason" if isinstance(error, ssl.SSLError) else "strerror"
        told = getattr(error, word, None)
        reason = str(told or "OpenSSL cannot read them").replace("_", " ").lower()
        raise InvalidInput(
            f"Certificate and key cannot be used: {reason}.",
            hint="Both are PEM files; the key is that of the certificate and has no passphrase.",
            field="certificate",
        ) from None
    return context
