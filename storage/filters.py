"""One word of a filter, as every list understands it. Knows no SQL and imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """A word that rows must match, or must not when negated; several terms all have to hold.

    Without a field the value is looked for anywhere in a row's name, technology, status, state
    and error, in any case. With one (`name`, `provider`, `status`, `health`, `error`, …) it is
    looked for there: names, errors and messages contain it, words from a fixed set begin with it
    (so that `health:fail` works while one is still typing). A field that a list does not have
    makes the term a free one again: `eu:prod` finds a thing of that name.
    """

    value: str
    field: str | None = None
    negated: bool = False
