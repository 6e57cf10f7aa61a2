"""The sentences of the integrations' place: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import text
from tui.widgets.screen import Empty

if TYPE_CHECKING:
    from collections.abc import Sequence

FILTER_HELP = "Words must all match; !word must not; field:value looks there only"
FILTER_EXAMPLES = "health:failing  !azure  esc clears"
NAMED = 6
"""Names that a question lists before it only counts."""


def empty(tenant_id: str, *, read_only: bool) -> Empty:
    """Return what a tenant without integrations is told."""
    title = f"No integrations yet for {text.clean(tenant_id)}"
    if read_only:
        return Empty(title=title, text="This board is read-only, so none can be added here.")
    return Empty(title=title, text="Press n to add the first.")


def by_name(name: str) -> str:
    """Return the filter that leaves things of this name."""
    return 'name:"{}"'.format(text.clean(name).replace('"', " ").strip())


def nothing_matches(query: str) -> str:
    """Return what an empty list says."""
    if not query:
        return "No integrations. Press n to add one."
    return f"Nothing matches /{text.ellipsis(text.clean(query), 30)}. esc clears the filter."


def saved(name: str) -> str:
    """Return what is said after saving."""
    return f"{text.clean(name)} is saved. t tests it."


def delete_question(names: Sequence[str]) -> tuple[str, ...]:
    """Return title and paragraphs of the question before deleting."""
    cleaned = [text.clean(name) for name in names]
    what = text.ellipsis(cleaned[0], 40) if len(names) == 1 else f"{len(names)} integrations"
    listed = ", ".join(cleaned[:NAMED])
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    said = "" if len(names) == 1 else f"{listed}{more}"
    stops = "Its checks stop" if len(names) == 1 else "Their checks stop"
    kept = f"{stops}. The history is kept; the name is free again."
    return (f"Delete {what}?", *([said] if said else []), kept)
