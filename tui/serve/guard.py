"""Decides about a request before anything else looks at it. Pure: facts in, a verdict out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.serve import tokens
from tui.serve.access import TOKEN_HEADER
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multidict import CIMultiDictProxy

    from tui.serve.access import Access

SOCKET = "/ws"
ENTER = "/enter"
OPEN = frozenset({ENTER, "/look/page.css", "/look/icon.svg"})
"""What is told to who has not come in yet: the way in, and how it looks."""

_LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Knock:
    """A request, as far as it matters to who may come in; `peer` is the other side's address."""

    path: str
    headers: CIMultiDictProxy[str]
    cookies: Mapping[str, str]
    peer: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """Nobody comes in like this: a status and a sentence that gives nothing away."""

    status: int
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stranger:
    """Nothing is wrong with the request, but who it is has not been told: a token is asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Admitted:
    """Whoever it is may come in; `who` is the proxy's word for them, or empty."""

    who: str = ""


Verdict = Refused | Stranger | Admitted


def cookie_name(port: int) -> str:
    """Return the cookie's name: browsers send cookies to every port of a host."""
    return f"lampboard-{port}"


def judge(access: Access, knock: Knock) -> Verdict:
    """Return what comes of a request.

    The name by which it was called goes first: a page of another name that was made to lead here
    (DNS rebinding) counts as this server's own to a browser. Then the page that it comes from,
    since a browser lets any page open a WebSocket to any server. Then who it is.
    """
    hosts = knock.headers.getall("Host", [])
    if len(hosts) != 1 or _plain_host(access, hosts[0]) not in access.hosts:
        return Refused(status=421, why="This server does not go by that name.")
    origins = knock.headers.getall("Origin", [])
    if knock.path == SOCKET and not origins:
        return Refused(status=403, why="Only a page of this server may open a board.")
    if any(one.lower() not in access.origins for one in origins):
        return Refused(status=403, why="That page is not one of this server.")
    if access.header is not None:
        return _by_proxy(access, access.header, knock)
    kept = knock.cookies.get(cookie_name(access.port), "")
    if access.token is not None and tokens.same(kept, tokens.cookie_of(access.token)):
        return Admitted()
    return Stranger()


def _plain_host(access: Access, host: str) -> str:
    """Return a host as browsers write it, without a port that goes without saying."""
    return host.lower().removesuffix(":443" if access.is_secure else ":80")


def _by_proxy(access: Access, header: str, knock: Knock) -> Verdict:
    if not access.trusts(knock.peer):
        return Refused(status=403, why="Only the proxy in front of this server may come here.")
    sent = knock.headers.getall(TOKEN_HEADER, [])
    if access.token is not None and not (len(sent) == 1 and tokens.same(sent[0], access.token)):
        return Refused(status=403, why="The proxy in front of this server did not prove itself.")
    named = knock.headers.getall(header, [])
    who = clean(named[0]).strip() if len(named) == 1 else ""
    if not 0 < len(who) <= _LONGEST_NAME:
        return Refused(status=403, why="The proxy in front of this server did not say who came.")
    return Admitted(who=who)
