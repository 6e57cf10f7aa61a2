"""Which network addresses a check may connect to.

The rule is applied to the address that is about to be connected to, never to a name alone, so
a name that changes its mind between two lookups gains nothing.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

# Reached by no check unless the operator listed the very address: whoever can make a monitor
# fetch these can read a cloud machine's credentials. Beside the link-local ranges these are the
# metadata and wire servers of AWS, Google, Alibaba, Oracle, Azure and Scaleway.
_NEVER = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "255.255.255.255/32",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "192.0.0.192/32",
        "::/128",
        "fe80::/10",
        "ff00::/8",
        "fd00:ec2::/32",
        "fd20:ce::254/128",
        "fd00:42::42/128",
    )
)
_SITE_LOCAL = IPv6Network("fec0::/10")
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Host:
    """The host of a URL, read once.

    Attributes:
        text: As it was written, without brackets.
        address: The address it spells; None for a name.
        canonical: False for an address in any spelling but its usual one, such as `127.1`.
    """

    text: str
    address: IpAddress | None = None
    canonical: bool = True

    @property
    def is_localhost(self) -> bool:
        """True for the one name that says itself that it is this machine."""
        return self.text.rstrip(".").lower() == "localhost"


@lru_cache(maxsize=4096)
def parse_host(text: str) -> Host:
    """Read a host as a browser would: whatever ends in a number is an address.

    Raises:
        ValueError: It looks like an address, but is none.
    """
    if ":" in text:
        address = IPv6Address(text)
        usual = text.lower() == address.compressed and embedded(address) is None
        return Host(text, address, usual)
    if not _ends_in_number(text):
        return Host(text)
    try:
        return Host(text, IPv4Address(text))
    except ValueError:
        return Host(text, IPv4Address(_loose_ipv4(text)), canonical=False)


def embedded(address: IpAddress) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    compatible = 1 < int(address) < 1 << 32
    return IPv4Address(int(address) & 0xFFFFFFFF) if compatible or address in _NAT64 else None


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressPolicy:
    """The address rule with the operator's exceptions.

    Metadata, link-local, multicast and unspecified addresses are blocked. Private and loopback
    ones are open to who typed them: as an address in its usual spelling, or as `localhost`. A
    name that leads to one is blocked, for its owner may not be the operator.

    Attributes:
        allow_addresses: Exact addresses that are always allowed, metadata ones included.
        allow_networks: Networks in CIDR notation whose private addresses any name may resolve to;
            metadata and link-local addresses stay blocked in them.
        allow_private: Whether any name may resolve to private and loopback addresses.
    """

    allow_addresses: frozenset[str] = frozenset()
    allow_networks: frozenset[str] = frozenset()
    allow_private: bool = False

    def permits(self, host: Host, address: IpAddress) -> bool:
        """Tell whether `address`, found for `host`, may be connected to."""
        if self._listed(address):
            return True
        if host.address is not None and not host.canonical:
            inner = embedded(address)
            return inner is not None and self._listed(inner)
        typed = host.address is not None or (host.is_localhost and address.is_loopback)
        return self._open(address, typed=typed)

    def _open(self, address: IpAddress, *, typed: bool) -> bool:
        inner = embedded(address)
        if inner is not None:
            return self._listed(inner) or self._open(inner, typed=False)
        if _is_never(address):
            return False
        return typed or self.allow_private or _is_public(address)

    def _listed(self, address: IpAddress) -> bool:
        """True for an address that the operator's lists name, exactly or by its network."""
        if address in _addresses(self.allow_addresses):
            return True
        networks = _networks(self.allow_networks)
        return any(address in network for network in networks) and not _is_never(address)


def _ends_in_number(text: str) -> bool:
    last = text.rstrip(".").rpartition(".")[2].lower()
    return last.isdigit() or (
        last.startswith("0x") and all(c in "0123456789abcdef" for c in last[2:])
    )


def _loose_ipv4(text: str) -> bytes:
    try:
        return socket.inet_aton(text.rstrip("."))
    except OSError as error:
        raise ValueError(f"{text!r} is not an address") from error


def _is_never(address: IpAddress) -> bool:
    return any(address in network for network in _NEVER)


def _is_public(address: IpAddress) -> bool:
    return address.is_global and address not in _SITE_LOCAL


@lru_cache(maxsize=64)
def _addresses(texts: frozenset[str]) -> frozenset[IpAddress]:
    return frozenset(ip_address(text) for text in texts)


@lru_cache(maxsize=64)
def _networks(texts: frozenset[str]) -> tuple[IpNetwork, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)
