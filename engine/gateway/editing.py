"""Edits of a template: what a change comes to, judged where it is another statement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.gateway.inputs import TEMPLATE_FIELDS, refuse_unknown
from engine.gateway.registering import Draft, Target, accepted
from engine.translate import changed_meanwhile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.gateway.results import TemplateDetail

_OF_A_VERSION = ("sql", "parameters", "max_rows", "timeout_seconds")


async def edited(
    before: TemplateDetail, changes: Mapping[str, object], expected_version: int | None
) -> tuple[Draft, bool]:
    """Return a template as the changes make it, and whether that is a new version.

    Raises:
        TemplateRefused, SqlGatewayError, InvalidInput: As registration.
        EditConflict: Its newest version is another than expected.
    """
    refuse_unknown(changes, TEMPLATE_FIELDS)
    if expected_version not in {None, before.version}:
        raise changed_meanwhile()
    old = draft_of(before)
    # What is told is checked before it is stored, by registration and by the engine.
    draft = replace(old, **changes)  # type: ignore[arg-type]
    if _same(old, draft):
        return draft, False
    judged = await accepted(target_of(before), draft)
    return judged, not _same(old, judged)


def draft_of(template: TemplateDetail) -> Draft:
    """Return a version as it could be registered again."""
    return Draft(
        name=template.template.name,
        sql=template.sql,
        parameters=template.parameters,
        description=template.template.description,
        max_rows=template.max_rows,
        timeout_seconds=template.timeout_seconds,
    )


def target_of(template: TemplateDetail) -> Target:
    """Return where a template runs."""
    over = template.gateway
    return Target(
        kind=over.kind,
        thing_id=over.thing_id,
        name=over.name,
        technology=over.technology,
        dialect=over.dialect,
        gateway=over,
    )


def _same(one: Draft, other: Draft) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _OF_A_VERSION)
