"""Several words in one text of a target, each to be found whole or by its beginning.

Tags, the owner and the roles of a thing are kept as marked words between separators that no
name can hold, so that one narrow comparison finds them in an index and finds nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# The unit separator: whoever types a name, tag or role cannot type this.
SEPARATOR = "\x1f"
TAG = f"{SEPARATOR}#"
OWNER = f"{SEPARATOR}@"


def tags_text(tags: Iterable[str]) -> str:
    """Gives the tags in any case, or nothing: `tag:p` looks for what begins with `#p`."""
    found = "".join(f"{TAG}{_plain(tag).casefold()}" for tag in tags)
    return found + SEPARATOR if found else ""


def tags_of(text: str | None) -> tuple[str, ...]:
    """Gives the tags of such a text back, in small letters."""
    words = (text or "").split(SEPARATOR)
    return tuple(word.removeprefix("#") for word in words if word.startswith("#"))


def owner_text(owner_id: str | None) -> str:
    """Gives the owner in any case, or nothing: `owner:a` looks for what begins with `@a`."""
    return f"{OWNER}{_plain(owner_id).casefold()}{SEPARATOR}" if owner_id else ""


def access_text(roles: Iterable[str]) -> str | None:
    """Gives the roles as they are written; None for what is open to all."""
    found = "".join(f"{SEPARATOR}{_plain(role)}" for role in roles)
    return found + SEPARATOR if found else None


def role_text(role: str) -> str:
    """Gives how a role stands in `access_text`, whole."""
    return f"{SEPARATOR}{_plain(role)}{SEPARATOR}"


def _plain(word: str) -> str:
    return word.replace(SEPARATOR, " ")
