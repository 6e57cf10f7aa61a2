"""Whether this machine is online: a check that could not leave it says nothing of its target.

Routes are looked up, nothing is sent. Only checks that failed without an answer are asked about,
so that a private network without a way to the internet goes on being checked.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.probes.result import ProbeResult

# Documentation addresses (RFC 5737, RFC 3849): nobody's, so the route to them is the default one.
_ANYWHERE = ("198.51.100.1", "2001:db8::1")
# Where a check was still on its way, or never on it (a refused reference, an unusable field).
_UNSENT = frozenset({"credential", "request", "address", "evaluate"})
_DISCARD_PORT = 9
_KEEP_S = 0.5


def has_route(address: str) -> bool:
    """Tell whether this machine has a route to the address; sends nothing."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        # Connecting a datagram socket only looks the route up.
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, _DISCARD_PORT))
    except OSError:
        return False
    return True


class Network:
    """Judges failures by whether they could have left this machine.

    Attributes:
        offline: Whether the last failure that was asked about could not have, and no route has
            appeared since.
    """

    def __init__(self, routed: Callable[[str], bool] = has_route) -> None:
        self._routed = routed
        self._looked_at = float("-inf")
        self._found = True
        self.offline = False

    def is_to_blame(self, result: ProbeResult, place: str | None, now: float) -> bool:
        """Tell whether a result is this machine's fault: no answer, and no route to the target.

        Args:
            result: What the check came to.
            place: The host that it reaches; None for a check that never leaves this machine.
            now: Monotonic seconds.
        """
        if place is None or result.state is not CusHealthState.FAILING or _was_heard(result):
            return False
        if result.stage in _UNSENT or self._reachable(place, now):
            return False
        self.offline = True
        return True

    def look(self, now: float) -> bool:
        """Return whether the machine is known to be offline, noticing when it no longer is."""
        if self.offline and self._online(now):
            self.offline = False
        return self.offline

    def _reachable(self, host: str, now: float) -> bool:
        if host.rstrip(".") == "localhost":
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return self._online(now)
        return address.is_loopback or self._routed(str(address))

    def _online(self, now: float) -> bool:
        if now - self._looked_at > _KEEP_S:
            self._looked_at = now
            self._found = any(self._routed(address) for address in _ANYWHERE)
        return self._found


def _was_heard(result: ProbeResult) -> bool:
    """Tell whether the other side, or its machine, said anything at all."""
    if result.status_code is not None or result.error == "refused":
        return True
    return any(stage.name == "connect" and stage.ok for stage in result.stages)
