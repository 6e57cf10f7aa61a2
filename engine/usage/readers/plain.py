"""A log of one's own: JSON lines or CSV whose fields are Lampboard's, or are mapped to them."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.usage.mapping import (
    Moments,
    milliseconds,
    nanos,
    present,
    provider_word,
    reach,
    shown,
    whole,
    word,
)
from engine.usage.readers.base import cause
from engine.usage.records import MAX_COST_NANOS, POLICIES, UsageRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.usage.readers.base import Found

ALIASES: dict[str, tuple[str, ...]] = {
    "call_id": ("call_id", "id", "request_id", "requestId"),
    "at": ("at", "time", "timestamp", "ts", "created_at", "start_time", "startTime", "date"),
    "integration": ("integration", "integration_id", "integration_name"),
    "provider": ("provider", "provider_name", "custom_llm_provider"),
    "model": ("model", "model_name"),
    "agent": ("agent", "agent_name", "application", "app"),
    "session": ("session", "session_id", "conversation_id"),
    "tokens_in": ("tokens_in", "input_tokens", "prompt_tokens"),
    "tokens_out": ("tokens_out", "output_tokens", "completion_tokens"),
    "tokens_cached": ("tokens_cached", "cached_tokens", "cache_read_input_tokens"),
    "cost": ("cost", "cost_usd", "total_cost", "spend"),
    "cost_cents": ("cost_cents",),
    "cost_nanos": ("cost_nanos",),
    "latency_ms": ("latency_ms", "duration_ms", "latency"),
    "latency_s": ("latency_s", "duration_s"),
    "policy": ("policy", "decision"),
    "error": ("error", "error_type", "error_code"),
    "calls": ("calls", "num_requests"),
    "reservation_id": ("reservation_id",),
}
"""The fields of a record, and the names under which each is found when nobody mapped it."""

_MANY_CALLS = 10**9
# As `usage export -o csv` puts a quote before what a spreadsheet would take for a formula.
_QUIETED = re.compile(r"'(?=\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")
_PLANS = 64


def parse_mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return `field=column` pairs as a mapping from field to column.

    Raises:
        InvalidInput: A pair has no `=`, or there is no such field.
    """
    mapping: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not column.strip():
            raise InvalidInput(
                f"The mapping {shown(pair)} is not of the form field=column.",
                hint="For example --map tokens_in=usage.prompt_tokens.",
                field="map",
            )
        if field.strip() not in ALIASES:
            raise InvalidInput(
                f"There is no field {shown(field.strip())} to map a column to.",
                hint="The fields are " + ", ".join(ALIASES) + ".",
                field="map",
            )
        mapping[field.strip()] = column.strip()
    return mapping


class Plain:
    """Makes records of entries by their names, and of CSV's where `quieted`.

    `moments` counts the times that named no zone.
    """

    def __init__(self, mapping: Mapping[str, str], *, quieted: bool = False) -> None:
        self.moments = Moments()
        self._mapping = dict(mapping)
        self._quieted = quieted
        self._plans: dict[tuple[str, ...], dict[str, str]] = {}

    def convert(self, entry: Mapping[str, object]) -> tuple[Found, ...]:
        """Return the record that an entry is.

        Raises:
            ValueError: It is none, with the reason.
        """
        at: datetime | None = None
        told: dict[str, Any] = {}
        for field, name in self._plan_for(entry).items():
            value = entry[name] if name in entry else reach(entry, name)
            if self._quieted:
                value = _loud(value)
            if field == "at":
                at = self.moments.read(value, name="at")
            elif value is not None:
                attribute, read = _READ[field]
                found = read(value)
                if found is not None:
                    told[attribute] = found
        if at is None:
            raise ValueError("it says no time (at); name its column with --map at=…")
        if not told.get("call_id"):
            raise ValueError("it says no call_id; name its column with --map call_id=…")
        return (UsageRecord(at=at, **told),)

    def knows(self, field: str, names: tuple[str, ...]) -> bool:
        """Return whether one of these names is a field's."""
        mapped = self._mapping.get(field)
        return mapped in names if mapped else any(name in names for name in ALIASES[field])

    def _plan_for(self, entry: Mapping[str, object]) -> dict[str, str]:
        """Return which of the entry's names is which field; each set of names is judged once."""
        names = tuple(entry)
        plan = self._plans.get(names)
        if plan is None:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            plan = self._plans[names] = self._plan(entry)
        return plan

    def _plan(self, entry: Mapping[str, object]) -> dict[str, str]:
        found = {}
        for field in ("at", *_READ):
            names = (self._mapping[field],) if field in self._mapping else ALIASES[field]
            known = next((name for name in names if name in entry), None)
            if known is not None or field in self._mapping:
                found[field] = known or names[0]
        return found


def _loud(value: object) -> object:
    return value[1:] if isinstance(value, str) and _QUIETED.match(value) else value


# Models, agents and the like are few and come again with every call.
_known = lru_cache(maxsize=4096)(word)


def _named(name: str) -> Callable[[object], str | None]:
    """Return what reads a word that may be missing."""

    def read(value: object) -> str | None:
        return (_known(value, name=name) if type(value) is str else word(value, name=name)) or None

    return read


def _once(name: str) -> Callable[[object], str | None]:
    """Return what reads a word that hardly comes twice."""
    return lambda value: word(value, name=name) or None


def _provider(value: object) -> str | None:
    return provider_word(value) or None


def _policy(value: object) -> str | None:
    policy = word(value, name="policy").casefold()
    if policy and policy not in POLICIES:
        raise ValueError(f"its policy is none of {', '.join(POLICIES)}: {shown(policy)}")
    return policy or None


def _cents(value: object) -> int | None:
    hundredfold = nanos(value, name="cost_cents")
    return None if hundredfold is None else hundredfold // 100


def _nanos(value: object) -> int | None:
    if not present(value):
        return None
    return whole(value, name="cost_nanos", largest=MAX_COST_NANOS)


def _calls(value: object) -> int | None:
    return whole(value, name="calls", largest=_MANY_CALLS) if present(value) else None


_READ: dict[str, tuple[str, Callable[[object], object]]] = {
    "call_id": ("call_id", partial(word, name="call_id")),
    "session": ("session", _once("session")),
    "reservation_id": ("reservation_id", _once("reservation_id")),
    "integration": ("integration", _named("integration")),
    "model": ("model", _named("model")),
    "agent": ("agent", _named("agent")),
    "provider": ("provider", _provider),
    "policy": ("policy", _policy),
    "error": ("error", cause),
    "tokens_in": ("tokens_in", partial(whole, name="tokens_in")),
    "tokens_out": ("tokens_out", partial(whole, name="tokens_out")),
    "tokens_cached": ("tokens_cached", partial(whole, name="tokens_cached")),
    "calls": ("calls", _calls),
    # The most exact one counts where a record says several.
    "cost": ("cost_nanos", nanos),
    "cost_cents": ("cost_nanos", _cents),
    "cost_nanos": ("cost_nanos", _nanos),
    "latency_s": ("latency_ms", partial(milliseconds, name="latency_s", scale=1_000)),
    "latency_ms": ("latency_ms", partial(milliseconds, name="latency_ms")),
}
"""What reads each field, and which attribute of a record it is."""
