"""Integrations as documents, out and in: what differs is decided first, then applied one by one.

Deciding needs reading only, so that a dry run works on a read-only workspace and takes no lock;
each document is then decided again and applied inside one transaction of its own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import (
    CredentialReferenceInvalid,
    EditConflict,
    InvalidInput,
    LampboardError,
    LifecycleRefused,
    NameTaken,
    NotFound,
)
from engine.integrations.results import ApplyResult, DocumentProblem, DocumentResult

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from engine.documents import Document
    from engine.hop import Hop
    from engine.integrations.declared import Decision
    from engine.integrations.documents import IntegrationDocument
    from engine.integrations.engine import CusIntegrationEngine

OUTCOMES = ("created", "changed", "unchanged", "refused")
PAGE = 1000
"""Rows a reading when exporting; all readings are of one moment."""

# What speaks against one document. Anything else speaks against the workspace and ends the run.
_REFUSALS = (InvalidInput, CredentialReferenceInvalid, NotFound, LifecycleRefused, EditConflict)
_NO_CREDENTIAL = (
    "Leave it out and give the key afterwards with `lampboard integrations edit <name>"
    " --credential-stdin`, or point to env://<NAME>."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """A document with what it says, where that can be used, and what it comes to."""

    document: Document
    said: IntegrationDocument | None
    result: DocumentResult


class Intake:
    """Writes integrations down as documents and makes integrations be as documents say.

    Args:
        hop: The way to the database.
        engine: Makes the rules of integrations on a connection.
    """

    def __init__(self, hop: Hop, engine: Callable[[Connection], CusIntegrationEngine]) -> None:
        self._hop = hop
        self._engine = engine

    async def export(self, tenant_id: str) -> tuple[dict[str, object], ...]:
        """Return every integration as a document, by name."""

        def work(connection: Connection) -> tuple[dict[str, object], ...]:
            return tuple(_exported(connection, tenant_id))

        return await self._hop.read(work)

    async def apply(
        self, tenant_id: str, documents: Sequence[Document], *, dry_run: bool
    ) -> ApplyResult:
        """Create what is missing and change what differs; see `apply_integrations`."""
        if not dry_run:
            self._hop.require_writable()
        plans = await self._hop.read(lambda found: self._planned(found, tenant_id, documents))
        results = [
            plan.result if dry_run else await self._applied(tenant_id, plan) for plan in plans
        ]
        counts = Counter(result.outcome for result in results)
        return ApplyResult(
            results=tuple(results),
            total=len(results),
            counts={outcome: counts[outcome] for outcome in OUTCOMES},
            dry_run=dry_run,
        )

    def _planned(
        self, connection: Connection, tenant_id: str, documents: Sequence[Document]
    ) -> list[_Plan]:
        engine = self._engine(connection)
        first: dict[str, Document] = {}
        return [_plan(engine, tenant_id, document, first) for document in documents]

    async def _applied(self, tenant_id: str, plan: _Plan) -> DocumentResult:
        said = plan.said
        if said is None or plan.result.outcome == "unchanged":
            return plan.result

        def work(connection: Connection) -> DocumentResult:
            from engine.integrations.declared import carry_out, decide

            engine = self._engine(connection)
            decision = decide(engine, tenant_id, said)
            made = carry_out(engine, tenant_id, said, decision)
            return _result(plan.document, said, decision, made)

        try:
            return await self._hop.write(work)
        except _REFUSALS as error:
            return _refused(plan.document, said.name, (_problem(error, said),))


def _exported(connection: Connection, tenant_id: str) -> list[dict[str, object]]:
    from engine.integrations import rows
    from storage import paging
    from storage.integrations import IntegrationsDriver

    driver, anchor = IntegrationsDriver(connection), paging.start()
    found: list[dict[str, object]] = []
    while True:
        page = driver.page(tenant_id, anchor=anchor, limit=PAGE)
        found.extend(rows.document(row) for row in page.rows)
        if len(page.rows) < PAGE:
            return found
        anchor = paging.after(page.keys[-1])


def _plan(
    engine: CusIntegrationEngine, tenant_id: str, document: Document, first: dict[str, Document]
) -> _Plan:
    """Return what the document would come to; `first` collects who has a name already."""
    # pydantic must not be paid for by those who only read.
    from engine.integrations.declared import decide
    from engine.integrations.documents import Refused, name_of, read_integration

    try:
        said = read_integration(document.value)
    except Refused as error:
        result = _refused(document, name_of(document.value), error.problems)
        return _Plan(document=document, said=None, result=result)
    try:
        _refuse_twin(said, first.setdefault(said.name.casefold(), document), document)
        decision = decide(engine, tenant_id, said)
    except _REFUSALS as error:
        result = _refused(document, said.name, (_problem(error, said),))
        return _Plan(document=document, said=None, result=result)
    found = decision.row.id if decision.row else None
    result = _result(document, said, decision, found, would="would be ")
    return _Plan(document=document, said=said, result=result)


def _refuse_twin(said: IntegrationDocument, first: Document, document: Document) -> None:
    """Raise NameTaken when an earlier item says the same name: which of the two is meant?"""
    if first is not document:
        where = f"line {first.line}" if first.line else f"item {first.index}"
        raise NameTaken(f"The file names {said.name!r} already, at {where}.", field="name")


def _problem(error: LampboardError, said: IntegrationDocument) -> DocumentProblem:
    hint = error.hint
    if isinstance(error, NotFound) and error.field == "credential_ref":
        hint = _NO_CREDENTIAL
    field = "enabled" if isinstance(error, LifecycleRefused) else error.field
    if field in said.config:
        field = f"config.{field}"
    return DocumentProblem(message=error.message, field=field, hint=hint or None)


def _refused(
    document: Document, name: str | None, problems: tuple[DocumentProblem, ...]
) -> DocumentResult:
    return DocumentResult(
        index=document.index,
        line=document.line,
        outcome="refused",
        message=" ".join(problem.message for problem in problems),
        name=name,
        problems=problems,
    )


def _result(
    document: Document,
    said: IntegrationDocument,
    decision: Decision,
    made: str | None,
    *,
    would: str = "",
) -> DocumentResult:
    return DocumentResult(
        index=document.index,
        line=document.line,
        outcome=decision.outcome,
        message=_sentence(said, decision, would),
        kind=said.kind,
        name=said.name,
        integration_id=made,
        changes=decision.told(),
    )


def _sentence(said: IntegrationDocument, decision: Decision, would: str) -> str:
    match decision.outcome:
        case "created":
            from engine.integrations.providers import get_provider

            text = f"{would}registered at {get_provider(said.provider_type).title}."
        case "changed":
            text = f"{would}changed: {', '.join(sorted(decision.changes))}."
        case "unchanged":
            text = "as the document says."
    return text[0].upper() + text[1:]
