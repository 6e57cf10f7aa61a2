"""Gateways and templates inside a unit of work: every decision and change, on one connection.

Loaded in the worker thread only, because it brings the drivers. The facade gives it a connection
inside a transaction; nothing here commits.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.errors import NameTaken, NotFound
from engine.filters import Term
from engine.gateway import rows
from engine.gateway.inputs import clean_description
from engine.gateway.parameters.as_json import to_stored
from engine.gateway.setting import Gateways
from engine.text import require_line
from engine.translate import changed_meanwhile
from storage.activity import ActivityDriver
from storage.gateway.rows import TemplateRow, VersionRow
from storage.gateway.templates import TemplatesDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.gateway.registering import Draft, Target
    from engine.gateway.results import (
        GatewaySummary,
        TemplateDetail,
        TemplateRun,
        TemplatesHeadline,
        TemplateSummary,
    )
    from engine.gateway.selection import Selection
    from engine.order import Order
    from storage.gateway.rows import TemplateListRow
    from storage.paging import Anchor, Key

RAN = "gateway.run"
"""What a run is called in the activity."""

_DONE = {"active": "restored", "retired": "retired"}


class GatewayEngine(Gateways):
    """The rules of gateways and templates, on one connection; arguments as for `Gateways`."""

    @cached_property
    def _templates(self) -> TemplatesDriver:
        return TemplatesDriver(self._connection)

    def page(
        self, chosen: Selection, order: Order, anchor: Anchor | None
    ) -> tuple[tuple[TemplateSummary, ...], tuple[Key, ...]]:
        """Return one page of templates and the key of each row."""
        page = self._templates.page(
            chosen.tenant_id,
            terms=chosen.terms,
            roles=self._roles,
            sort=order.sort,  # type: ignore[arg-type]  # checked to be one
            descending=order.descending,
            anchor=anchor,
            limit=order.limit,
        )
        return tuple(rows.template(row) for row in page.rows), page.keys

    def count(self, chosen: Selection) -> int:
        """Return how many templates match."""
        return self._templates.count(chosen.tenant_id, terms=chosen.terms, roles=self._roles)

    def headline(self, tenant_id: str) -> TemplatesHeadline:
        """Return how many templates there are, and what their last runs came to."""
        return rows.headline(self._templates.tally(tenant_id, roles=self._roles))

    def found(self, tenant_id: str, id_or_name: str) -> TemplateListRow:
        """Return a template by its id, else by its name; raises NotFound."""
        row = self._templates.get(tenant_id, id_or_name, roles=self._roles)
        row = row or self._templates.get_by_name(tenant_id, id_or_name, roles=self._roles)
        if row is None:
            raise NotFound(
                "This tenant has no such template.",
                hint="`lampboard gateway templates list` shows those that there are.",
                field="template_id",
            )
        return row

    def version(self, row: TemplateListRow, version: int | None) -> VersionRow:
        """Return a version of a template, the newest for None; raises NotFound."""
        found = self._templates.version(row.id, row.version if version is None else version)
        if found is None:
            raise NotFound(
                f"The template {row.name} has no such version.",
                hint=f"Its versions are 1 to {row.version}.",
                field="version",
            )
        return found

    def detail(self, tenant_id: str, id_or_name: str, version: int | None) -> TemplateDetail:
        """Return one version of a template whole; raises NotFound."""
        row = self.found(tenant_id, id_or_name)
        said = self.version(row, version)
        over = self.gateway(tenant_id, row.gateway_id)
        return rows.detail(row, said, self._templates.numbers(row.id), over)

    def register(self, tenant_id: str, target: Target, draft: Draft) -> TemplateDetail:
        """Store what was judged as version 1 of a new template.

        Raises:
            NameTaken: The tenant has a template of that name.
            InvalidInput: Name or description cannot be used.
        """
        name = require_line(draft.name, "The name", "name")
        description = clean_description(draft.description)
        self._refuse_taken(tenant_id, name)
        thing = self._thing(tenant_id, target.kind, target.thing_id)
        over = self._gateways.ensure(self._new(tenant_id, thing))
        row = TemplateRow(
            id=self._run.ids(),
            tenant_id=tenant_id,
            gateway_id=over.id,
            name=name,
            description=description,
            status="active",
            parameters=len(draft.parameters),
            created_at=self._run.clock.now(),
            created_by=self._run.settings.operator,
        )
        self._templates.insert(row, self._version(row.id, 1, draft))
        detail = {"version": 1, "gateway": thing.name}
        self._note(tenant_id, row.id, name, "template.registered", detail)
        return self.detail(tenant_id, row.id, None)

    def edit(
        self, tenant_id: str, before: TemplateDetail, draft: Draft, *, anew: bool
    ) -> TemplateDetail:
        """Store what differs from `before`; `anew` adds the next version.

        Raises:
            NotFound: It is gone.
            NameTaken, InvalidInput: Name or description cannot be used.
            EditConflict, StaleWrite: Somebody else changed it since `before` was read.
        """
        row = self.found(tenant_id, before.template.id)
        if row.version != before.version:
            raise changed_meanwhile()
        name = require_line(draft.name, "The name", "name")
        said = {"name": name, "description": clean_description(draft.description)}
        changed: dict[str, object] = {
            key: new for key, new in said.items() if getattr(row, key) != new
        }
        if "name" in changed:
            self._refuse_taken(tenant_id, name, but=row.id)
        if changed or anew:
            self._change(row, changed, self._version(row.id, row.version + 1, draft), anew=anew)
        return self.detail(tenant_id, row.id, None)

    def set_status(self, tenant_id: str, template_id: str, status: str) -> TemplateSummary:
        """Retire or restore a template; raises NotFound."""
        row = self.found(tenant_id, template_id)
        if row.status != status:
            changes = {"status": status, "updated_at": self._run.clock.now()}
            self._templates.change(row, changes)
            self._note(tenant_id, row.id, row.name, f"template.{_DONE[status]}", {})
        return rows.template(self.found(tenant_id, row.id))

    def delete(self, tenant_id: str, template_id: str) -> TemplateSummary:
        """Delete a template softly; raises NotFound."""
        row = self.found(tenant_id, template_id)
        now = self._run.clock.now()
        self._templates.change(row, {"deleted_at": now, "updated_at": now})
        self._note(tenant_id, row.id, row.name, "template.deleted", {"version": row.version})
        return rows.template(row)

    def delete_gateway(
        self, tenant_id: str, gateway_id: str, *, expected_version: int | None = None
    ) -> GatewaySummary:
        """Delete a gateway softly with all templates over it; its role's own secret is removed.

        Raises:
            NotFound: There is no such gateway to be seen.
            EditConflict, StaleWrite: It has another version than expected.
        """
        found = self.row(tenant_id, gateway_id)
        row, name = found.gateway, found.thing.name
        if expected_version not in {None, row.version}:
            raise changed_meanwhile()
        now = self._run.clock.now()
        self._gateways.delete(row, now)
        gone = self._templates.delete_over(tenant_id, row.id, now)
        self._credentials.forget(self._connection, tenant_id, row.credential_ref)
        for template_id, called, version in gone:
            detail = {"version": version, "gateway": name}
            self._note(tenant_id, template_id, called, "template.deleted", detail)
        self._note(tenant_id, row.id, name, "gateway.deleted", {"templates": len(gone)})
        return rows.gateway(found)

    def ran(self, row: TemplateListRow, outcome: str, said: Mapping[str, object]) -> None:
        """Count a run and put it into the activity."""
        self._templates.ran(row.tenant_id, row.id, outcome, self._run.clock.now())
        self._note(row.tenant_id, row.id, row.name, RAN, {"outcome": outcome, **said})

    def runs(self, tenant_id: str, template_id: str, limit: int) -> tuple[TemplateRun, ...]:
        """Return the last runs of a template, newest first; raises NotFound."""
        row = self.found(tenant_id, template_id)
        page = ActivityDriver(self._connection).page(
            tenant_id, terms=(Term(field="action", value=RAN),), thing_id=row.id, limit=limit
        )
        return tuple(rows.run(one) for one in page.rows)

    def versions(self, tenant_id: str, id_or_name: str) -> tuple[TemplateDetail, ...]:
        """Return every version of a template whole, newest first; raises NotFound."""
        row = self.found(tenant_id, id_or_name)
        over = self.gateway(tenant_id, row.gateway_id)
        found = self._templates.versions(row.id)
        numbers = tuple(one.version for one in found)
        return tuple(rows.detail(row, one, numbers, over) for one in found)

    def _refuse_taken(self, tenant_id: str, name: str, *, but: str = "") -> None:
        # Asked for the house: a name is taken also by what this operator may not see.
        namesake = self._templates.get_by_name(tenant_id, name)
        if namesake is not None and namesake.id != but:
            raise NameTaken(
                "This tenant has a template of that name already.",
                hint="Choose another; upper and lower case make no difference.",
                field="name",
            )

    def _version(self, template_id: str, number: int, draft: Draft) -> VersionRow:
        return VersionRow(
            template_id=template_id,
            version=number,
            sql=draft.sql,
            parameters={rows.DECLARED: [to_stored(spec) for spec in draft.parameters]},
            max_rows=draft.max_rows,
            timeout_seconds=draft.timeout_seconds,
            written_at=self._run.clock.now(),
            written_by=self._run.settings.operator,
        )

    def _change(
        self, row: TemplateListRow, changed: dict[str, object], next_one: VersionRow, *, anew: bool
    ) -> None:
        told: dict[str, object] = {name: [getattr(row, name), new] for name, new in changed.items()}
        detail: dict[str, object] = {"changed": told} if told else {}
        changed["updated_at"] = next_one.written_at
        if anew:
            changed["parameters"] = len(next_one.parameters[rows.DECLARED])  # type: ignore[arg-type]
            detail["version"] = next_one.version
        self._templates.change(row, changed, next_one if anew else None)
        self._note(
            row.tenant_id, row.id, str(changed.get("name", row.name)), "template.edited", detail
        )
