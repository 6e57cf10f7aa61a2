"""What screens and the command line ask about incidents, and what people do about them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from engine.errors import InvalidInput
from engine.hop import default_facade
from engine.order import order_of
from engine.text import require_line, require_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.incidents.deeds import Deed
    from engine.incidents.model import (
        Incident,
        IncidentHeadline,
        IncidentPage,
        IncidentStory,
        Thresholds,
    )
    from engine.incidents.reading import Selection
    from storage.filters import Term
    from storage.paging import Anchor

SORTS = ("severity", "opened", "title", "assignee")
MAX_REASON = 500
MAX_NOTE = 4_000
MAX_NAME = 200
MAX_IN_A_ROW = 20
"""More checks than these are not looked back at."""
# What a change imports: loaded before the database is locked for it.
_NEEDED = ("engine.incidents.deeds",)
_order = partial(order_of, among=SORTS, what="Incidents")


class IncidentsFacade:
    """Incidents of a tenant, and those that are everybody's.

    One about a thing that the operator's roles do not show is not there: not in a list, a count
    or by its number. What names another tenant's incident raises NotFound, as for a missing one.
    Any method may raise WorkspaceError, those that change something ReadOnlyRefused.

    Args:
        hop: The way to the database.
    """

    def __init__(self, hop: Hop) -> None:
        self._hop = hop
        self._ready = False

    async def page(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str,
        *,
        closed: bool | None = False,
        terms: Sequence[Term] = (),
        query: str = "",
        sort: str = "severity",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> IncidentPage:
        """Return one page of what is open, closed or (None) both; worst and oldest first.

        Fields of a query: `state:`, `severity:`, `cause:`, `kind:`, `name:`, `technology:`,
        `assignee:`, `error:`, `flapping:yes`, `number:`.

        Raises:
            InvalidInput: Limit or sort cannot be used.
        """
        order = _order(sort, descending=descending, limit=limit)
        now = self._hop.clock.now()

        def work(connection: Connection) -> IncidentPage:
            from engine.incidents import reading

            which = self._which(tenant_id, closed, terms, query)
            return reading.page(connection, which, order, anchor, now)

        return await self._hop.read(work)

    async def count(
        self,
        tenant_id: str,
        *,
        closed: bool | None = False,
        terms: Sequence[Term] = (),
        query: str = "",
    ) -> int:
        """Return how many incidents match."""
        now = self._hop.clock.now()

        def work(connection: Connection) -> int:
            from engine.incidents import reading

            return reading.count(connection, self._which(tenant_id, closed, terms, query), now)

        return await self._hop.read(work)

    def _which(
        self, tenant_id: str, closed: bool | None, terms: Sequence[Term], query: str
    ) -> Selection:
        from engine.filters import parse_filter
        from engine.incidents.reading import Selection

        wanted = (*terms, *parse_filter(query))
        roles = self._hop.settings.roles
        return Selection(tenant_id=tenant_id, closed=closed, terms=wanted, roles=roles)

    async def headline(self, tenant_id: str) -> IncidentHeadline:
        """Return what every header shows of the open incidents."""
        now, roles = self._hop.clock.now(), self._hop.settings.roles

        def work(connection: Connection) -> IncidentHeadline:
            from engine.incidents import reading

            return reading.headline(connection, tenant_id, roles, now)

        return await self._hop.read(work)

    async def get(self, tenant_id: str, number: int) -> Incident:
        """Return one incident.

        Raises:
            NotFound: This tenant has none of that number.
        """
        now, roles = self._hop.clock.now(), self._hop.settings.roles

        def work(connection: Connection) -> Incident:
            from engine.incidents import reading

            return reading.get(connection, tenant_id, number, roles, now)

        return await self._hop.read(work)

    async def story(self, tenant_id: str, number: int) -> IncidentStory:
        """Return everything known about one incident, with its timeline.

        Raises:
            NotFound: This tenant has none of that number.
        """
        now, roles = self._hop.clock.now(), self._hop.settings.roles

        def work(connection: Connection) -> IncidentStory:
            from engine.incidents import reading

            return reading.story(connection, tenant_id, number, roles, now)

        return await self._hop.read(work)

    async def post_mortem(self, tenant_id: str, number: int) -> str:
        """Return the story of an incident as Markdown, ready to be written on.

        Raises:
            NotFound: This tenant has none of that number.
        """
        from engine.incidents.post_mortem import markdown

        return markdown(await self.story(tenant_id, number))

    async def acknowledge(
        self, tenant_id: str, number: int, reason: str, *, expected_version: int | None = None
    ) -> Incident:
        """Say that somebody sees to an incident; the operator's, unless it is somebody's already.

        It clears itself when the incident closes.

        Raises:
            NotFound: This tenant has none of that number.
            InvalidInput: The reason cannot be used.
            LifecycleRefused: It is closed.
            EditConflict: Somebody else changed it since it was read.
        """
        said = require_line(reason, "The reason", "reason", maximum=MAX_REASON)
        return await self._do(
            tenant_id, number, lambda deed: deed.acknowledge(said), expected_version
        )

    async def unacknowledge(
        self, tenant_id: str, number: int, *, expected_version: int | None = None
    ) -> Incident:
        """Take an acknowledgement back.

        Raises:
            NotFound, LifecycleRefused, EditConflict: As of `acknowledge`.
        """
        return await self._do(
            tenant_id, number, lambda deed: deed.unacknowledge(), expected_version
        )

    async def assign(
        self,
        tenant_id: str,
        number: int,
        assignee: str | None,
        *,
        expected_version: int | None = None,
    ) -> Incident:
        """Give an incident to somebody; to nobody with None.

        Raises:
            NotFound, InvalidInput, EditConflict: As of `acknowledge`.
        """
        if assignee is not None:
            assignee = require_line(assignee, "The assignee", "assignee", maximum=MAX_NAME)
        return await self._do(
            tenant_id, number, lambda deed: deed.assign(assignee), expected_version
        )

    async def note(self, tenant_id: str, number: int, text: str) -> Incident:
        """Write something down about an incident, in lines, whether or not it is over.

        Raises:
            NotFound, InvalidInput: As of `acknowledge`.
        """
        said = require_lines(text, "The note", "text", maximum=MAX_NOTE)
        return await self._do(tenant_id, number, lambda deed: deed.note(said))

    async def close(
        self, tenant_id: str, number: int, reason: str, *, expected_version: int | None = None
    ) -> Incident:
        """Close an incident by hand; what is bad again later opens it again.

        Raises:
            NotFound, InvalidInput, LifecycleRefused, EditConflict: As of `acknowledge`.
        """
        said = require_line(reason, "The reason", "reason", maximum=MAX_REASON)
        return await self._do(tenant_id, number, lambda deed: deed.close(said), expected_version)

    async def thresholds(self, tenant_id: str, kind: str, thing_id: str) -> Thresholds:
        """Return after how many checks a thing has an incident, and after how many not any more.

        Raises:
            NotFound: This tenant has no such thing.
        """

        def work(connection: Connection) -> Thresholds:
            from engine.incidents import thresholds

            return thresholds.of_thing(connection, self._hop, tenant_id, kind, thing_id)

        return await self._hop.read(work)

    async def set_thresholds(
        self,
        tenant_id: str,
        kind: str,
        thing_id: str,
        *,
        failures: int | None,
        passes: int | None,
    ) -> Thresholds:
        """Give a thing thresholds of its own, 1 to 20; None takes those of the settings.

        Raises:
            NotFound: This tenant has no such thing.
            InvalidInput: A number cannot be used; `field` names it.
        """
        _require_number(failures, "failures")
        _require_number(passes, "passes")

        def work(connection: Connection) -> Thresholds:
            from engine.incidents import thresholds

            return thresholds.set_own(
                connection, self._hop, (tenant_id, kind, thing_id), failures, passes
            )

        return await self._hop.write(work)

    async def _do(
        self,
        tenant_id: str,
        number: int,
        what: Callable[[Deed], Incident],
        expected_version: int | None = None,
    ) -> Incident:
        self._hop.require_writable()
        if not self._ready:
            from engine.readiness import ready

            await ready(_NEEDED)
            self._ready = True

        def work(connection: Connection) -> Incident:
            from engine.incidents.deeds import Deed

            return what(
                Deed(connection, self._hop, tenant_id, number, expected_version=expected_version)
            )

        return await self._hop.write(work)


def _require_number(given: object, field: str) -> None:
    if given is not None and (type(given) is not int or not 1 <= given <= MAX_IN_A_ROW):
        raise InvalidInput(
            f"The number of {field} in a row must be from 1 to {MAX_IN_A_ROW}.", field=field
        )


def get_incidents_facade() -> IncidentsFacade:
    """Return the facade of the process's default workspace."""
    return cast("IncidentsFacade", default_facade("incidents"))
