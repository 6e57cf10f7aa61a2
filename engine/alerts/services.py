"""Telling through apprise's services, in a process of its own.

Its services are written by many people and block: each message has a child that is ended with
its deadline, is told the URL through its standard input, and has no environment, no files and no
addresses but those that it may have (`engine.alerts.services_child`). A child costs some 0.4 s.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from importlib.util import find_spec
from time import monotonic
from typing import TYPE_CHECKING, Any

from engine.alerts.delivery import DEADLINE_S, REFUSED, TOLD, UNSURE, Delivery
from engine.alerts.model import CLOSED
from engine.children import talking
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.alerts.messages import Message
    from engine.settings import Settings

INSTALL = "pip install 'lampboard[apprise]'"
_START = "from engine.alerts.services_child import main; main()"
_KEPT = ("LD_LIBRARY_PATH", "SYSTEMROOT")
_UNKNOWN = "Whether apprise takes that URL could not be found out in time."
_MISSING = "The package apprise is not installed where alerts are sent."


def installed() -> bool:
    """Return whether apprise is there."""
    return find_spec("apprise") is not None


async def service_of(url: str) -> str:
    """Return the name of the service that a URL is of; nothing is sent.

    Raises:
        InvalidInput: apprise is not installed, or takes no such URL. The URL is not repeated.
    """
    if not installed():
        raise InvalidInput(_MISSING, hint=f"Install it: {INSTALL}.", field="type")
    said = await _ask({"look": url}, DEADLINE_S)
    if not said.get("service"):
        raise InvalidInput(
            str(said.get("message") or _UNKNOWN),
            hint="See https://github.com/caronc/apprise/wiki for URLs.",
            field="url",
        )
    return str(said["service"])


async def notify(
    settings: Settings, url: str, message: Message, *, deadline_s: float = DEADLINE_S
) -> Delivery:
    """Send a message through a service.

    Args:
        settings: Which addresses are allowed.
        url: apprise's, with its secrets.
        message: What is told.
        deadline_s: How long it may take in all.
    """
    if not installed():
        return Delivery(outcome=REFUSED, message=f"{_MISSING} Install it: {INSTALL}.")
    order = {
        "url": url,
        "title": message.title,
        "body": message.body,
        "type": _type_of(message),
        "allow_addresses": list(settings.allow_addresses),
        "allow_networks": list(settings.allow_networks),
    }
    from engine.probes.trust import joined_with

    try:
        trusted = joined_with(settings.ca_file) if settings.ca_file else None
    except OSError:
        told = f"The CA file {settings.ca_file} cannot be used."
        return Delivery(outcome=REFUSED, message=told)
    began = monotonic()
    said = await _ask(order, deadline_s, trusted)
    return _delivery(said, round(1000 * (monotonic() - began)))


def _delivery(said: Mapping[str, Any], latency_ms: int) -> Delivery:
    outcome = str(said.get("outcome", ""))
    if outcome in {TOLD, REFUSED, UNSURE}:
        told = str(said.get("message", ""))
        return Delivery(outcome=outcome, message=told, latency_ms=latency_ms)
    if said.get("reached"):
        told = "The service was reached, and gave no answer in time."
        return Delivery(outcome=UNSURE, message=told, latency_ms=latency_ms)
    told = "The service could not be reached in time."
    return Delivery(outcome=REFUSED, message=told, latency_ms=latency_ms)


def _type_of(message: Message) -> str:
    if message.event == "test":
        return "info"
    if message.event == CLOSED:
        return "success"
    worst = any(one.get("severity") == "critical" for one in message.facts)
    return "failure" if worst else "warning"


async def _ask(
    order: Mapping[str, object], deadline_s: float, trusted: str | None = None
) -> dict[str, Any]:
    """Give a child one order and return what it said; `reached` once it had connected."""
    said: dict[str, Any] = {}
    async with talking(_START, environment=_environment(trusted)) as (orders, answers):
        # What it said until then tells how far it came.
        with suppress(TimeoutError, OSError, ValueError):
            async with asyncio.timeout(deadline_s):
                orders.write(json.dumps(order).encode() + b"\n")
                async for line in answers:
                    said |= json.loads(line)
    return said


def _environment(trusted: str | None = None) -> dict[str, str]:
    """Return what finds the libraries and the authorities, and nothing of this process's own."""
    # `requests` looks at the one, Python's own modules (mail) at the other.
    authorities = dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), trusted)
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **kept,
        **{name: path for name, path in authorities.items() if path},
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
    }
