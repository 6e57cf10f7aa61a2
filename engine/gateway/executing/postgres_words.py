"""PostgreSQL's errors in the words of people, and its types in its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.gateway.executing.failures import Lost, failed, timed_out, words_of

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

TITLE = "PostgreSQL"
# SQLSTATEs (the manual, appendix A), by the whole or by the class.
_CODES = {
    **dict.fromkeys(("42P01", "3F000", "3D000"), "not_found"),
    **dict.fromkeys(("42501", "28000"), "access_denied"),
    **dict.fromkeys(("25006", "42P11"), "not_reading"),
    **dict.fromkeys(("40001", "40P01", "55P03"), "conflict"),
    "53": "overloaded",
}
_CANCELED = "57014"
# The server, or somebody at it, has ended the session.
_GONE = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "25P04"})
# Errors about the text of the statement; all others may repeat a value.
_ABOUT_TEXT = frozenset({"42", "0A", "25", "34", "3D", "3F", "53", "54", "55"})


def error_of(result: PGresult, timeout_s: float) -> Exception:
    """Return what a failed result means.

    Args:
        result: One whose status is a failure.
        timeout_s: The run's timeout, for the sentence that tells it.

    Returns:
        SqlGatewayError, or Lost where the server ended the session.
    """
    from psycopg.errors import lookup
    from psycopg.pq import DiagnosticField

    state = (result.error_field(DiagnosticField.SQLSTATE) or b"").decode("ascii", "replace")
    if state == _CANCELED:
        return timed_out(timeout_s)
    if not state or state in _GONE:
        return Lost()
    code = _CODES.get(state) or _CODES.get(state[:2]) or "statement_failed"
    if state[:2] in _ABOUT_TEXT:
        said = result.error_field(DiagnosticField.MESSAGE_PRIMARY) or b""
        return failed(TITLE, code, said.decode("utf-8", "replace"))
    try:
        name = words_of(lookup(state).__name__)
    except KeyError:
        name = f"error {state}"
    return failed(TITLE, code, name)
