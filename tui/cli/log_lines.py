"""What a line of the log looks like: for people, or an object for programs. Never a secret.

Loggers are Python's own; structlog makes the lines. It is loaded with the first of them: most
commands write none, and it would be a tenth of their start.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tui.crash import trace

if TYPE_CHECKING:
    from structlog.stdlib import ProcessorFormatter
    from structlog.typing import EventDict, Processor

_FIRST = ("at", "level", "logger", "event")
_PLAIN = (str, int, float, bool, type(None))


class Lines(logging.Formatter):
    """Makes a line of a record.

    Args:
        form: `text` or `json`.
    """

    def __init__(self, form: str) -> None:
        super().__init__()
        self._form = form
        self._made: ProcessorFormatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; of an exception as text, its places follow on lines of their own."""
        if self._made is None:
            self._made = _formatter(self._form)
        return self._made.format(record)


def _formatter(form: str) -> ProcessorFormatter:
    from structlog.processors import JSONRenderer
    from structlog.stdlib import ExtraAdder, ProcessorFormatter

    last: Processor = JSONRenderer() if form == "json" else _text
    return ProcessorFormatter(
        processors=[ExtraAdder(), _told, ProcessorFormatter.remove_processors_meta, _plain, last]
    )


def _told(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Say when, how grave and by whom; and where an exception came from, never what it said."""
    record: logging.LogRecord = event["_record"]
    when = datetime.fromtimestamp(record.created, UTC)
    event["at"] = when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event["level"] = record.levelname.lower()
    event["logger"] = record.name
    raised = event.pop("exc_info", None)
    if raised and raised[1] is not None:
        event["trace"] = trace(raised[1])
    event.pop("stack_info", None)
    return {**{name: event.pop(name) for name in _FIRST}, **event}


def _plain(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Keep values that are plain; of others the kind, for nobody knows what they show."""
    return {
        name: value if isinstance(value, _PLAIN) else type(value).__name__
        for name, value in event.items()
    }


def _text(_logger: object, _method: str, event: EventDict) -> str:
    from tui.text import clean

    at, level, logger, said = (event.pop(name) for name in _FIRST)
    places = event.pop("trace", None)
    values = "".join(f" {name}={_quoted(value)}" for name, value in event.items())
    line = f"{at} {level.upper()} {logger} {clean(str(said))}{values}"
    return line if places is None else f"{line}\n{places}"


def _quoted(value: Any) -> str:
    from tui.text import clean

    shown = clean(str(value))
    return f'"{shown}"' if " " in shown or not shown else shown
