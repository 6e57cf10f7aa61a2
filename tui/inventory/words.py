"""The sentences that all inventories say, each of its own noun: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import text
from tui.widgets.screen import Empty

if TYPE_CHECKING:
    from collections.abc import Sequence

FILTER_HELP = "Words must all match; !word must not; field:value looks there only"
NAMED = 6
"""Names that a question lists before it only counts."""


def a(noun: str) -> str:
    """Return a noun with its article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def empty(noun: str, tenant_id: str, *, read_only: bool) -> Empty:
    """Return what a tenant without such things is told."""
    title = f"No {noun}s yet for {text.clean(tenant_id)}"
    if read_only:
        return Empty(title=title, text="This board is read-only, so none can be added here.")
    return Empty(title=title, text="Press n to add the first.")


def by_name(name: str) -> str:
    """Return the filter that leaves things of this name."""
    return 'name:"{}"'.format(text.clean(name).replace('"', " ").strip())


def nothing_matches(noun: str, query: str) -> str:
    """Return what an empty list says."""
    if not query:
        return f"No {noun}s. Press n to add one."
    return f"Nothing matches /{text.ellipsis(text.clean(query), 30)}. esc clears the filter."


def saved(name: str) -> str:
    """Return what is said after saving."""
    return f"{text.clean(name)} is saved. t tests it."


def delete_question(noun: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return title and paragraphs of the question before deleting."""
    cleaned = [text.clean(name) for name in names]
    what = text.ellipsis(cleaned[0], 40) if len(names) == 1 else f"{len(names):,} {noun}s"
    said = "" if len(names) == 1 else listed(cleaned)
    stops = "Its checks stop" if len(names) == 1 else "Their checks stop"
    kept = f"{stops}. The history is kept; the name is free again."
    return (f"Delete {what}?", *([said] if said else []), kept)


def deprecate_question(noun: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return title and paragraphs of the question before deprecating."""
    one = len(names) == 1
    what = text.ellipsis(text.clean(names[0]), 40) if one else f"{len(names):,} {noun}s"
    said = () if one else (listed(names),)
    stays = "It stays in the list and is" if one else "They stay in the list and are"
    back = "x brings it back." if one else "x brings them back."
    return (f"Deprecate {what}?", *said, f"{stays} not checked any more; {back}")


def listed(names: Sequence[str]) -> str:
    """Return some names, and how many more there are."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f"{', '.join(text.clean(name) for name in names[:NAMED])}{more}"


def list_title(  # noqa: PLR0913 - what a list's title tells, all but three by name
    title: str, total: int | None, marked: int, *, query: str, sort: str, arrow: str
) -> str:
    """Return the list's title: how many, the filter, the order, how many are marked."""
    parts = [title if total is None else f"{title} {total:,}"]
    if query:
        parts.append(f"/{text.ellipsis(text.clean(query), 24)}")
    parts.append(f"{sort} {arrow}")
    if marked:
        parts.append(f"{marked:,} marked")
    return "  ".join(parts)
