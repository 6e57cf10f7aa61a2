"""What became of a run, in the words of people; a value is never repeated.

Databases repeat values in some of their errors ("invalid input syntax for type integer: …"). So
their own words are told only for errors about the statement's text, which holds no value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.gateway.errors import SqlGatewayError

if TYPE_CHECKING:
    from engine.probes.refusals import Refused

_MOST_SAID = 300
_FASTER = "Narrow the question, or raise the timeout."
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Lost(Exception):  # noqa: N818 - what happened to a connection, for the pool alone
    """The connection is gone; a run on one that was kept open is tried again on a new one."""


class TooLarge(Exception):  # noqa: N818 - told as truncation, not as an error
    """A row is larger than a result may be."""


def timed_out(seconds: float) -> SqlGatewayError:
    """Return what a run that took too long comes to."""
    return SqlGatewayError(f"The run was ended after {seconds:g} s.", hint=_FASTER, code="timeout")


def not_reading(title: str) -> SqlGatewayError:
    """Return the refusal of a statement that is no query."""
    return SqlGatewayError(
        f"{title} runs nothing here but one statement that reads and returns rows.",
        hint="Begin it with SELECT, WITH or VALUES.",
        code="not_reading",
    )


def may_not_call(name: str) -> SqlGatewayError:
    """Return the refusal of a function that does more than compute and read."""
    return SqlGatewayError(
        f"A run may not call the function {name}: it may do more than read.",
        hint="Leave it out of the statement.",
        code="not_reading",
    )


def broken_off(title: str) -> SqlGatewayError:
    """Return what a run without a connection comes to."""
    return SqlGatewayError(
        f"{title} ended the connection in the middle of the run.",
        hint="Try again; look at the server's log if it happens again.",
        code="connection_lost",
    )


def broken_down(title: str) -> SqlGatewayError:
    """Return what a run comes to whose driver failed in a way that nobody has foreseen."""
    return SqlGatewayError(
        f"The driver of {title} broke down.",
        hint="Try again; report it with the driver's version if it happens again.",
        code="driver_error",
    )


def of_refused(refused: Refused) -> SqlGatewayError:
    """Return the refusal of a place that could not be reached or logged in to."""
    return SqlGatewayError(refused.message, hint=refused.remedy, code=refused.code)


def failed(title: str, code: str, said: str) -> SqlGatewayError:
    """Return a database's refusal.

    Args:
        title: What the database is called.
        code: The cause as a word.
        said: Its own words, where they hold no value, or the name of the condition.
    """
    words = " ".join(said.split())[:_MOST_SAID]
    return SqlGatewayError(f"{title} refused the run: {words}.", hint=_HINTS[code], code=code)


def words_of(name: str) -> str:
    """Return a condition's name as words: `DivisionByZero` and `DIVISION_BY_ZERO` alike."""
    return _CAMEL.sub(" ", name).replace("_", " ").lower()


_HINTS = {
    "not_found": "Check the names, and that the role may see them.",
    "access_denied": "Grant the role SELECT; `lampboard gateway role-sql` prints the statements.",
    "not_reading": "A run may only read.",
    "statement_failed": "Check the template, and that the values fit its columns.",
    "conflict": "Try again.",
    "overloaded": "Wait, or narrow the question.",
}
