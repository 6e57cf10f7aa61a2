"""The kinds of things by their words: how each is called, asked for and named in commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Noun:
    """One kind of thing.

    Attributes:
        one: Its word, and the parameter of facade methods (`source` in `get_source`).
        many: The words for several, and the workspace's facade.
        id: The attribute that holds the id of one that was read whole.
        tester: The facade's method that tests one.
        register: The command that makes one.
    """

    one: str
    many: str
    id: str = "id"
    tester: str = "test_credentials"
    register: str = "add"

    @property
    def group(self) -> str:
        """The words before a command of these."""
        return self.many

    @property
    def watched(self) -> frozenset[str]:
        """The concepts whose changes change a list of these."""
        return frozenset({self.many, "health"})

    def facade(self, workspace: Workspace) -> Any:
        """Return the way in."""
        return getattr(workspace, self.many)

    def call(self, workspace: Workspace, verb: str, *args: Any, **kwargs: Any) -> Any:
        """Call the facade's `verb_one`, such as `get_source`; return its awaitable."""
        return getattr(self.facade(workspace), f"{verb}_{self.one}")(*args, **kwargs)

    def test(self, workspace: Workspace, tenant: str, thing_id: str) -> Any:
        """Return the awaitable of a test of one."""
        return getattr(self.facade(workspace), self.tester)(tenant, thing_id)

    def page(self, workspace: Workspace, tenant: str, **wanted: Any) -> Any:
        """Return the awaitable of one page and the keys of its rows."""
        return getattr(self.facade(workspace), f"page_{self.many}")(tenant, **wanted)

    async def listing(
        self, workspace: Workspace, tenant: str, **wanted: Any
    ) -> tuple[Sequence[Any], int]:
        """Return one page, and how many match."""
        found = await getattr(self.facade(workspace), f"list_{self.many}")(tenant, **wanted)
        return found.items, found.total

    def id_of(self, thing: Any) -> str:
        """Return the id of one that was read whole."""
        return str(getattr(thing, self.id))


INTEGRATION = Noun(one="integration", many="integrations")
SOURCE = Noun(one="source", many="sources", id="source_id", tester="test_connection")
CONNECTOR = Noun(one="connector", many="connectors", tester="test_connector")
NOUNS = {noun.one: noun for noun in (SOURCE, CONNECTOR, INTEGRATION)}
"""Every kind of thing that is checked, by its word."""
