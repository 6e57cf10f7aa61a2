"""One record as people and programs read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.cli.session import Session
    from tui.cli.table import Column


def show_facts(
    session: Session, record: Any, columns: Sequence[Column], *, name: str = "name"
) -> None:
    """Print one record: its columns below each other, or whole in the other formats.

    `name` is the key that `-o name` prints.
    """
    from tui.cli.shows import facts_of

    session.output.record(
        record.to_dict(), table=lambda: facts_of(record, columns, session.output.stream), name=name
    )
