"""Which network addresses a check may connect to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressPolicy:
    """The operator's exceptions to the address rule.

    Attributes:
        allow_addresses: Exact addresses that are always allowed, metadata ones included.
        allow_networks: Networks in CIDR notation whose private addresses any name may resolve to;
            metadata and link-local addresses stay blocked in them.
        allow_private: Whether any name may resolve to private and loopback addresses.
    """

    allow_addresses: frozenset[str] = frozenset()
    allow_networks: frozenset[str] = frozenset()
    allow_private: bool = False
