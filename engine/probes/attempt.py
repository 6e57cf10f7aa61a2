"""One check under way: its stages with their times, its deadline, and the way to the other side."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from engine.http.addresses import parse_host
from engine.http.messages import HttpFault, Stage
from engine.probes.refusals import Refused, blocked, of_error, of_fault, require_web_url
from engine.probes.trust import has_own_trust, trust_file_of, trust_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterator

    from engine.http import HttpAnswer, HttpRequest
    from engine.http.addresses import IpAddress
    from engine.probes.place import Place, Tools

PREPARE = "prepare"
"""The stage before anything is sent, in which a driver gets ready."""
# RFC 8305: the next address is tried when the first has not answered for a quarter of a second.
_NEXT_ADDRESS_S = 0.25
# Kept of the time that is left, so that the client can still say how far it came.
_TO_TELL_S = 0.03


class Attempt:
    """What a probe is given: where to go, what to use, and where to write its stages down.

    Attributes:
        place: Where to go, and how.
        tools: What to use.
        stages: The stages so far, the one under way not among them.
        stage_name: The name of the stage under way, or of the last one.
        started: The loop's time at which the check began.
    """

    def __init__(self, place: Place, tools: Tools, *, deadline_s: float) -> None:
        self.place = place
        self.tools = tools
        self.stages: list[Stage] = []
        self.stage_name = PREPARE
        self._loop = asyncio.get_running_loop()
        self.started = self._loop.time()
        self._ends = self.started + deadline_s

    @property
    def remaining_s(self) -> float:
        """Seconds until the deadline, at least a hundredth: the limit that drivers are told."""
        return max(0.01, self._ends - self._loop.time())

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since the start."""
        return (self._loop.time() - self.started) * 1000

    @asynccontextmanager
    async def stage(self, name: str) -> AsyncIterator[None]:
        """Time one stage; one that raises is written down as the one that failed."""
        self.stage_name = name
        began = self._loop.time()
        try:
            yield
        except BaseException:
            self.note(name, began, ok=False)
            raise
        self.note(name, began)

    @contextmanager
    def turns(self, first: str) -> Iterator[Callable[[str], None]]:
        """Time stages that a driver goes through in one call.

        Yields what it calls as it turns to its next stage, from whichever thread it runs in. A
        refusal about TLS belongs to the stage `tls` however far the driver had come.
        """
        name, began = first, self.enter(first)

        def turn(to: str) -> None:
            nonlocal name, began
            if to != name:
                self.note(name, began)
                name, began = to, self.enter(to)

        try:
            yield turn
        except BaseException as error:
            self.note("tls" if _is_about_tls(error) else name, began, ok=False)
            raise
        self.note(name, began)

    def note(self, name: str, began: float, *, ok: bool = True) -> None:
        """Write a stage down that was timed elsewhere; `began` is the loop's time of its start."""
        self.stage_name = name
        self.stages.append(Stage(name=name, ms=(self._loop.time() - began) * 1000, ok=ok))

    def enter(self, name: str) -> float:
        """Name the stage under way, for drivers that tell it themselves; return the time."""
        self.stage_name = name
        return self._loop.time()

    def where(self, default_port: int) -> tuple[str, int]:
        """Return the place's host and port.

        Raises:
            Refused: No host is given; none is guessed.
        """
        host = (self.place.host or "").strip()
        if not host:
            raise Refused("invalid_host", "No host is given.", "Enter the server's host.")
        return host, self.place.port or default_port

    async def resolve(self, host: str) -> tuple[IpAddress, ...]:
        """Return the permitted addresses of a host; a stage where a name is looked up.

        Raises:
            Refused: The name does not exist, or leads only to blocked addresses.
        """
        try:
            parsed = parse_host(host)
        except ValueError:
            raise Refused(
                "invalid_host", "The host is not a valid name or address.", "Check the host."
            ) from None
        if parsed.address is not None:
            found: list[IpAddress] = [parsed.address]
        else:
            async with self.stage("resolve"):
                try:
                    found = [ip_address(text) for text in await self.tools.resolve(parsed.text)]
                except OSError as error:
                    raise of_error(error, "resolve") from error
        permitted = tuple(one for one in found if self.tools.policy.permits(parsed, one))
        if not permitted:
            self.stage_name = "address"
            raise blocked(parsed.text, [str(one) for one in found])
        return permitted

    async def connect(self, host: str, port: int) -> socket.socket:
        """Return a connected, non-blocking socket to a permitted address of the host.

        The address that is judged is the one that is connected to. Close the socket.

        Raises:
            Refused: It could not be reached.
        """
        import aiohappyeyeballs

        addresses = await self.resolve(host)
        async with self.stage("connect"):
            try:
                return await aiohappyeyeballs.start_connection(
                    [_info(address, port) for address in addresses],
                    happy_eyeballs_delay=_NEXT_ADDRESS_S,
                    interleave=1,
                )
            except OSError as error:
                raise of_error(error, "connect") from error

    async def reach(self, host: str, port: int) -> IpAddress:
        """See that something listens there; return the address at which it does.

        For drivers that make their connections themselves: a closed port, a dead name or a
        blocked address is then told in the words that every technology shares.
        """
        sock = await self.connect(host, port)
        try:
            return ip_address(sock.getpeername()[0])
        finally:
            sock.close()

    def trust(self) -> ssl.SSLContext:
        """Return the TLS context that the place asks for, shared: never change it.

        Raises:
            Refused: Its file of authorities cannot be used.
        """
        return trust_of(self.place, self.tools.ca_file)

    def trust_file(self) -> str:
        """Return a file (PEM) of everybody the place trusts, for drivers that want a file.

        Raises:
            Refused: Its file of authorities cannot be used.
        """
        self.trust()
        return trust_file_of(self.place, self.tools.ca_file)

    def require_url(self, url: str) -> None:
        """Refuse what no driver should be given: no plain URL, or a blocked address in it.

        Raises:
            Refused: `invalid_url` or `address_blocked`.
        """
        require_web_url(url)
        host = parse_host(urlsplit(url).hostname or "")
        if host.address is not None and not self.tools.policy.permits(host, host.address):
            self.stage_name = "address"
            raise blocked(host.text, [str(host.address)])

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send an HTTP request within the deadline; its steps become stages of this check.

        Raises:
            Refused: There was no usable answer.
        """
        from dataclasses import replace

        limited = replace(
            request,
            deadline_s=min(request.deadline_s, max(0.01, self.remaining_s - _TO_TELL_S)),
            ssl_context=self.trust() if has_own_trust(self.place) else None,
        )
        try:
            answer = await self.tools.client.send(limited)
        except HttpFault as fault:
            self.stages += fault.stages
            self.stage_name = fault.stage
            raise of_fault(fault) from fault
        self.stages += answer.stages
        self.stage_name = "evaluate"
        return answer


def _is_about_tls(error: BaseException) -> bool:
    code = error.code if isinstance(error, Refused) else ""
    return code.startswith("tls_") and code != "tls_required"


def _info(
    address: IpAddress, port: int
) -> tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]:
    if address.version == 4:  # noqa: PLR2004 - the number is the version's name
        return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (str(address), port))
    where = (str(address), port, 0, 0)
    return (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where)
