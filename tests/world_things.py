"""What gets a lamp in the worlds of pictures, and what its checks came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from engine.workspace import Workspace

# The stages of a request over HTTP, and what share of the time each takes.
HTTP_STAGES = (
    ("resolve", 0.04),
    ("connect", 0.12),
    ("tls", 0.2),
    ("response", 0.6),
    ("body", 0.04),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a provider answers from a moment on (`minutes` ago), until the next one."""

    minutes: int
    state: str
    latency: float | None
    error: str | None = None
    message: str | None = None
    remedy: str | None = None
    stage: str = "response"
    status: int | None = 200


class Thing(Protocol):
    """Anything that gets a lamp."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def story(self) -> tuple[Answer, ...]:
        """What its checks came to, the oldest first."""
        ...

    @property
    def stages(self) -> tuple[tuple[str, float], ...]:
        """The stages of its checks, each with its share of the time."""
        ...

    async def register(self, workspace: Workspace, tenant: str) -> tuple[str, str]:
        """Registers it as people do; gives its kind and its id."""
        ...


def healthy(minutes: int, latency: float) -> Answer:
    """An answer in time."""
    return Answer(minutes=minutes, state="healthy", latency=latency)


def slow(minutes: int, latency: float) -> Answer:
    """An answer that took too long."""
    return Answer(
        minutes=minutes,
        state="degraded",
        latency=latency,
        error="slow",
        message="Slow response",
        remedy="Watch it; if it stays slow, ask the provider or move to another region.",
    )


REJECTED = Answer(
    minutes=11,
    state="failing",
    latency=96,
    error="auth_failed",
    status=401,
    message="Authentication failed: invalid x-api-key",
    remedy="Replace the key: the provider refuses the one that is stored.",
)
LIMITED = Answer(
    minutes=7,
    state="degraded",
    latency=41,
    error="rate_limited",
    status=429,
    message="Rate limited; next check in 30 s",
    remedy="Wait, or raise the rate limit at the provider.",
)
REFUSED = Answer(
    minutes=34,
    state="failing",
    latency=2,
    error="refused",
    stage="connect",
    status=None,
    message="Connection refused by 10.2.0.14 port 8000",
    remedy="Check that the server runs and listens on that port.",
)
