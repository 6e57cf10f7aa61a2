"""Whose integration a record of an import means when it names none: as told, or by its provider."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.errors import InvalidInput, NotFound
from engine.usage.records import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.usage.records import UsageRecord

_SHOWN = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What was said about integrations: one for all, or one for each provider."""

    default: str | None = None
    by_provider: Mapping[str, str] = field(default_factory=dict)


def parse_wishes(told: tuple[str, ...]) -> Wishes:
    """Return what `NAME` and `PROVIDER=NAME` say.

    Raises:
        InvalidInput: Two are for everything, or one has no name.
    """
    plain = [one for one in told if "=" not in one]
    if len(plain) > 1:
        raise InvalidInput(
            "Two integrations were named for the same records.",
            hint="Name one, or one for each provider: --integration openai=gpt-prod.",
            field="integration",
        )
    pairs = dict(one.split("=", 1) for one in told if "=" in one)
    if "" in plain or not all(provider and name for provider, name in pairs.items()):
        raise InvalidInput(
            "An integration is told as NAME, or for a provider as PROVIDER=NAME.",
            field="integration",
        )
    return Wishes(default=plain[0] if plain else None, by_provider=pairs)


class Placing:
    """Gives records that name no integration one, or a refusal that says what to do.

    Looks into the database once for each provider.
    """

    def __init__(self, tenant_id: str, wishes: Wishes) -> None:
        self._tenant_id = tenant_id
        self._wishes = wishes
        self._found: dict[str, str | Refusal] = {}

    def check(self, connection: Connection) -> None:
        """Raise NotFound when an integration that was named is not there."""
        from storage.usage.places import places

        wanted = {*self._wishes.by_provider.values()}
        if self._wishes.default:
            wanted.add(self._wishes.default)
        known = places(connection, self._tenant_id, wanted)
        for name in sorted(wanted - known.keys()):
            raise NotFound(
                f"There is no integration {name[:_SHOWN]!r} in tenant {self._tenant_id!r}.",
                hint="`lampboard integrations list` shows those that are there.",
            )

    def place(
        self, connection: Connection, line: int, record: UsageRecord
    ) -> UsageRecord | Refusal:
        """Return the record with its integration, or why it has none."""
        if record.integration is not None:
            return record
        provider = record.provider or ""
        found = self._found.get(provider)
        if found is None:
            found = self._found[provider] = self._look(connection, provider)
        if isinstance(found, Refusal):
            return Refusal(line=line, reason=found.reason)
        return replace(record, integration=found)

    def _look(self, connection: Connection, provider: str) -> str | Refusal:
        told = self._wishes.by_provider.get(provider) or self._wishes.default
        if told:
            return told
        if not provider:
            return _refused("It names neither an integration nor a provider")
        from storage.usage.places import ids_of_provider

        ids = ids_of_provider(connection, self._tenant_id, provider, limit=2)
        if len(ids) == 1:
            return ids[0]
        count = "more than one integration" if ids else "no integration"
        return _refused(f"It names no integration, and there is {count} of {provider[:_SHOWN]!r}")


def _refused(reason: str) -> Refusal:
    return Refusal(line=0, reason=f"{reason}; say which is meant with --integration NAME.")
