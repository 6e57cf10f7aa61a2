"""Which statements are run at all: one at a time, and only reading ones where reading is meant.

This is no judge of SQL; what keeps a reading statement from writing is the database's own
read-only transaction. It keeps a second statement from ending that transaction first.
"""

from __future__ import annotations

import re

from engine.connectors.base import refuse

_COMMENTS = re.compile(r"\A(?:\s+|--[^\n]*\n|/\*.*?\*/)*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]+")
_READING = frozenset({"select", "with", "values", "table", "show", "explain", "describe", "desc"})
_MAX_LENGTH = 100_000


def one_statement(sql: str) -> str:
    """Return a statement without the semicolon at its end.

    A semicolon anywhere else is refused, even inside quotes: to tell the two apart takes a
    parser of each dialect, and a value belongs in a parameter anyway.

    Raises:
        ConnectorError: It is empty, too long, or may be more than one.
    """
    text = sql.strip().rstrip(";").rstrip()
    if not text or len(text) > _MAX_LENGTH:
        raise refuse("invalid_statement", "The statement is empty or longer than 100,000 signs.")
    if ";" in text:
        raise refuse(
            "invalid_statement",
            "A statement must have no semicolon but at its end.",
            "Run one statement at a time, and give values as parameters: `WHERE name = :name`.",
        )
    return text


def reading_statement(sql: str) -> str:
    """Return a statement that begins as reading ones do; see `one_statement`.

    Raises:
        ConnectorError: It begins otherwise, or may be more than one.
    """
    text = one_statement(sql)
    word = _WORD.match(text, _COMMENTS.match(text).end())  # type: ignore[union-attr]
    if word is None or word.group().lower() not in _READING:
        raise refuse(
            "not_allowed",
            "A query must read: it begins with SELECT, WITH, VALUES, SHOW or EXPLAIN.",
            "Use `execute` to change something.",
        )
    return text
