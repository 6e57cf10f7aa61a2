"""Runs one command line: from the words as typed to an exit code. Lets no traceback out."""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING

import click

from tui.cli import failures, streams
from tui.cli.failures import EXIT_INTERRUPTED
from tui.cli.root import root
from tui.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.settings import Settings

COMPLETE_VARIABLE = "_LAMPBOARD_COMPLETE"
# A reader that went away has what it wanted (`| head`); shells tell it as 128 + SIGPIPE.
EXIT_BROKEN_PIPE = 141
UNWRITABLE = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO})


def run(arguments: Sequence[str], *, dashboard: Callable[[Settings], int]) -> int:
    """Run the command line.

    Args:
        arguments: The words after the program's name.
        dashboard: Opens the dashboard; handed in, so that this package never imports it.

    Returns:
        The exit code: 0 fine, 1 failed, 2 wrong usage, 3 temporarily unavailable,
        130 interrupted.
    """
    streams.steady()
    session = Session(dashboard=dashboard)
    try:
        return _guarded(list(arguments), session)
    except BrokenPipeError:
        streams.hush()
        return EXIT_BROKEN_PIPE
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _interrupted()


def _guarded(arguments: list[str], session: Session) -> int:
    from engine.errors import LampboardError

    as_json = failures.wants_json(arguments)
    try:
        code = _invoke(arguments, session)
        sys.stdout.flush()
    except click.ClickException as error:
        return failures.tell(failures.of_usage(error), as_json=as_json)
    except LampboardError as error:
        return failures.tell(failures.of_engine(error), as_json=as_json)
    except (BrokenPipeError, click.exceptions.Abort):
        raise
    except Exception as error:  # noqa: BLE001 - the last seam: nothing may reach the person raw
        return _unforeseen(error, session, as_json=as_json)
    return code


def _invoke(arguments: list[str], session: Session) -> int:
    if _completing():
        root.main(args=arguments, prog_name="lampboard", complete_var=COMPLETE_VARIABLE)
    try:
        with root.make_context("lampboard", arguments, obj=session) as context:
            root.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    return 0


def _completing() -> bool:
    import os

    return COMPLETE_VARIABLE in os.environ


def _unforeseen(error: Exception, session: Session, *, as_json: bool) -> int:
    if isinstance(error, OSError) and error.errno in {errno.EPIPE, errno.EBADF}:
        streams.hush()
        return EXIT_BROKEN_PIPE
    if isinstance(error, OSError) and error.errno in UNWRITABLE and error.filename is None:
        streams.hush()
        return failures.tell(failures.of_output(error), as_json=as_json)
    from tui.cli import log

    told = session._settings  # noqa: SLF001 - only what was read already; reading may be the fault
    return failures.tell(failures.unforeseen(error, log.keep(error, told)), as_json=as_json)


def _interrupted() -> int:
    try:
        sys.stderr.write("Interrupted.\n")
    except BrokenPipeError:
        streams.hush()
    return EXIT_INTERRUPTED
