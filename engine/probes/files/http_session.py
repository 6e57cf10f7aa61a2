"""HTTP for the drivers that bring their own: under this house's address rule, TLS and bounds.

The stores' libraries all stand on aiohttp and take a session from outside. This one connects
through the checked connector, so the address that is judged is the one that is connected to and
its steps become the check's stages; it follows no redirect, keeps no cookie, knows no proxy, and
reads no more of an answer than a check may.
"""

from __future__ import annotations

import asyncio
import io
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from engine.http import HttpFault
from engine.http.body import read_body
from engine.http.client import MAX_BODY
from engine.http.connector import CheckedConnector
from engine.http.faults import broken_fault
from engine.http.steps import CURRENT, Steps
from engine.probes.refusals import of_fault
from engine.probes.running import causes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine.probes.attempt import Attempt


class DriverSession:
    """What stands in for `aiohttp.ClientSession`: the same `request`, without redirects."""

    closed = False
    auto_decompress = True

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stay open: whoever opened it closes it."""

    async def close(self) -> None:
        """Stay open, as above."""

    def request(self, method: str, url: Any, **options: Any) -> Any:
        """Send as aiohttp does; proxies, redirects and TLS settings of the driver are left out."""
        for name in ("proxy", "proxy_headers", "ssl", "allow_redirects", "timeout"):
            options.pop(name, None)
        if isinstance(content := options.get("data"), bytes | bytearray):
            # aiohttp sends what it is given whole in one step, and warns of that from 1 MiB on.
            options["data"] = io.BytesIO(content)
        return self._session.request(method, url, allow_redirects=False, **options)


class _BoundedResponse(aiohttp.ClientResponse):
    """A response of which no more is kept than a check reads."""

    async def read(self) -> bytes:
        if self._body is None:
            self._body = await read_body(
                self.content.iter_any(),
                coding=self.headers.get("content-encoding", ""),
                # A HEAD tells the length of a body that does not come.
                length="" if self.method == "HEAD" else self.headers.get("content-length", ""),
                limit=MAX_BODY,
            )
        return self._body


class _NamedSteps(Steps):
    """Steps in which waiting for the answer has the name of what was asked."""

    __slots__ = ("_asked", "_attempt")

    def __init__(self, attempt: Attempt, asked: str) -> None:
        super().__init__(asyncio.get_running_loop().time() + attempt.remaining_s, attempt.trust())
        self._attempt = attempt
        self._asked = asked

    def enter(self, stage: str) -> None:
        super().enter(self._asked if stage == "response" else stage)
        self._attempt.stage_name = self.stage


@asynccontextmanager
async def driver_session(
    attempt: Attempt, endpoint: str, *, asking: str = "list"
) -> AsyncIterator[DriverSession]:
    """Open a session for one check and close it, whatever happens.

    Args:
        attempt: The check, which gets the stages.
        endpoint: The URL that will be asked, to be refused early where it is none.
        asking: The name of the stage in which the answer is waited for.

    Raises:
        Refused: The network stood against what the driver did.
    """
    attempt.require_url(endpoint)
    steps = _NamedSteps(attempt, asking)
    CURRENT.set(steps)
    session = aiohttp.ClientSession(
        connector=CheckedConnector(attempt.tools.policy, attempt.tools.resolve, None),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity", "User-Agent": "Lampboard"},
        response_class=_BoundedResponse,
        skip_auto_headers=("Content-Type",),
        auto_decompress=False,
        trust_env=False,
    )
    # aiohttp sends again what broke before its answer; here that would hide a fault.
    session._retry_connection = False  # noqa: SLF001 - there is no public switch
    ok = False
    try:
        yield DriverSession(session)
        ok = True
    except Exception as error:
        if fault := _fault_of(error, steps.stage):
            raise of_fault(fault) from error
        raise
    finally:
        attempt.stage_name = steps.stage
        attempt.stages += steps.finish(ok=ok)
        await session.close()


def _fault_of(error: Exception, stage: str) -> HttpFault | None:
    """Return the network's fault that a driver's error stands on, if it does."""
    chain = causes(error)
    for cause in chain:
        if isinstance(cause, HttpFault):
            return cause
    for cause in chain:
        if isinstance(cause, aiohttp.ClientError):
            return broken_fault(cause, stage)
    return None
