"""How single values and whole records look in the command line's texts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from tui import text
from tui.cli.table import Column, can_draw, facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def time(value: object) -> str:
    """Return a time to the second, in UTC: `2026-01-31 13:51:07Z`."""
    if not isinstance(value, datetime):
        return text.NOTHING
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


def yes_no(value: object) -> str:
    """Return whether something is so."""
    return "yes" if value else "no"


def latency(value: object) -> str:
    """Return a latency in milliseconds."""
    return text.latency(value) if isinstance(value, int | float) else text.NOTHING


def limit(value: object) -> str:
    """Return a limit; 0 is unlimited."""
    return text.number(value) if isinstance(value, int) and value else "unlimited"


def count(value: object) -> str:
    """Return a count; 0 is 0."""
    return text.number(value) if isinstance(value, int) else text.NOTHING


def held(value: object) -> str:
    """Return what is reserved of a budget; nothing where nothing is."""
    return text.cost(value) if isinstance(value, int) and value else text.NOTHING


def held_tokens(value: object) -> str:
    """Return how many tokens are reserved; nothing where none are."""
    return text.number(value) if isinstance(value, int) and value else text.NOTHING


def unpriced(value: object) -> str:
    """Return how many calls have no known price, and what that means; nothing for none."""
    if not isinstance(value, int) or not value:
        return text.NOTHING
    return f"{text.plural(value, 'call')}, so more was spent"


def budget(value: object) -> str:
    """Return a budget of cents a month; 0 is unlimited."""
    return f"{text.money(value)} a month" if isinstance(value, int) and value else "unlimited"


def money(value: object) -> str:
    """Return cents as dollars."""
    return text.money(value) if isinstance(value, int) else text.NOTHING


def percent(value: object) -> str:
    """Return a percentage; not capped."""
    return text.percent(value) if isinstance(value, int | float) else text.NOTHING


def pairs(value: object) -> str:
    """Return a mapping as `key=value` words."""
    if not isinstance(value, dict) or not value:
        return text.NOTHING
    return " ".join(f"{key}={inner}" for key, inner in value.items())


def words(value: object) -> str:
    """Return several words with blanks between."""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) and value else text.NOTHING


def counts(value: object) -> str:
    """Return counts by name, the largest first."""
    if not isinstance(value, dict) or not value:
        return text.NOTHING
    largest = sorted(value.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number:,} {name}" for name, number in largest)


def stages(value: object) -> str:
    """Return the stages of a test with their times; the one that failed says so."""
    if not isinstance(value, list | tuple) or not value:
        return text.NOTHING
    return "  ".join(_stage(stage) for stage in value)


def _stage(stage: Mapping[str, object]) -> str:
    took = f"{stage.get('name')} {latency(stage.get('ms'))}"
    return took if stage.get("ok", True) else f"{took} FAILED"


def details(value: object) -> str:
    """Return what a test learnt, as `name: value` pairs; longer things by their number."""
    if not isinstance(value, dict) or not value:
        return text.NOTHING
    return "; ".join(f"{name.replace('_', ' ')}: {_short(inner)}" for name, inner in value.items())


def _short(value: object) -> str:
    return f"{len(value):,}" if isinstance(value, list | tuple | dict) else str(value)


def every(value: object) -> str:
    """Return an interval in seconds."""
    return f"{value} s"


def facts_of(record: object, columns: Sequence[Column], stream: TextIO) -> str:
    """Return a record as labels and values below each other; the optional ones only where set."""
    return facts(pairs_of(record, columns, stream))


def pairs_of(record: object, columns: Sequence[Column], stream: TextIO) -> list[tuple[str, str]]:
    """Return the labels and values of a record that are set."""
    plain = not can_draw(stream)
    shown = [(column.title, column.text(record, ascii_only=plain)) for column in columns]
    return [pair for pair in shown if pair[1] != text.NOTHING]


DETAIL = (
    Column(title="name", key="name"),
    Column(title="id", key="id"),
    Column(title="tenant", key="tenant_id"),
    Column(title="provider", key="provider_type"),
    Column(title="status", key="status"),
    Column(title="health", key="health_state", state=True),
    Column(title="since", key="since", show=time),
    Column(title="error", key="error"),
    Column(title="message", key="health_message"),
    Column(title="next", key="remedy"),
    Column(title="stage", key="stage"),
    Column(title="latency", key="latency_ms", show=latency),
    Column(title="checked", key="health_checked_at", show=time),
    Column(title="base URL", key="base_url"),
    Column(title="settings", key="config", show=pairs),
    Column(title="credential", key="credential_ref"),
    Column(title="default model", key="default_model"),
    Column(title="budget", key="budget_limit_cents", show=budget),
    Column(title="tokens a month", key="token_limit_month", show=limit),
    Column(title="requests a minute", key="rate_limit_rpm", show=limit),
    Column(title="check every", key="interval_s", show=every),
    Column(title="created", key="created_at", show=time),
    Column(title="created by", key="created_by"),
    Column(title="updated", key="updated_at", show=time),
    Column(title="version", key="version"),
)

CHECK = (
    Column(title="name", key="name"),
    Column(title="health", key="health_state", state=True),
    Column(title="error", key="error"),
    Column(title="message", key="message"),
    Column(title="next", key="remedy"),
    Column(title="stage", key="stage"),
    Column(title="latency", key="latency_ms", show=latency),
    Column(title="checked", key="checked_at", show=time),
)

HEALTH_STATUS = (
    Column(title="name", key="name"),
    Column(title="health", key="health_state", state=True),
    Column(title="since", key="since", show=time),
    Column(title="error", key="error"),
    Column(title="message", key="health_message"),
    Column(title="next", key="remedy"),
    Column(title="stage", key="stage"),
    Column(title="latency", key="latency_ms", show=latency),
    Column(title="checked", key="health_checked_at", show=time),
)

LIMITS = (
    Column(title="budget", key="budget_limit_cents", show=budget),
    Column(title="spent", key="budget_used_cents", show=money),
    Column(title="unpriced", key="unpriced_calls", show=unpriced),
    Column(title="held", key="budget_held_nanos", show=held),
    Column(title="of the budget", key="budget_percent", show=percent),
    Column(title="tokens a month", key="token_limit_month", show=limit),
    Column(title="tokens used", key="tokens_used_month", show=count),
    Column(title="tokens held", key="tokens_held", show=held_tokens),
    Column(title="of the tokens", key="token_percent", show=percent),
    Column(title="requests a minute", key="rate_limit_rpm", show=limit),
    Column(title="this minute", key="requests_this_minute", show=count),
    Column(title="of the rate", key="rate_percent", show=percent),
    Column(title="period from", key="period_start", show=time),
    Column(title="period to", key="period_end", show=time),
)
