"""What other programs write, made into numbers, moments and words; or a reason why it cannot be.

Every function raises ValueError with a sentence that names what is wrong, never the whole value:
a log may hold a prompt or a key where a number was expected.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from engine.usage.records import MAX_COST_NANOS, MAX_TOKENS, NANOS_PER_DOLLAR
from engine.usage.refusing import MAX_WORD

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING = frozenset({"", "null", "NULL", "None"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = 24
_LONGEST_NUMBER = 40
# From when on a number since 1970 must be in milliseconds, microseconds or nanoseconds: as
# seconds, each would lie beyond the year 5000.
_SCALES = ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3))
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_SHORT_ZONE = re.compile(r"([+-]\d{2})(\d{2})?$")
_FRACTION = re.compile(r"\.(\d{6})\d+")

# As Lampboard names the providers that others name otherwise.
_PROVIDERS = {
    "azure": "azure_openai",
    "azure_ai": "azure_openai",
    "azure.ai.openai": "azure_openai",
    "azure.ai.inference": "azure_openai",
    "az.ai.openai": "azure_openai",
    "az.ai.inference": "azure_openai",
    "azure-openai": "azure_openai",
    "aws": "bedrock",
    "aws.bedrock": "bedrock",
    "aws_bedrock": "bedrock",
    "bedrock_converse": "bedrock",
    "amazon_bedrock": "bedrock",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "gemini": "google",
    "vertex_ai": "google",
    "vertex": "google",
    "vertexai": "google",
    "google_ai_studio": "google",
    "text-completion-openai": "openai",
    "openai_like": "custom",
    "custom_openai": "custom",
    "mistral_ai": "mistral",
    "x_ai": "x-ai",
    "xai": "x-ai",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
}


def present(value: object) -> bool:
    """Return whether a record says anything there."""
    return value is not None and not (isinstance(value, str) and value in _NOTHING)


def word(value: object, *, name: str = "value", longest: int = MAX_WORD) -> str:
    """Return a short text; empty where nothing is said.

    Raises:
        ValueError: It is neither a text nor a whole number, or is too long.
    """
    # Nearly every word is of this kind, and there are several in each of millions of records.
    if type(value) is str and len(value) <= longest and value.isascii() and value.isprintable():
        text = value.strip()
        return text if text not in _NOTHING else ""
    if not present(value):
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"its {name} is no text")  # noqa: TRY004
    if isinstance(value, int) and abs(value) >= 10**_LONGEST_NUMBER:
        raise ValueError(f"its {name} is longer than {longest} characters")
    text = str(value).strip()
    if len(text) > longest:
        raise ValueError(f"its {name} is longer than {longest} characters")
    # PostgreSQL stores no NUL, and nothing stores half of a surrogate pair.
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def provider_word(value: object, *, name: str = "provider") -> str:
    """Return a provider as Lampboard names it; empty where nothing is said."""
    told = word(value, name=name).casefold()
    return _PROVIDERS.get(told, told)


def number(value: object, *, name: str = "value") -> Decimal | None:
    """Return an exact number; None where nothing is said.

    Raises:
        ValueError: It is no number, or an infinite one.
    """
    if not present(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value) if abs(value) < 10**_LONGEST_NUMBER else _too_large(name)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"its {name} is {value}, which is no number to count with")
        return Decimal(repr(value))
    return _number_of_text(value, name)


def _number_of_text(value: object, name: str) -> Decimal:
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise ValueError(f"its {name} is no number: {shown(value)}")
    try:
        return Decimal(text)
    except InvalidOperation:  # pragma: no cover - the pattern lets nothing of that kind pass
        raise ValueError(f"its {name} is no number: {shown(value)}") from None


def whole(value: object, *, name: str = "value", largest: int = MAX_TOKENS) -> int:
    """Return a whole number, 0 where nothing is said.

    Raises:
        ValueError: It is no number, has a fraction, or is larger than `largest` either way.
    """
    if type(value) is int and -largest <= value <= largest:
        return value
    exact = number(value, name=name)
    if exact is None:
        return 0
    if exact.copy_abs() > largest:
        _too_large(name)
    if exact != exact.to_integral_value():
        raise ValueError(f"its {name} is not whole: {shown(value)}")
    return int(exact)


def _too_large(name: str) -> Decimal:
    raise ValueError(f"its {name} is too large to be true")


def nanos(value: object, *, name: str = "cost") -> int | None:
    """Return dollars as nano-dollars, rounded half to even; None where nothing is said.

    Raises:
        ValueError: It is no number, or more than one record can cost.
    """
    dollars = number(value, name=name)
    if dollars is None:
        return None
    if dollars.copy_abs() * NANOS_PER_DOLLAR > MAX_COST_NANOS:
        _too_large(name)
    return int((dollars * NANOS_PER_DOLLAR).to_integral_value())


def milliseconds(value: object, *, name: str = "latency", scale: int = 1) -> int | None:
    """Return a span as whole milliseconds; `scale` says how many of them one unit is.

    Raises:
        ValueError: It is no number, or below 0.
    """
    exact = number(value, name=name)
    if exact is None:
        return None
    span = exact * scale
    # More than 24 days is no latency but a mistake, and would not fit where it is stored.
    if not 0 <= span < 2**31:
        raise ValueError(f"its {name} is out of bounds: {shown(value)}")
    return int(span.to_integral_value())


def between(start: datetime | None, end: datetime | None) -> int | None:
    """Return the milliseconds from one moment to another; None where that makes no sense."""
    if start is None or end is None or not timedelta() <= end - start < timedelta(days=24):
        return None
    return (end - start) // timedelta(milliseconds=1)


class Moments:
    """Reads moments; counts those that named no zone and were taken as UTC."""

    def __init__(self) -> None:
        self.naive = 0

    def read(self, value: object, *, name: str = "time") -> datetime | None:
        """Return an aware moment; None where nothing is said.

        Takes ISO 8601 and RFC 3339, and seconds, milliseconds, microseconds or nanoseconds
        since 1970, told apart by their size.

        Raises:
            ValueError: It is no moment.
        """
        if isinstance(value, datetime):
            return self._aware(value)
        if not present(value):
            return None
        if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
            return self._aware(_of_text(value.strip(), name))
        exact = number(value, name=name)
        return None if exact is None else _since_1970(exact, name)

    def _aware(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            self.naive += 1
            return moment.replace(tzinfo=UTC)
        return moment


def _of_text(text: str, name: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    # What Python 3.11 does not read: " UTC" behind it, more than microseconds, a short zone.
    tidy = _FRACTION.sub(r".\1", text.removesuffix(" UTC") + ("Z" if text.endswith(" UTC") else ""))
    tidy = _SHORT_ZONE.sub(lambda zone: f"{zone[1]}:{zone[2] or '00'}", tidy)
    try:
        return datetime.fromisoformat(tidy)
    except ValueError:
        raise ValueError(f"its {name} is no moment: {shown(text)}") from None


def _since_1970(exact: Decimal, name: str) -> datetime:
    size = exact.copy_abs()
    scale = next((scale for least, scale in _SCALES if size >= least), 1)
    try:
        return _EPOCH + timedelta(microseconds=int(exact * 10**6 / scale))
    except (OverflowError, ValueError):
        raise ValueError(f"its {name} is out of bounds") from None


def shown(value: object) -> str:
    """Return the beginning of a value, for a reason: enough to find it, too little to tell it."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def reach(record: Mapping[str, object], path: str) -> object:
    """Return what a record has under a name, or under names with dots between."""
    if path in record:
        return record[path]
    found: object = record
    for name in path.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found


def first(record: Mapping[str, object], *paths: str) -> object:
    """Return what stands under the first of several names that says anything."""
    for path in paths:
        found = reach(record, path)
        if present(found):
            return found
    return None
