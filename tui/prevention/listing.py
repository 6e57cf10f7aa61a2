"""The ledger through the facade, and the list of policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.prevention.results import PreventionRecord
from tui.inventory.held_listing import HeldListing
from tui.inventory.listing import FacadeListing
from tui.prevention import rows
from tui.prevention.entries import Entry, policy_entry, record_entry
from tui.prevention.rows import COLUMNS, KIND, POLICY_COLUMNS, POLICY_SORTS, SORTS

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tui.inventory.listing import Count, Pages, View
    from tui.widgets.row_source import Row


class RecordListing(FacadeListing[Entry, PreventionRecord]):
    """A tenant's ledger, the newest record on top.

    Attributes:
        broken: The number of the first record that does not hold; None when all do.
    """

    noun = KIND
    title = "Ledger"
    columns = COLUMNS
    sorts = SORTS
    order = "number"
    examples = "policy:no-pii  kind:simulated  !pattern:p-1"
    broken: int | None = None

    def asks(self, workspace: Workspace) -> tuple[Pages[PreventionRecord], Count]:
        """Return the facade's ways."""
        found = workspace.prevention
        return found.page_records, found.count_records

    def item(self, record: PreventionRecord) -> Entry:
        """Return a record as an entry."""
        return record_entry(record)

    async def name_of(self, thing_id: str) -> str:
        """Return the id of a record, which is its name."""
        workspace = await self.desk.workspace()
        return (await workspace.prevention.get_record(self.desk.tenant_id, thing_id)).id

    def row(self, item: Entry, anchor: object) -> Row:
        """Return a record as a row."""
        assert item.record is not None  # noqa: S101 - this listing makes no other
        broken = item.record.seq == self.broken
        return rows.record_row(item, item.record, anchor, self.desk.now(), broken=broken)


class PolicyListing(HeldListing[Entry]):
    """The policies of a tenant: a handful, read at once."""

    noun = "policy"
    title = "Policies"
    columns = POLICY_COLUMNS
    sorts = POLICY_SORTS
    order = "name"
    examples = "no-pii  esc clears"
    missing = ("There is no such policy.", "It has no record, and was not set.")

    async def read(self, view: View) -> list[Entry]:
        """Return the policies of a view."""
        workspace = await self.desk.workspace()
        found = await workspace.prevention.graduation(view.tenant_id)
        words = view.query.casefold().split()
        chosen = [
            policy_entry(policy, view.tenant_id)
            for policy in found
            if all(word in f"{policy.policy_id} {policy.name}".casefold() for word in words)
        ]
        by_count = view.sort == "counting"
        return sorted(
            chosen,
            key=lambda one: _counting(one) if by_count else (0, one.name.casefold()),
            reverse=view.descending,
        )

    def row(self, item: Entry, anchor: object) -> Row:
        """Return a policy as a row."""
        assert item.policy is not None  # noqa: S101 - this listing makes no other
        return rows.policy_row(item, item.policy, anchor, self.desk.now(), self.desk.glyphs)


def _counting(one: Entry) -> tuple[int, str]:
    return (one.policy.counting if one.policy is not None else 0, one.name.casefold())
