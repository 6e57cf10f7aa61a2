"""Registration: a statement and its declarations judged before anything is stored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.gateway.errors import SqlGatewayError, TemplateRefused
from engine.gateway.inputs import clean_parameters, clean_sql, no_rules, template_caps
from engine.gateway.results import Refusal, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.gateway.model import ParameterSpec
    from engine.gateway.results import GatewaySummary


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where a template is to run.

    Attributes:
        kind: `source` or `connector`.
        thing_id: Which of them.
        name: Its name.
        technology: What it is.
        dialect: One of DIALECTS; None where no rules exist for the technology.
        gateway: Its gateway, with the defaults where it has none yet.
    """

    kind: str
    thing_id: str
    name: str
    technology: str
    dialect: str | None
    gateway: GatewaySummary


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A template as it is to be stored, or the next version of one; see `register_template`."""

    name: str
    sql: str
    parameters: tuple[ParameterSpec, ...] = ()
    description: str = ""
    max_rows: int | None = None
    timeout_seconds: float | None = None


async def verdict(target: Target, sql: str, parameters: Sequence[ParameterSpec] | None) -> Verdict:
    """Return what registration says of a statement; a bad declaration is a refusal, too.

    Raises:
        SqlGatewayError: There are no rules for this database.
    """
    if target.dialect is None:
        raise no_rules(target.technology)
    given = None if parameters is None else tuple(parameters)
    return await asyncio.to_thread(judged, target.dialect, sql, given, target.gateway.tables)


def judged(
    dialect: str,
    sql: str,
    parameters: tuple[ParameterSpec, ...] | None,
    tables: tuple[str, ...],
) -> Verdict:
    """Return the verdict on a statement with its declarations; takes milliseconds, in a thread."""
    from engine.gateway.judging import judge

    try:
        clean_sql(sql)
    except InvalidInput as error:
        wrong = Refusal(code=error.code, message=error.message, hint=error.hint)
        return Verdict(accepted=False, refusals=(wrong,))
    found = judge(sql, dialect, parameters, tables=tables)
    try:
        clean_parameters(parameters or ())
    except SqlGatewayError as error:
        wrong = Refusal(code=error.code, message=error.message, hint=error.hint)
        return replace(found, accepted=False, refusals=(*found.refusals, wrong))
    return found


async def accepted(target: Target, draft: Draft) -> Draft:
    """Return a draft that may be stored.

    Raises:
        TemplateRefused: The statement is refused; `verdict` says why and where.
        SqlGatewayError: There are no rules for this database, or a declaration is not one.
        InvalidInput: Another value cannot be used; `field` names it.
    """
    if target.dialect is None:
        raise no_rules(target.technology)
    sql, parameters = clean_sql(draft.sql), clean_parameters(draft.parameters)
    rows, timeout = template_caps(target.gateway, draft.max_rows, draft.timeout_seconds)
    said = await verdict(target, sql, parameters)
    if not said.accepted:
        raise TemplateRefused(said)
    return replace(draft, sql=sql, parameters=parameters, max_rows=rows, timeout_seconds=timeout)
