"""The child that apprise runs in: it may connect where checks may, and to nothing else.

Python's audit events come before each file that is opened, each program that is started and
each socket that is connected; what is not allowed fails there, whichever service tried it.
"""

from __future__ import annotations

import json
import os
import sys
from ipaddress import ip_address
from typing import Any, NoReturn

from engine.alerts.delivery import REFUSED, TOLD, UNSURE
from engine.alerts.services_watch import Watch
from engine.http.addresses import AddressPolicy, Host, parse_host

UNKNOWN = "apprise has no such service, or its URL lacks something."
_PROGRAMS = frozenset(
    {
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "pty.spawn",
    }
)
_READ_TOO = (
    "/etc/mime.types",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/dev/null",
    "/dev/urandom",
)
_WRITES = frozenset("wax+")
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = frozenset({"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink"})


class Fence:
    """Refuses what the child may not do, and knows whether it has reached anybody.

    Args:
        policy: Which addresses may be connected to.
    """

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self._asked: set[str] = set()
        places = (sys.prefix, sys.base_prefix, *filter(None, sys.path))
        self._readable = tuple({os.path.realpath(place) for place in places})
        self.reached = False
        self.blocked = False

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Be told of an event before it happens."""
        if event == "open":
            self._open(*args[:3])
        elif event == "socket.getaddrinfo":
            self._asked.add(str(args[0] or ""))
        elif event in {"socket.connect", "socket.sendto"}:
            self._connect(args[1])
        elif event in _CHANGES:
            self._refuse("A service may not change files.")
        elif event in _PROGRAMS:
            self._refuse("A service may not start programs.")

    def _open(self, path: object, mode: object, flags: int) -> None:
        if isinstance(path, int):
            return
        name = os.path.realpath(os.fsdecode(path))  # type: ignore[arg-type]
        writes = _WRITES & set(mode) if isinstance(mode, str) else flags & _WRITE_FLAGS
        if writes and name != os.devnull:
            self._refuse("A service may not write files.")
        if not name.startswith(self._readable) and not name.startswith(_READ_TOO):
            self._refuse("A service may not read files.")

    def _connect(self, address: object) -> None:
        if not isinstance(address, tuple):
            self._refuse("A service may only use the network.")
        found = ip_address(str(address[0]).partition("%")[0])
        if not self._policy.permits(self._host(found), found):
            self.blocked = True
            self._refuse("The address is not one that may be connected to.")
        if not self.reached:
            self.reached = True
            say({"reached": True})

    def _host(self, found: Any) -> Host:
        """Return the host that was asked for: an address that was typed is open to who typed it."""
        for text in self._asked:
            try:
                host = parse_host(text)
            except ValueError:
                continue
            if host.address == found or (host.is_localhost and found.is_loopback):
                return host
        return Host("a.name")

    @staticmethod
    def _refuse(why: str) -> NoReturn:
        raise PermissionError(why)


def main() -> None:
    """Do one order: what a child runs."""
    order = json.loads(sys.stdin.readline())
    policy = AddressPolicy(
        allow_addresses=frozenset(order.get("allow_addresses", ())),
        allow_networks=frozenset(order.get("allow_networks", ())),
    )
    fence, watch = Fence(policy), Watch()
    watch.listen()  # apprise writes URLs, headers and answers to its log
    sys.addaudithook(fence)
    try:
        say(_look(order["look"], watch) if "look" in order else _notify(order, fence, watch))
    except Exception:  # noqa: BLE001 - a service's own fault, whose text may hold its URL
        say({"outcome": _failed(fence), "message": "The service broke down."})
    # No goodbye of a service's threads: what was asked is answered.
    os._exit(0)


def say(words: object) -> None:
    """Tell the parent one line."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def _look(url: str, watch: Watch) -> dict[str, object]:
    import apprise

    found = apprise.Apprise.instantiate(url, asset=_asset(apprise), suppress_exceptions=True)
    if found:
        return {"service": str(found.service_name)}
    return {"service": "", "message": f"{UNKNOWN}{watch.because(url)}"}


def _notify(order: dict[str, Any], fence: Fence, watch: Watch) -> dict[str, object]:
    import apprise

    watch.begin()
    speaker = apprise.Apprise(asset=_asset(apprise))
    if not speaker.add(order["url"]):
        return {"outcome": REFUSED, "message": f"{UNKNOWN}{watch.because(order['url'])}"}
    done = speaker.notify(
        title=order["title"],
        body=order["body"],
        notify_type=order["type"],
        body_format=apprise.NotifyFormat.TEXT,
    )
    if done:
        return {"outcome": TOLD, "message": "The service took it."}
    if fence.blocked:
        return {"outcome": REFUSED, "message": "The address is not one that may be connected to."}
    if watch.lost:
        return {"outcome": UNSURE, "message": "It was sent, and the service gave no answer."}
    why = watch.because(order["url"])
    if watch.told_some():
        # Tried again, it would be told twice to those who have it.
        told = "Some of those whom the URL names were told, and others were not."
        return {"outcome": UNSURE, "message": f"{told}{why}"}
    said = "The service did not take it." if fence.reached else "The service was not reached."
    return {"outcome": REFUSED, "message": f"{said}{why}"}


def _failed(fence: Fence) -> str:
    return UNSURE if fence.reached and not fence.blocked else REFUSED


def _asset(apprise: Any) -> Any:
    """Return how apprise is to behave: nothing on disk, no redirects, no templates of its own."""
    wanted = {
        "app_id": "Lampboard",
        "app_desc": "Lampboard",
        "app_url": "",
        "async_mode": False,
        "http_redirects": False,
        "interpret_escapes": False,
        "pem_autogen": False,
        "pgp_autogen": False,
        "secure_logging": True,
    }
    known = {name: value for name, value in wanted.items() if hasattr(apprise.AppriseAsset, name)}
    return apprise.AppriseAsset(storage_mode="memory", **known)
