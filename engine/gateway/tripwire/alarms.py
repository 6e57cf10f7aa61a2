"""What the tripwire says: a code for machines and a sentence for people, never the value."""

from __future__ import annotations

from dataclasses import dataclass

MESSAGES = {
    "union": "The value adds the rows of another SELECT.",
    "condition": "The value adds a condition to the statement.",
    "breakout": "The value closes the quotes it is put into and goes on as SQL.",
    "comment": "The value closes the quotes it is put into and comments the rest out.",
    "stacked": "The value ends the statement and begins another.",
    "statement": "The value is a statement of its own.",
    "subquery": "The value holds a query inside of an expression.",
    "function": "The value calls a function by which attacks wait, read files or reach out.",
    "clause": "The value adds a clause to the statement.",
    "catalog": "The value reads the catalogue of the database.",
    "expression": "The value is an expression that ends in a comment.",
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """Why a value looks like an injection.

    Attributes:
        code: Which shape was found, a key of `MESSAGES`.
        message: The same in a sentence. It never holds the value.
    """

    code: str
    message: str


ALARMS = {code: Alarm(code, message) for code, message in MESSAGES.items()}
