"""What a place says of its things, and the table's rows made of it: by page key, counted apart."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar, cast

from tui import paging

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from engine.paging import Anchor
    from engine.workspace import Workspace
    from tui.desk import Desk
    from tui.widgets.columns import Column
    from tui.widgets.row_source import Ask, Row


class Item(Protocol):
    """What every summary of a list has."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def status(self) -> str:
        """Where it is in its life."""
        ...


ItemT = TypeVar("ItemT", bound=Item)
RecordT = TypeVar("RecordT")
RecordT_co = TypeVar("RecordT_co", covariant=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """Which rows in which order: a view that differs needs another source."""

    tenant_id: str
    query: str = ""
    sort: str = "name"
    descending: bool = False


class Listing(ABC, Generic[ItemT]):
    """One kind of things as a list: its words, its columns, its pages through the facade.

    A subclass sets `noun`, `title`, `columns`, `sorts` (field to words and whether it begins
    descending), `order` (which of them is first) and `examples` (of filters), and answers what
    stands below.
    """

    noun: ClassVar[str]
    title: str
    columns: ClassVar[tuple[Column, ...]]
    sorts: ClassVar[Mapping[str, tuple[str, bool]]]
    order: ClassVar[str] = "name"
    examples: ClassVar[str] = ""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @abstractmethod
    async def page(
        self, view: View, *, anchor: Anchor | None, limit: int
    ) -> tuple[Sequence[ItemT], Sequence[object]]:
        """Return a page of things with their page keys."""

    @abstractmethod
    async def count(self, view: View) -> int:
        """Return how many things the view has."""

    @abstractmethod
    async def name_of(self, thing_id: str) -> str:
        """Return the name of one thing of the desk's tenant.

        Raises:
            NotFound: There is none of that id.
        """

    @abstractmethod
    def row(self, item: ItemT, anchor: object) -> Row:
        """Return a thing as a row; `anchor` is its page key."""


class Pages(Protocol[RecordT_co]):
    """A facade's way to one page of a list."""

    def __call__(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str,
        *,
        query: str,
        sort: str,
        descending: bool,
        anchor: Anchor | None,
        limit: int,
    ) -> Awaitable[tuple[Sequence[RecordT_co], Sequence[object]]]:
        """Return a page of records, and the key of each."""
        ...


class Count(Protocol):
    """A facade's way to the number of rows of a list."""

    def __call__(self, tenant_id: str, *, query: str) -> Awaitable[int]:
        """Return how many match."""
        ...


class FacadeListing(Listing[ItemT], Generic[ItemT, RecordT]):
    """A listing whose pages and number are one facade's own: a subclass says which."""

    @abstractmethod
    def asks(self, workspace: Workspace) -> tuple[Pages[RecordT], Count]:
        """Return the facade's way to a page, and the one to the number of rows."""

    def item(self, record: RecordT) -> ItemT:
        """Return what the list holds for a record: the record itself."""
        return cast("ItemT", record)

    async def page(
        self, view: View, *, anchor: Anchor | None, limit: int
    ) -> tuple[Sequence[ItemT], Sequence[object]]:
        """Return a page of things with their page keys."""
        read, _ = self.asks(await self.desk.workspace())
        records, keys = await read(
            view.tenant_id,
            query=view.query,
            sort=view.sort,
            descending=view.descending,
            anchor=anchor,
            limit=limit,
        )
        return [self.item(record) for record in records], keys

    async def count(self, view: View) -> int:
        """Return how many things the view has."""
        _, count = self.asks(await self.desk.workspace())
        return await count(view.tenant_id, query=view.query)


class ListingSource(Generic[ItemT]):
    """A `RowSource` over one view of a listing."""

    def __init__(self, listing: Listing[ItemT], view: View) -> None:
        self._listing = listing
        self._view = view

    async def fetch(self, ask: Ask) -> Sequence[Row]:
        """Return the rows asked for, in the list's order."""
        items, keys = await self._listing.page(
            self._view, anchor=paging.anchor(ask), limit=ask.limit
        )
        return [self._listing.row(item, key) for item, key in zip(items, keys, strict=True)]

    async def count(self) -> int | None:
        """Return how many rows there are."""
        return await self._listing.count(self._view)
