"""Spans of days as people give them: `--month 2026-03`, or `--from` and `--to`; all in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

SPAN = ("--month", "--from", "--to")
"""The flags, for a panel of their own."""

EARLIEST = date(2000, 1, 1)
"""No record is older."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """From one moment up to another, which it excludes; `words` say it to people."""

    start: datetime
    end: datetime
    words: str


def span_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--month`, `--from` and `--to`."""
    for option in (
        click.option("--to", "last", metavar="DATE", help="The last day (UTC), itself included."),
        click.option("--from", "first", metavar="DATE", help="The first day (UTC): 2026-03-01."),
        click.option("--month", metavar="MONTH", help="A calendar month (UTC): 2026-03."),
    ):
        function = option(function)
    return function


def span(now: datetime, *, month: str | None, first: str | None, last: str | None) -> Span:
    """Return the days that were asked for: this month where nothing was.

    Raises:
        InvalidInput: A date is none, the last is before the first, or month and dates are given.
    """
    from engine.usage.period import period_of

    if month is not None:
        if first is not None or last is not None:
            raise InvalidInput("Give --month, or --from and --to, not both.", field="month")
        begin = _date(f"{month}-01", "--month", "a month", "2026-03")
        period = period_of(_start(begin))
        return Span(start=period.start, end=period.end, words=f"{begin:%B %Y}")
    if first is None and last is None:
        period = period_of(now)
        return Span(start=period.start, end=period.end, words="this month")
    begin = EARLIEST if first is None else _date(first, "--from", "a date", "2026-03-01")
    until = now.astimezone(UTC).date()
    if last is not None:
        until = _date(last, "--to", "a date", "2026-03-31")
    if until < begin:
        raise InvalidInput(
            f"The last day, {until}, is before the first, {begin}.", hint="Swap them.", field="to"
        )
    words = f"until {until}" if first is None else f"{begin} to {until}"
    return Span(start=_start(begin), end=_start(until) + timedelta(days=1), words=words)


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _date(given: str, flag: str, what: str, example: str) -> date:
    try:
        found = date.fromisoformat(given)
    except ValueError:
        found = date.max
    # The last years have no next day that a date could hold.
    if not EARLIEST <= found < date(9000, 1, 1):
        shown = given.removesuffix("-01")[:40] if flag == "--month" else given[:40]
        raise InvalidInput(
            f"{shown!r} is not {what} that {flag} takes.",
            hint=f"Write it like {example}.",
            field=flag.removeprefix("--"),
        )
    return found
