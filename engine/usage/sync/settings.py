"""How one feed is read: what a person sets, as it is stored beside the feed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.http.messages import HttpFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.usage.sync.source import UsageSource

LEAST_EVERY_S = 60
MOST_EVERY_S = 7 * 86_400
EVERY_S = 3600
_MOST_VALUES = 50
_ID = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedSettings:
    """What a person says of a feed.

    Attributes:
        every_s: Seconds between two readings by the monitor; 0 for none.
        since: The first day that is read; None for the first of the month before.
        base_url: Where the source is asked; empty for the provider's own address. It is never
            the integration's: whoever may edit that could have the admin key sent anywhere.
        only: What it is narrowed to, as the interface calls it: `project_ids`, `workspace_ids`.
    """

    every_s: int = EVERY_S
    since: date | None = None
    base_url: str = ""
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_config(self) -> dict[str, Any]:
        """Return it as it is stored."""
        told: dict[str, Any] = {"every_s": self.every_s}
        if self.since is not None:
            told["since"] = self.since.isoformat()
        if self.base_url:
            told["base_url"] = self.base_url
        if self.only:
            told["only"] = {name: list(values) for name, values in self.only.items()}
        return told

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> FeedSettings:
        """Return what `to_config` wrote."""
        since = config.get("since")
        only = config.get("only") or {}
        return cls(
            every_s=int(config.get("every_s", EVERY_S)),
            since=date.fromisoformat(since) if since else None,
            base_url=str(config.get("base_url", "")),
            only={str(name): tuple(map(str, values)) for name, values in only.items()},
        )

    def checked(self, source: UsageSource) -> FeedSettings:
        """Return it as it may be stored for a source.

        Raises:
            InvalidInput: A value cannot be used; `field` names it.
        """
        if self.every_s and not LEAST_EVERY_S <= self.every_s <= MOST_EVERY_S:
            raise InvalidInput(
                f"A feed is read every {LEAST_EVERY_S} to {MOST_EVERY_S:,} seconds, or with 0"
                " only when somebody asks.",
                field="every",
            )
        _require_filters(self.only, source)
        return FeedSettings(
            every_s=self.every_s,
            since=self.since,
            base_url=_address(self.base_url),
            only=dict(self.only),
        )


def _require_filters(only: Mapping[str, tuple[str, ...]], source: UsageSource) -> None:
    for name, values in only.items():
        if name not in source.filters:
            known = ", ".join(source.filters) or "nothing"
            raise InvalidInput(
                f"What {source.title} tells cannot be narrowed by {name[:40]!r}.",
                hint=f"It can be by: {known}.",
                field="only",
            )
        fine = all(_ID.fullmatch(one) for one in values)
        if not values or len(values) > _MOST_VALUES or not fine:
            raise InvalidInput(
                f"{name} takes 1 to {_MOST_VALUES} ids of letters and digits.", field="only"
            )


def _address(text: str) -> str:
    from engine.http.urls import require_url

    url = text.strip().rstrip("/")
    if not url:
        return ""
    try:
        require_url(url)
    except HttpFault as fault:
        raise InvalidInput(fault.message, hint=fault.remedy, field="base_url") from None
    if "?" in url:
        raise InvalidInput("A feed's base URL has no query.", field="base_url")
    return url
