"""Nothing is decided that would let in who should stay out."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import InvalidInput
from tui.serve.access import Told, decide

TOKEN = "a-token-of-one's-own"
TLS = {"certificate": "tls.pem", "key": "tls.key"}
PROXIED = {"behind_proxy": "X-User", "public_url": "https://board.example"}


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"host": "0.0.0.0"}, "host"),
        ({"host": "::"}, "host"),
        ({"host": "192.0.2.10"}, "host"),
        ({"host": "192.0.2.10", "token": TOKEN}, "host"),
        ({"host": "192.0.2.10", **TLS}, "host"),
        ({"host": "::ffff:192.0.2.10", "token": TOKEN}, "host"),
        ({"host": "0.0.0.0", "token": TOKEN, **TLS}, "public_url"),
        ({"host": "board.example", "token": TOKEN, **TLS}, "host"),
        ({"certificate": "tls.pem"}, "certificate"),
        ({"key": "tls.key"}, "certificate"),
        ({"proxies": ("192.0.2.2",)}, "behind_proxy"),
        ({**PROXIED}, "proxy"),
        ({**PROXIED, "proxies": ("0.0.0.0/0",)}, "proxy"),
        ({**PROXIED, "proxies": ("::/0",), "token": TOKEN}, "proxy"),
        ({**PROXIED, "proxies": ("everybody",)}, "proxy"),
        ({**PROXIED, "proxies": ("127.0.0.1",)}, "token_file"),
        ({**PROXIED, "proxies": ("192.0.2.2", "::1")}, "token_file"),
        ({**PROXIED, "proxies": ("0.0.0.0/1",)}, "token_file"),
        ({"behind_proxy": "X-User", "proxies": ("192.0.2.2",)}, "public_url"),
        ({**PROXIED, "behind_proxy": "X User", "proxies": ("192.0.2.2",)}, "behind_proxy"),
        ({"public_url": "board.example"}, "public_url"),
        ({"public_url": "ftp://board.example"}, "public_url"),
        ({"public_url": "https://me:secret@board.example"}, "public_url"),
        ({"public_url": "https://board.example:port"}, "public_url"),
        ({"public_url": "https://board.example/?token=x"}, "public_url"),
    ],
)
def test_what_lets_too_many_in_is_refused(told: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decide(Told(**told))
    assert caught.value.field == field
    assert caught.value.hint
    assert "secret" not in str(caught.value)


def test_on_loopback_a_token_is_made_and_no_two_are_alike() -> None:
    one, other = decide(Told()), decide(Told())
    assert one.token_was_made
    assert one.token is not None
    assert len(one.token) >= 43  # 256 bits
    assert one.token != other.token
    assert one.token not in repr(one)


def test_loopback_goes_by_its_own_names_alone() -> None:
    access = decide(Told(port=8000))
    assert access.hosts == {"127.0.0.1:8000", "localhost:8000", "[::1]:8000"}
    assert (access.origin, access.home) == ("http://127.0.0.1:8000", "/")
    assert not access.is_secure


def test_a_public_address_is_one_more_name() -> None:
    access = decide(Told(port=8000, public_url="HTTPS://Board.Example:443/board/"))
    assert (access.origin, access.home) == ("https://board.example", "/board/")
    assert access.hosts == {"127.0.0.1:8000", "localhost:8000", "[::1]:8000", "board.example"}
    assert access.is_secure


def test_every_address_goes_by_its_public_name_alone() -> None:
    told = Told(host="0.0.0.0", port=8443, token=TOKEN, public_url="https://b.example:8443", **TLS)
    access = decide(told)
    assert access.hosts == {"b.example:8443"}
    assert access.token == TOKEN
    assert not access.token_was_made


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [
        ("192.0.2.2", True),
        ("192.0.2.3", False),
        ("::ffff:192.0.2.2", True),
        ("2001:db8::7%eth0", True),
        ("127.0.0.1", False),
        ("", False),
        (None, False),
    ],
)
def test_only_the_proxy_is_the_proxy(peer: str | None, *, trusted: bool) -> None:
    access = decide(Told(**PROXIED, proxies=("192.0.2.2", "2001:db8::/64")))  # type: ignore[arg-type]
    assert access.trusts(peer) is trusted
    assert access.token is None
