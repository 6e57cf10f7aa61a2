"""The steps of a connector's life, decided without a database.

::

    registered ──▶ configuring ──▶ ready ──▶ connected ──▶ disconnected
                        ▲            ▲  a check  │ ╲            │
                   its config        │  passes   │  ▼ it fails  │
                   is edited         │          error           │
                                     └──────────────────────────┘ it is connected again

What checks change is said in `engine.health.rules`.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.connectors.model import ConnectorStatus as Status
from engine.errors import LifecycleRefused

# The operator's own words; a check does not change them, and the monitor leaves them alone.
_OUT_OF_USE = frozenset({Status.DISCONNECTED, Status.DEPRECATED})
_IN_USE = frozenset({Status.READY, Status.CONNECTED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What a step comes to: the new status, whether anything changes, and what it is called."""

    status: Status
    changed: bool
    message: str
    done: str = ""


def connect(name: str, status: str) -> Step:
    """Decide on connecting: it is used again, and checked at once."""
    now = Status(status)
    if now in _IN_USE:
        return Step(status=now, changed=False, message=f"{name} is {now} already.")
    return Step(
        status=Status.READY, changed=True, message=f"{name} is ready to connect.", done="connected"
    )


def disconnect(name: str, status: str) -> Step:
    """Decide on disconnecting.

    Raises:
        LifecycleRefused: It is deprecated, which is more than disconnected.
    """
    now = Status(status)
    if now is Status.DISCONNECTED:
        return Step(status=now, changed=False, message=f"{name} is disconnected already.")
    if now is Status.DEPRECATED:
        raise LifecycleRefused(
            f"{name} is deprecated, so it is not used any more.",
            hint="Connect it to bring it back, or delete it.",
            field="status",
        )
    return Step(
        status=Status.DISCONNECTED,
        changed=True,
        message=f"{name} is disconnected.",
        done="disconnected",
    )


def deprecate(name: str, status: str) -> Step:
    """Decide on deprecating."""
    changed = Status(status) is not Status.DEPRECATED
    word = "is deprecated." if changed else "is deprecated already."
    return Step(
        status=Status.DEPRECATED, changed=changed, message=f"{name} {word}", done="deprecated"
    )


def after_config_edit(status: str) -> Status:
    """Return the status after it was said how it is reached; what is out of use stays so."""
    now = Status(status)
    return now if now in _OUT_OF_USE else Status.CONFIGURING


def is_monitored(status: str) -> bool:
    """Tell whether the monitor checks it."""
    return Status(status) not in _OUT_OF_USE


STEPS = {
    Status.READY: connect,
    Status.DISCONNECTED: disconnect,
    Status.DEPRECATED: deprecate,
}
