"""The demo's secrets that are kept outside its workspace, where their references point to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from engine.demo.things import Account

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from engine.demo.placing import Placed

_FOLDER = "secrets"


def reference_of(account: Account, folder: Path) -> str | None:
    """Return how an account points to its key; None where the workspace itself keeps it."""
    if account.variable:
        return f"env://{account.variable}"
    return f"file://{_file_of(account, folder)}" if account.mounted else None


class Outside:
    """Mounts keys as files and exports them as variables of this process and those it starts.

    Args:
        everyone: Whose keys.
        folder: Where the run's files are; whoever made it removes it.
    """

    def __init__(self, everyone: Iterable[Placed], folder: Path) -> None:
        self._former: dict[str, str | None] = {}
        for placed in everyone:
            account = placed.thing
            if not isinstance(account, Account):
                continue
            if account.exported:
                self._former[account.variable] = os.environ.get(account.variable)
                os.environ[account.variable] = placed.secret
            if account.mounted:
                path = _file_of(account, folder)
                path.parent.mkdir(mode=0o700, exist_ok=True)
                path.write_text(placed.secret + "\n", encoding="utf-8")

    def close(self) -> None:
        """Put the variables back as they were."""
        former, self._former = self._former, {}
        for name, value in former.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _file_of(account: Account, folder: Path) -> Path:
    return folder / _FOLDER / account.name
