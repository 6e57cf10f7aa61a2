"""The steps of a source's life, decided without a database.

::

    pending ──▶ configuring ──▶ active ◀──▶ inactive
                                  ▲ ╲
            a check passes again  │  ▼ a check fails
                                 error

Whatever its status, a source can be activated, deactivated unless it is deprecated, deprecated,
and deleted. What checks change is said in `engine.health.rules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import LifecycleRefused
from engine.sources.model import DataSourceStatus as Status

if TYPE_CHECKING:
    from collections.abc import Mapping

DONE: Mapping[object, str] = {
    Status.ACTIVE: "activated",
    Status.INACTIVE: "deactivated",
    Status.DEPRECATED: "deprecated",
}
"""What was done to a source that has this status now, for the activity."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What a step comes to: the new status, whether anything changes, and what it is called."""

    status: Status
    changed: bool
    message: str
    done: str


def step(name: str, status: str, to: Status) -> Step:
    """Decide on a step to active, inactive or deprecated.

    Args:
        name: What people call the source, for the sentences.
        status: Its status now.
        to: The status that is wished for.

    Raises:
        LifecycleRefused: It is deprecated, which is more than inactive.
    """
    if status == to:
        return Step(status=to, changed=False, message=f"{name} is {to} already.", done=DONE[to])
    if status == Status.DEPRECATED and to is Status.INACTIVE:
        raise LifecycleRefused(
            f"{name} is deprecated, so it is not checked any more.",
            hint="Activate it to bring it back, or delete it.",
            field="status",
        )
    return Step(status=to, changed=True, message=f"{name} is {to}.", done=DONE[to])


def after_config_edit(status: str) -> Status:
    """Return the status after it was said how it is reached: what was pending is in the making.

    To edit a password must not stop the checks of what is active.
    """
    now = Status(status)
    return Status.CONFIGURING if now is Status.PENDING else now


def is_monitored(status: str) -> bool:
    """Tell whether the monitor checks it."""
    return Status(status) in {Status.ACTIVE, Status.ERROR}
