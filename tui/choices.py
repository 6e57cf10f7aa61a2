"""Choosing from names of the world: offered as they are, while Textual would read them as markup.

A tenant may be called `[/x]`, which its command palette cannot draw, and its way to escape markup
does not hold for every text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.command import CommandPalette, DiscoveryHit, Hit, SimpleProvider
from textual.content import Content

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App
    from textual.command import CommandListItem, Hits
    from textual.fuzzy import Matcher


class Names(SimpleProvider):
    """Finds names by their letters; what is said about each is our own text."""

    async def search(self, query: str) -> Hits:
        """Yield what matches, its letters marked."""
        matcher = self.matcher(query)
        for name, callback, about in self._commands:
            score, places = matcher.fuzzy_search.match(query, name)
            if score > 0:
                yield Hit(score, _marked(name, places, matcher), callback, text=name, help=about)

    async def discover(self) -> Hits:
        """Yield all of them."""
        for name, callback, about in self._commands:
            yield DiscoveryHit(Content(name), callback, text=name, help=about)


async def choose(app: App[None], names: Sequence[CommandListItem], placeholder: str) -> None:
    """Ask the person for one of the names, and call what belongs to it."""
    # A provider that is made already is how Textual does it itself, though not as it declares it.
    found = [Names(app.screen, list(names))]
    await app.push_screen(CommandPalette(providers=found, placeholder=placeholder))  # type: ignore[arg-type]


def _marked(name: str, places: Sequence[int], matcher: Matcher) -> Content:
    content = Content(name)
    for place in places:
        content = content.stylize(matcher.match_style, place, place + 1)
    return content
