"""How the page may be reached: where it listens, under which names, and what opens it.

There are three ways in. On loopback a token opens it, because other users of the machine reach
loopback too. Beyond loopback it takes a token that was chosen, and TLS. Behind a proxy it takes the
header that names who came, from the proxy's own address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from engine.errors import InvalidInput
from tui.serve import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    Address = IPv4Address | IPv6Address
    Network = IPv4Network | IPv6Network

PORT = 8000
TOKEN_HEADER = "X-Lampboard-Token"  # noqa: S105 - the name of a header
_STANDARD = {"http": 80, "https": 443}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_EVERYBODY = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What the command line was told, not yet looked at; `token` is None where none was given."""

    host: str = "127.0.0.1"
    port: int = PORT
    token: str | None = field(default=None, repr=False)
    certificate: str | None = None
    key: str | None = None
    public_url: str | None = None
    behind_proxy: str | None = None
    proxies: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """What was decided; made by `decide`.

    Attributes:
        address: The address that is listened on.
        port: The port; 0 for any that is free, until it is known (`at_port`).
        token: What opens the page, or what a proxy has to send; None where nothing is asked.
        token_was_made: Whether the token was made here, so that people must be shown it.
        certificate: The file of the certificate, where this server speaks TLS itself.
        key: The file of its key.
        public: The origin that browsers show, where it is not the one that is listened on.
        home: The path of the page there; a proxy may have put it below others.
        header: The header by which a proxy names who came; None where there is no proxy.
        proxies: Whose word is taken for it.
    """

    address: Address
    port: int
    token: str | None = field(repr=False)
    token_was_made: bool
    certificate: str | None
    key: str | None
    public: str | None
    home: str
    header: str | None
    proxies: tuple[Network, ...]

    @property
    def origin(self) -> str:
        """The address that people open, as an origin."""
        return self.public or self._own(str(self.address))

    @property
    def origins(self) -> frozenset[str]:
        """The origins whose pages may speak with this server."""
        own = _LOOPBACK if self.address.is_loopback else (str(self.address),)
        named = {self._own(host) for host in own if not self.address.is_unspecified}
        return frozenset(named | ({self.public} if self.public else set()))

    @property
    def hosts(self) -> frozenset[str]:
        """What a request may call this server; other names may have been made to lead here."""
        return frozenset(origin.partition("://")[2] for origin in self.origins)

    @property
    def is_secure(self) -> bool:
        """Whether browsers speak TLS to whatever they speak to."""
        return self.origin.startswith("https://")

    def trusts(self, peer: str | None) -> bool:
        """Tell whether a connection comes from the proxy."""
        try:
            address = ip_address((peer or "").partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self.proxies)

    def _own(self, host: str) -> str:
        return origin("https" if self.certificate else "http", host, self.port)


def origin(scheme: str, host: str, port: int | None) -> str:
    """Return an origin as browsers write it: lower case, without the port of its scheme."""
    shown = f"[{host}]" if ":" in host else host.lower()
    plain = port is None or port == _STANDARD.get(scheme)
    return f"{scheme}://{shown}" + ("" if plain else f":{port}")


def decide(told: Told) -> Access:
    """Return how the page may be reached.

    Raises:
        InvalidInput: What was told would let in who should stay out, or cannot be used.
    """
    address = _address(told.host)
    if bool(told.certificate) != bool(told.key):
        raise InvalidInput(
            "A certificate and its key are given together.",
            hint="Give both --certificate and --key.",
            field="certificate",
        )
    proxies = _proxies(told)
    public = None if told.public_url is None else _public(told.public_url)
    if told.behind_proxy is None:
        _require_own_defence(told, address)
    _require_name(told, address)
    needs_token = told.behind_proxy is None
    return Access(
        address=address,
        port=told.port,
        token=told.token or (tokens.made() if needs_token else None),
        token_was_made=needs_token and told.token is None,
        certificate=told.certificate,
        key=told.key,
        public=public,
        home=urlsplit(told.public_url or "").path.rstrip("/") + "/",
        header=told.behind_proxy,
        proxies=proxies,
    )


def _address(host: str) -> Address:
    try:
        return ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
    except ValueError:
        raise InvalidInput(
            f"{host[:100]!r} is not an address of this machine.",
            hint="Give an IP address, such as 127.0.0.1, 192.0.2.10 or 0.0.0.0.",
            field="host",
        ) from None


def _require_own_defence(told: Told, address: Address) -> None:
    """Refuse to be reached from elsewhere without TLS and a token that somebody chose."""
    if address.is_loopback or (told.certificate and told.token):
        return
    missing = " and ".join(
        name for name, given in (("a token", told.token), ("TLS", told.certificate)) if not given
    )
    raise InvalidInput(
        f"Beyond this machine ({told.host}) the dashboard is not served without {missing}.",
        hint="Give --token-file, --certificate and --key; or let a proxy that authenticates be "
        "in front, with --behind-proxy; or listen on 127.0.0.1.",
        field="host",
    )


def _require_name(told: Told, address: Address) -> None:
    """Refuse where nobody could tell this server's own pages from another's."""
    if told.public_url or not (told.behind_proxy or address.is_unspecified):
        return
    where = "Behind a proxy" if told.behind_proxy else f"On every address ({told.host})"
    raise InvalidInput(
        f"{where} it has to be known under which address browsers come.",
        hint="Give --public-url, such as https://board.example.",
        field="public_url",
    )


def _proxies(told: Told) -> tuple[Network, ...]:
    """Return the networks of the proxy; refuses what would let somebody else pass for it."""
    if told.behind_proxy is None:
        if told.proxies:
            raise InvalidInput(
                "A proxy's address is told, but not the header by which it names who came.",
                hint="Give --behind-proxy with the header's name.",
                field="behind_proxy",
            )
        return ()
    if not _HEADER.fullmatch(told.behind_proxy):
        raise InvalidInput(
            f"{told.behind_proxy[:100]!r} cannot be the name of a header.",
            hint="Give one such as X-Forwarded-User.",
            field="behind_proxy",
        )
    if not told.proxies:
        raise InvalidInput(
            "Whoever can reach this server could send the header that names who came.",
            hint="Give --proxy with the address of the proxy; from nobody else it is taken.",
            field="proxy",
        )
    networks = _networks(told.proxies)
    if told.token is None and any(_holds_loopback(network) for network in networks):
        raise InvalidInput(
            "A proxy on this machine has the same address as every other program on it.",
            hint=f"Give --token-file too, and have the proxy send the token as {TOKEN_HEADER}.",
            field="token_file",
        )
    return networks


def _holds_loopback(network: Network) -> bool:
    return any(ip_address(one) in network for one in ("127.0.0.1", "::1")) or network.is_loopback


def _networks(texts: Sequence[str]) -> tuple[Network, ...]:
    networks = []
    for text in texts:
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            raise InvalidInput(
                f"{text[:100]!r} is not the address of a proxy.",
                hint="Give an IP address, such as 192.0.2.10, or a network, such as 192.0.2.0/28.",
                field="proxy",
            ) from None
        if network.prefixlen == _EVERYBODY:
            raise InvalidInput(
                f"{text} is everybody's address, not a proxy's.",
                hint="Give the address of the proxy itself.",
                field="proxy",
            )
        networks.append(network)
    return tuple(networks)


def _public(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    known = parts.scheme in _STANDARD and host.isascii() and not (parts.query or parts.fragment)
    if not (known and host) or parts.username is not None:
        raise InvalidInput(
            "The public URL is not one that a browser could open.",
            hint="Give scheme and name, such as https://board.example or http://127.0.0.1:8080.",
            field="public_url",
        )
    return origin(parts.scheme, host, port)
