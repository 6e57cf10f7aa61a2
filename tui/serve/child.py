"""The process of one dashboard in a browser: `python -m tui.serve.child`, started by the server.

Its settings come by the environment; its keys, and what it draws, go by the pipes that Textual's
driver for browsers holds.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.app import BoardApp


def main() -> int:
    """Run the dashboard until its browser is gone; return the process's exit code."""
    from tui import swift

    swift.start()
    from engine.settings import Settings
    from tui import writing
    from tui.app import BoardApp

    app = BoardApp(Settings.load())
    with tempfile.TemporaryDirectory(prefix="lampboard-") as folder:
        writing.away = writing.Away(folder=Path(folder), hand_over=partial(hand_over, app))
        swift.settle()
        app.run()
    return app.return_code or 0


def hand_over(app: BoardApp, path: Path) -> None:
    """Give a file that was written to the browser, and keep no copy; called from any thread."""
    file = path.open("rb")
    path.unlink()
    app.call_later(app.deliver_binary, file, save_directory=path.parent, save_filename=path.name)


if __name__ == "__main__":
    sys.exit(main())
