"""Reading numbers, times and lists out of foreign JSON, or saying what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from engine.usage.period import day_of
from engine.usage.records import MAX_COST_NANOS, MAX_TOKENS, NANOS_PER_DOLLAR
from engine.usage.refusing import MAX_WORD
from engine.usage.sync.source import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def objects(value: object, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of the list under `name` in an object; raises Unreadable."""
    listed = value.get(name) if isinstance(value, dict) else None
    if not isinstance(listed, list):
        raise Unreadable(f"the answer has no list {name!r}")
    for one in listed:
        if not isinstance(one, dict):
            raise Unreadable(f"the list {name!r} has something in it that is no object")
        yield one


def results(body: object) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each bucket of a page with each of its results; raises Unreadable."""
    for bucket in objects(body, "data"):
        for result in objects(bucket, "results"):
            yield bucket, result


def count(found: Mapping[str, Any], name: str, *, missing: int | None = None) -> int:
    """Return a whole number of 0 or more; `missing` stands for one that is not there."""
    value = found.get(name)
    if value is None and missing is not None:
        return missing
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_TOKENS:
        raise Unreadable(f"{name!r} is not a count")
    return value


def nanos(value: object, *, per_dollar: int = 1) -> int:
    """Return an amount of money in nano-dollars; `per_dollar` units of it make a dollar."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise Unreadable("an amount is not a number") from None
    # A refund is an amount too, and cents may come with many digits behind the point.
    if not amount.is_finite() or abs(amount) > MAX_COST_NANOS:
        raise Unreadable("an amount is beyond all measure")
    found = int((amount * NANOS_PER_DOLLAR / per_dollar).to_integral_value())
    if abs(found) > MAX_COST_NANOS:
        raise Unreadable("an amount is beyond all measure")
    return found


def dollars_only(currency: object) -> None:
    """Raise Unreadable for a currency that is not the US dollar."""
    if not isinstance(currency, str) or currency.lower() != "usd":
        raise Unreadable("the costs are not in US dollars")


def day_of_seconds(value: object) -> int:
    """Return the UTC day of Unix seconds."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**40:
        raise Unreadable("a bucket's start is not a time")
    return value // 86_400


def day_of_text(value: object) -> int:
    """Return the UTC day of an RFC 3339 time."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise Unreadable("a bucket's start is not a time") from None
    return day_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def name_of(value: object) -> str:
    """Return a model's or item's name; empty for none."""
    return value.strip()[:MAX_WORD] if isinstance(value, str) else ""


def next_page(body: object) -> str | None:
    """Return the cursor of the next page; None after the last."""
    if not isinstance(body, dict) or body.get("has_more") is not True:
        return None
    found = body.get("next_page")
    if not isinstance(found, str) or not found:
        raise Unreadable("there are more pages, but no cursor to them")
    return found
