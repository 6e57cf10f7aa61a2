"""The steps of an integration's life, decided without a database.

::

    created ──▶ enabled ◀──▶ disabled
                   ▲
    error ─────────┘  only after a passing check, or once its credential was edited

Deletion is possible from everywhere; it is soft and frees the name.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import LifecycleRefused
from engine.integrations.model import IntegrationStatus as Status

# A check that ends in one of these has reached the provider and was let in.
_PASSING = frozenset({"healthy", "degraded"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What a step comes to: the new status, and whether anything changes at all."""

    status: Status
    changed: bool
    message: str


def enable(name: str, status: str, *, last_state: str) -> Step:
    """Decide on enabling.

    Args:
        name: What people call the integration, for the sentences.
        status: Its status now.
        last_state: The state of its lamp, which says how the last check went.

    Raises:
        LifecycleRefused: It is in error, and neither checked nor edited since.
    """
    now = Status(status)
    if now is Status.ENABLED:
        return Step(status=now, changed=False, message=f"{name} is enabled already.")
    if now is Status.ERROR and last_state not in _PASSING:
        raise LifecycleRefused(
            f"{name} is in error and its last check did not pass.",
            hint="Edit its credential, or test it until it passes; then enable it.",
            field="status",
        )
    return Step(status=Status.ENABLED, changed=True, message=f"{name} is enabled.")


def disable(name: str, status: str) -> Step:
    """Decide on disabling.

    Raises:
        LifecycleRefused: It was never enabled, or it is in error.
    """
    now = Status(status)
    if now is Status.DISABLED:
        return Step(status=now, changed=False, message=f"{name} is disabled already.")
    if now is not Status.ENABLED:
        raise LifecycleRefused(
            f"{name} is {now}, and only what is enabled can be disabled.",
            hint="Delete it if it is not wanted.",
            field="status",
        )
    return Step(status=Status.DISABLED, changed=True, message=f"{name} is disabled.")


def step(name: str, status: str, *, enabled: bool, last_state: str) -> Step:
    """Decide on enabling or disabling.

    Raises:
        LifecycleRefused: The status does not allow it.
    """
    return enable(name, status, last_state=last_state) if enabled else disable(name, status)


def first(*, enabled: bool | None) -> Status:
    """Return the status of a new one: created, unless it is said how it arrives from elsewhere."""
    if enabled is None:
        return Status.CREATED
    return Status.ENABLED if enabled else Status.DISABLED


def after_credential_edit(status: str) -> Status:
    """Return the status after the credential was edited: out of error, ready to be enabled."""
    now = Status(status)
    return Status.DISABLED if now is Status.ERROR else now


def is_monitored(status: str) -> bool:
    """Tell whether the monitor checks it: all but what was disabled.

    New ones are checked too, because checks cost nothing and a lamp that stays dark until
    somebody enables it says nothing about a credential just typed.
    """
    return Status(status) is not Status.DISABLED
