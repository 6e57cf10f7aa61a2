"""Why a record cannot be counted, as a sentence that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.usage.records import MAX_COST_NANOS, MAX_TOKENS, POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.usage.records import UsageRecord

MAX_WORD = 200
"""Characters of an id or a name."""

MAX_CALLS = 2**31 - 1
"""Calls of one record, and milliseconds of one call: what a column of theirs holds."""

_WORDS = ("integration", "provider", "model", "agent", "session")
_COUNTS = ("tokens_in", "tokens_out", "tokens_cached")


class Refused(Exception):  # noqa: N818 - what happened, as all errors here are called
    """A record cannot be counted; the text is the reason."""


def reason_against(record: UsageRecord) -> str:
    """Return why a record cannot be counted, or nothing; its time is judged elsewhere."""
    return next(_reasons(record), "")


def _reasons(record: UsageRecord) -> Iterator[str]:
    yield from _of_words(record)
    yield from _of_counts(record)
    if record.policy is not None and record.policy not in POLICIES:
        yield f"Its policy is {_shown(record.policy)}; use {', '.join(POLICIES)} or leave it out."


def _of_words(record: UsageRecord) -> Iterator[str]:
    # Callers in code are not held to the types.
    call_id: object = record.call_id
    error: object = record.error
    if not isinstance(call_id, str) or not call_id.strip():
        yield "It has no call id, so it could not be told from a second copy; give it one."
    for name in ("call_id", *_WORDS):
        word = getattr(record, name)
        if word is None:
            continue
        if not isinstance(word, str):
            yield f"Its {name} is no text; give it as text."
        elif len(word) > MAX_WORD:
            yield f"Its {name} has {len(word):,} characters; shorten it to {MAX_WORD}."
    if error is not None and not isinstance(error, str):
        yield "Its error is no text; give the cause as a word."


def _of_counts(record: UsageRecord) -> Iterator[str]:
    yield from _of_number("calls", record.calls, 0, MAX_CALLS)
    # Only a correction takes something back.
    least = 0 if record.calls else -1
    for name in _COUNTS:
        yield from _of_number(name, getattr(record, name), least * MAX_TOKENS, MAX_TOKENS)
    if record.calls and record.tokens_cached > record.tokens_in:
        yield "It has more cached tokens than tokens in, which include them; count them in."
    if record.cost_nanos is not None:
        cost = record.cost_nanos
        yield from _of_number("cost_nanos", cost, least * MAX_COST_NANOS, MAX_COST_NANOS)
    if record.latency_ms is not None:
        yield from _of_number("latency_ms", record.latency_ms, 0, MAX_CALLS)


def _of_number(name: str, value: object, least: int, most: int) -> Iterator[str]:
    if type(value) is not int:
        yield f"Its {name} is no whole number: {_shown(value)}; give one."
    elif value < least:
        hint = "leave it out" if least else "only a correction (0 calls) may be negative"
        yield f"Its {name} is {value:,}, less than {least:,}; {hint}."
    elif value > most:
        yield f"Its {name} is {value:,}, more than one record can have ({most:,}); correct it."


def _shown(value: object) -> str:
    return repr(value)[:40]
