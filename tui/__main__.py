"""The way in: `python -m tui` and the command `lampboard`.

Only this file knows both halves: the command line, which runs without a terminal, and the
dashboard, which is handed to it as a function and imported when it is really started.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.settings import Settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Exit codes: 0 fine, 1 a check or operation failed, 2 wrong usage, 3 temporarily unavailable,
    130 interrupted.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        return _version()
    if argv is None:
        return _program(arguments)
    return _run(arguments)


def _program(arguments: list[str]) -> int:
    # Only a process of its own: callers in code keep their collector as it is.
    from tui import swift

    swift.start()
    try:
        return _run(arguments)
    finally:
        swift.finish()


def _run(arguments: list[str]) -> int:
    try:
        from tui.cli.main import run
    except KeyboardInterrupt:  # ctrl-C while still loading is no crash either
        return 130
    return run(arguments, dashboard=_dashboard)


def _version() -> int:
    # Before anything else is imported: scripts ask for it often.
    from tui import __version__
    from tui.cli.streams import hush, steady

    steady()
    try:
        sys.stdout.write(f"lampboard {__version__}\n")
        sys.stdout.flush()
    except OSError:  # a reader that went away, a full disk
        hush()
        return 1
    return 0


def _dashboard(settings: Settings) -> int:
    from tui import swift
    from tui.app import run_dashboard

    swift.settle()
    return run_dashboard(settings) or 0


if __name__ == "__main__":
    sys.exit(main())
