"""Who comes in, and who does not: names, origins, tokens, proxies."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from tui.serve import tokens
from tui.serve.access import TOKEN_HEADER, Access, Told, decide
from tui.serve.guard import SOCKET, Admitted, Knock, Refused, Stranger, Verdict, judge

TOKEN = "0123456789abcdef"
HOST = ("Host", "127.0.0.1:8000")
OWN = ("Origin", "http://127.0.0.1:8000")
LOCAL = decide(Told(token=TOKEN))
COOKIE = {"lampboard-8000": tokens.cookie_of(TOKEN)}
PROXIED = decide(
    Told(
        host="192.0.2.10",
        behind_proxy="X-User",
        proxies=("192.0.2.2",),
        public_url="https://board.example",
    )
)


def verdict(
    *headers: tuple[str, str],
    access: Access = LOCAL,
    path: str = "/",
    cookies: dict[str, str] | None = None,
    peer: str = "127.0.0.1",
) -> Verdict:
    told = CIMultiDictProxy(CIMultiDict(headers))
    kept = COOKIE if cookies is None else cookies
    return judge(access, Knock(path=path, headers=told, cookies=kept, peer=peer))


def status(found: Verdict) -> int | None:
    return found.status if isinstance(found, Refused) else None


def test_the_cookie_lets_in() -> None:
    assert verdict(HOST) == Admitted()
    assert verdict(HOST, OWN, path=SOCKET) == Admitted()


@pytest.mark.parametrize(
    "kept", [{}, {"lampboard-8000": ""}, {"lampboard-8000": TOKEN}, {"lampboard-8001": "x"}]
)
def test_without_the_right_cookie_nobody_is_known(kept: dict[str, str]) -> None:
    assert verdict(HOST, cookies=kept) == Stranger()
    assert verdict(HOST, OWN, path=SOCKET, cookies=kept) == Stranger()


@pytest.mark.parametrize(
    "host",
    [
        *("rebound.example", "rebound.example:8000", "127.0.0.1", "127.0.0.1:8001", ""),
        *("127.0.0.1:8000.rebound.example", "localhost.rebound.example:8000", "0.0.0.0:8000"),
        *("localhost:8000@rebound.example", "127.0.0.2:8000", "127.0.0.1:8000 "),
    ],
)
def test_under_a_foreign_name_the_cookie_is_worth_nothing(host: str) -> None:
    assert status(verdict(("Host", host))) == 421


def test_two_names_are_none() -> None:
    assert status(verdict(HOST, ("Host", "rebound.example"))) == 421
    assert status(verdict()) == 421


@pytest.mark.parametrize("host", ["LOCALHOST:8000", "[::1]:8000", "localhost:8000"])
def test_its_own_names_lead_in(host: str) -> None:
    assert verdict(("Host", host)) == Admitted()


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "null", "http://127.0.0.1:8001", "http://127.0.0.1"),
        *("https://127.0.0.1:8000", "http://127.0.0.1:8000.evil.example", "", "file://"),
    ],
)
def test_a_foreign_page_is_refused_with_the_right_cookie(origin: str) -> None:
    for path in ("/", SOCKET, "/enter", "/static/js/textual.js"):
        assert status(verdict(HOST, ("Origin", origin), path=path)) == 403
    assert status(verdict(HOST, OWN, ("Origin", origin), path=SOCKET)) == 403


def test_a_socket_says_where_it_comes_from() -> None:
    assert status(verdict(HOST, path=SOCKET)) == 403


def test_the_port_that_goes_without_saying() -> None:
    access = decide(
        Told(
            host="0.0.0.0",
            token=TOKEN,
            certificate="c",
            key="k",
            public_url="https://board.example",
        )
    )
    cookie = {"lampboard-8000": tokens.cookie_of(TOKEN)}
    for host in ("board.example", "board.example:443", "Board.Example"):
        assert verdict(("Host", host), access=access, cookies=cookie) == Admitted()
    assert status(verdict(("Host", "board.example:80"), access=access, cookies=cookie)) == 421


NAMED = (("Host", "board.example"), ("X-User", "ada"))


def test_the_proxy_says_who_came() -> None:
    assert verdict(*NAMED, access=PROXIED, peer="192.0.2.2") == Admitted(who="ada")


def test_a_cookie_is_no_proxy() -> None:
    found = verdict(("Host", "board.example"), access=PROXIED, peer="192.0.2.2")
    assert status(found) == 403


@pytest.mark.parametrize("peer", ["192.0.2.3", "127.0.0.1", "192.0.2.20", "::1"])
def test_from_elsewhere_the_header_is_worth_nothing(peer: str) -> None:
    assert status(verdict(*NAMED, access=PROXIED, peer=peer)) == 403


@pytest.mark.parametrize("names", [(), ("",), ("  ",), ("ada", "eve"), ("\x1b[31m",), ("a" * 201,)])
def test_a_proxy_that_names_nobody_or_two_lets_nobody_in(names: tuple[str, ...]) -> None:
    told = [("X-User", name) for name in names]
    found = verdict(("Host", "board.example"), *told, access=PROXIED, peer="192.0.2.2")
    assert status(found) == 403


def test_what_a_proxy_says_does_not_steer_a_terminal() -> None:
    told = ("X-User", "ada\x1b]0;x\x07 l")
    found = verdict(NAMED[0], told, access=PROXIED, peer="192.0.2.2")
    assert found == Admitted(who="ada l")


def test_foreign_pages_do_not_come_through_a_proxy() -> None:
    for origin in ("https://evil.example", "http://board.example"):
        found = verdict(*NAMED, ("Origin", origin), access=PROXIED, peer="192.0.2.2", path=SOCKET)
        assert status(found) == 403


def test_a_proxy_on_this_machine_proves_itself() -> None:
    access = decide(
        Told(
            token=TOKEN,
            behind_proxy="X-User",
            proxies=("127.0.0.1",),
            public_url="https://board.example",
        )
    )
    assert status(verdict(*NAMED, access=access)) == 403
    assert status(verdict(*NAMED, (TOKEN_HEADER, "0123456789abcdeX"), access=access)) == 403
    twice = (TOKEN_HEADER, TOKEN), (TOKEN_HEADER, TOKEN)
    assert status(verdict(*NAMED, *twice, access=access)) == 403
    assert verdict(*NAMED, (TOKEN_HEADER, TOKEN), access=access) == Admitted(who="ada")
