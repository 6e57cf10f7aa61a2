"""What a source of usage is: its reports, how they are asked for, how a page is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ORIGIN_ENDING = "_usage"
"""Of every origin that is a provider's own count: it is never mixed with records of calls."""


class Unreadable(Exception):  # noqa: N818 - a finding about an answer, told in a sentence
    """A page that is not what its interface promises; the text says what is missing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldUsage:
    """What a provider counted for one model in one UTC day.

    Attributes:
        day: Days since 1970.
        model: The provider's name of it; empty where it tells none.
        calls: None where the provider does not count them.
        tokens_in: Tokens of prompts, cached ones included.
        tokens_out: Tokens of answers.
        tokens_cached: Those of `tokens_in` that were read from a cache.
    """

    day: int
    model: str
    calls: int | None
    tokens_in: int
    tokens_out: int
    tokens_cached: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldCost:
    """What a provider charges for one model, or another item, in one UTC day; nano-dollars."""

    day: int
    model: str
    nanos: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What one answer holds, and the cursor of the next one; None after the last."""

    items: tuple[ToldUsage | ToldCost, ...]
    next_page: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One interface, asked for one span of days.

    Attributes:
        path: Below the source's base URL.
        query: Names and values, in order; a name may repeat.
        read: Turns the parsed JSON of a page into what it holds; raises Unreadable.
        costs: Whether it tells costs, rather than tokens.
    """

    path: str
    query: tuple[tuple[str, str], ...]
    read: Callable[[object], Page] = field(repr=False)
    costs: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Days to ask for: from `first` on, before `end`; and what of them, by filter name."""

    first: int
    end: int
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageSource:
    """One provider's own count.

    Attributes:
        provider: As Lampboard names it; integrations of it can be read.
        origin: What its records say of where they came from; ends with `_usage`.
        title: Its name for people.
        base_url: Where it is asked, without a slash at the end, unless a feed says otherwise.
        headers: Makes the headers of a request from the secret.
        reports: Words what to ask for.
        key_label: What the provider calls the key that may read this.
        key_help: Where such a key is made.
        filters: What a feed may be narrowed to, as the interface calls it.
        most_days: Days that one request may ask for.
        settles_after: Days after its end until a day's costs count as final.
    """

    provider: str
    origin: str
    title: str
    base_url: str
    headers: Callable[[str], Mapping[str, str]] = field(repr=False)
    reports: Callable[[Span], tuple[Report, ...]] = field(repr=False)
    key_label: str = "admin key"
    key_help: str = ""
    filters: tuple[str, ...] = ()
    most_days: int = 31
    settles_after: int = 2
