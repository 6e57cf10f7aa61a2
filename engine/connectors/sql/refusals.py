"""What a database's own error means, by its SQLSTATE or its number."""

from __future__ import annotations

from typing import Any

from engine.probes.refusals import Refused

# SQLSTATEs of PostgreSQL (its manual, appendix A), and numbers of MySQL and MariaDB.
_CODES: dict[object, str] = {
    **dict.fromkeys(("42P01", "3F000", 1051, 1146, 1049), "not_found"),
    **dict.fromkeys(("42501", 1044, 1142, 1143, 1370), "access_denied"),
    **dict.fromkeys(("25006", 1792), "not_allowed"),
    **dict.fromkeys(("57014", 1969, 3024), "timeout"),
    **dict.fromkeys(("40001", "40P01", "55P03", 1205, 1213), "conflict"),
    **dict.fromkeys(("53300", 1040, 1203), "overloaded"),
}


def refused(error: Any, title: str) -> Refused:
    """Return what a driver's error means, without the statement that SQLAlchemy repeats.

    Args:
        error: The driver's, not SQLAlchemy's.
        title: What the technology is called.
    """
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    code = _CODES.get(getattr(error, "sqlstate", None) or number, "statement_failed")
    words = error.args[1] if number is not None and len(error.args) > 1 else error
    said = str(words).strip().partition("\n")[0]
    return Refused(code, f"{title} refused the statement: {said}")
