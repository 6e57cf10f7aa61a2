"""How references look in the command line's texts."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from tui import text
from tui.cli.shows import count, time
from tui.cli.table import Column

if TYPE_CHECKING:
    from engine.credentials.results import RotationProgress


def day(value: object) -> str:
    """Return the UTC day of a time; nothing for none."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    return value.isoformat() if isinstance(value, date) else text.NOTHING


def how_many(value: object) -> str:
    """Return how many things use a credential; nothing for none."""
    return text.number(value) if isinstance(value, int) and value else text.NOTHING


def under_key(progress: RotationProgress) -> str:
    """Return how far a rotation is, as what a sentence says."""
    of = text.plural(progress.total, "credential")
    are = "is" if 1 in {progress.done, progress.total} else "are"
    return f"{progress.done:,} of {of} {are} under key {progress.to_key}"


LIST = (
    Column(title="LABEL", key="label"),
    Column(title="REFERENCE", key="reference"),
    Column(title="STATE", key="state"),
    Column(title="EXPIRES", key="expires_at", show=day),
    Column(title="USED BY", key="used", show=how_many, right=True),
    Column(title="LAST ASKED", key="accessed_at", show=time),
    Column(title="CREATED", key="created_at", show=day),
)
DETAIL = (
    Column(title="reference", key="reference"),
    Column(title="label", key="label"),
    Column(title="kind", key="kind"),
    Column(title="tenant", key="tenant_id"),
    Column(title="state", key="state"),
    Column(title="problem", key="problem"),
    Column(title="expires", key="expires_at", show=time),
    Column(title="created", key="created_at", show=time),
    Column(title="replaced", key="updated_at", show=time),
    Column(title="last asked for", key="accessed_at", show=time),
    Column(title="asked for", key="accesses", show=count),
    Column(title="master key", key="key_id"),
)
USERS = (Column(title="USED BY", key="name"), Column(title="KIND", key="kind"))
ACCESSES = (
    Column(title="DAY", key="day"),
    Column(title="BY", key="origin"),
    Column(title="TIMES", key="count", show=count, right=True),
    Column(title="LAST", key="last_at", show=time),
)
TESTS = (
    Column(title="REFERENCE", key="reference"),
    Column(title="OK", key="ok", show=lambda value: "yes" if value else "NO"),
    Column(title="MESSAGE", key="message"),
    Column(title="EXPIRES", key="expires_at", show=day),
    Column(title="TOOK", key="latency_ms", show=lambda value: f"{value} ms", right=True),
)
