"""Errors of MySQL and MariaDB in the words of people."""

from __future__ import annotations

from functools import cache

from engine.gateway.executing.failures import Lost, failed, timed_out, words_of

TITLE = "MySQL"
# The servers' numbers (both manuals), and the driver's own from 2000 on.
_CODES = {
    **dict.fromkeys((1051, 1146, 1049, 1054), "not_found"),
    **dict.fromkeys((1044, 1142, 1143, 1227, 1370), "access_denied"),
    **dict.fromkeys((1792, 1223), "not_reading"),
    **dict.fromkeys((1205, 1213), "conflict"),
    **dict.fromkeys((1040, 1203, 1041, 1037, 1038), "overloaded"),
}
_TIMED_OUT = frozenset({1969, 3024, 1317, 1028})
_GONE = frozenset({0, 1053, 1927, 2006, 2013, 2055, 3169, 4031})
# Errors about the text of the statement; others may repeat a value.
_ABOUT_TEXT = frozenset({1051, 1146, 1049, 1054, 1064, 1142, 1143, 1305, 1052, 1060, 1370, 1792})


def error_of(error: Exception, timeout_s: float) -> Exception:
    """Return what a driver's error means.

    Args:
        error: PyMySQL's, or the system's.
        timeout_s: The run's timeout, for the sentence that tells it.

    Returns:
        SqlGatewayError, or Lost where the connection is gone.
    """
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    if isinstance(error, OSError) or number in _GONE:
        return Lost()
    if number in _TIMED_OUT:
        return timed_out(timeout_s)
    code = _CODES.get(number, "statement_failed")
    if number in _ABOUT_TEXT and len(error.args) > 1:
        return failed(TITLE, code, str(error.args[1]))
    return failed(TITLE, code, words_of(_names().get(number, f"error {number}")))


@cache
def _names() -> dict[int, str]:
    """Return the names of the servers' errors by their numbers."""
    from pymysql.constants import ER

    return {value: name for name, value in vars(ER).items() if isinstance(value, int)}
