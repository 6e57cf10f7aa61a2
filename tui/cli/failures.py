"""Errors for people: one sentence and a hint on stderr, or as JSON where JSON was asked for.

Never a traceback: what was not foreseen goes to the log file, without values.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

    from engine.errors import LampboardError

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """What went wrong, ready to be told."""

    code: str
    title: str
    message: str
    hint: str | None
    field: str | None
    exit_code: int


def of_engine(error: LampboardError) -> Failure:
    """Take over what the engine says."""
    return Failure(
        code=error.code,
        title=error.title,
        message=error.message,
        hint=error.hint or None,
        field=error.field,
        exit_code=error.exit_code,
    )


def of_usage(error: click.ClickException) -> Failure:
    """Say in one sentence what was wrong with the command as typed."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "lampboard"
    nearest = getattr(error, "possibilities", None)
    meant = f"Did you mean {' or '.join(nearest)}? " if nearest else ""
    option = getattr(getattr(error, "param", None), "name", None)
    return Failure(
        code="usage",
        title="Wrong usage",
        message=_usage_sentence(error, nearest=bool(nearest)),
        hint=f"{meant}See `{path} --help`.",
        field=option,
        exit_code=EXIT_USAGE,
    )


def _usage_sentence(error: click.ClickException, *, nearest: bool) -> str:
    text = error.message if nearest else error.format_message()
    if text.startswith("Got unexpected extra argument"):
        # A mistyped secret must not come back: say that there was more, not what.
        return "There are more arguments than the command takes."
    sentence = " ".join(text.split())
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def of_output(error: OSError) -> Failure:
    """Say that what was found could not be written out."""
    return Failure(
        code="output_failed",
        title="The output could not be written",
        message=f"The output could not be written: {error.strerror}.",
        hint=None,
        field=None,
        exit_code=1,
    )


def unforeseen(error: BaseException, log: str | None) -> Failure:
    """Speak of an error that nobody foresaw; its values stay untold."""
    hint = f"The log has the details: {log}" if log else "Run `lampboard doctor`."
    return Failure(
        code="internal",
        title="Something went wrong inside",
        message=f"Something went wrong inside Lampboard ({type(error).__name__}).",
        hint=hint,
        field=None,
        exit_code=1,
    )


def wants_json(arguments: Sequence[str]) -> bool:
    """Return whether JSON was asked for, even where the rest cannot be understood."""
    for word, following in pairwise([*arguments, ""]):
        if word in {"-ojson", "-o=json", "--output=json"}:
            return True
        if word in {"-o", "--output"} and following == "json":
            return True
    return False


def tell(failure: Failure, *, as_json: bool) -> int:
    """Write the failure to stderr and return its exit code."""
    if as_json:
        from tui.cli.output import as_json as dump

        told = asdict(failure)
        del told["exit_code"]
        sys.stderr.write(dump({"error": told}, sys.stderr) + "\n")
    else:
        from tui.text import clean

        sys.stderr.write(f"Error: {clean(failure.message)}\n")
        if failure.hint:
            sys.stderr.write(f"Hint: {clean(failure.hint)}\n")
    return failure.exit_code
