"""`lampboard gateway templates add|edit`: registering statements, which are judged first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from tui.cli.gateway.given import (
    CAP_NAMES,
    PARAMETER_NAMES,
    SQL_NAMES,
    specs_of,
    sql_of,
    template_options,
)
from tui.cli.gateway.lookup import find_template, find_thing, require_where, where_options
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.options import dry_run_option
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from engine.gateway.model import ParameterSpec
    from engine.gateway.results import TemplateDetail, Verdict
    from engine.workspace import Workspace

_PANELS = {
    "Where": ("--source", "--connector"),
    "Statement": SQL_NAMES,
    "Parameters": PARAMETER_NAMES,
    "Caps": CAP_NAMES,
}


@click.command(
    cls=BoardCommand,
    panels=_PANELS,
    examples=(
        "lampboard gateway templates add --source orders --name by-day --file by-day.sql \\",
        "    --param 'day:date min=2026-01-01' --tenant acme",
        "lampboard gateway templates add --connector billing --name totals \\",
        "    --sql 'SELECT id, total FROM invoices WHERE id = :id' --param id:int --dry-run",
    ),
)
@where_options
@template_options
@dry_run_option
@click.pass_context
def add(  # noqa: PLR0913 - one parameter a flag
    ctx: click.Context,
    /,
    *,
    source: str | None,
    connector: str | None,
    sql_file: str | None,
    sql: str | None,
    dry_run: bool,
    **told: Any,
) -> None:
    """Register a template: one reading statement, with every parameter declared.

    It is judged first, as `lampboard gateway check` does; what is refused is not stored.
    """
    session: Session = ctx.obj
    noun, given = require_where(ctx, source, connector)
    text = sql_of(ctx, sql_file, sql)
    if text is None:
        raise click.UsageError("The statement is missing: give --file or --sql.", ctx)
    if not told["name"]:
        raise InvalidInput("The name is missing.", hint="Give --name.", field="name")
    fields = _fields(told)
    specs = fields.pop("parameters", ())

    async def work(workspace: Workspace) -> int:
        tenant = await session.tenant(workspace)
        kind, thing_id, name = await find_thing(workspace, tenant, noun, given)
        if dry_run:
            said = await workspace.gateway.check_template(tenant, kind, thing_id, text, specs)
            return _tried(said, text, f"Would register {fields['name']} on {name}.")
        made = await workspace.gateway.register_template(
            tenant, kind=kind, thing_id=thing_id, sql=text, parameters=specs, **fields
        )
        _saved(session, made, f"is registered on {name}")
        return 0

    ctx.exit(_judged(session, work, text))


@click.command(
    cls=BoardCommand,
    panels=_PANELS,
    examples=(
        "lampboard gateway templates edit by-day --file by-day.sql --tenant acme",
        "lampboard gateway templates edit by-day --max-rows 200 --expected-version 3",
    ),
)
@click.argument("template", metavar="NAME")
@template_options
@click.option("--no-params", is_flag=True, help="It has no parameters any more.")
@click.option(
    "--expected-version", type=WholeRange(1), help="Refuse if there is a newer one already."
)
@dry_run_option
@click.pass_context
def edit(  # noqa: PLR0913 - one parameter a flag
    ctx: click.Context,
    /,
    *,
    template: str,
    sql_file: str | None,
    sql: str | None,
    no_params: bool,
    expected_version: int | None,
    dry_run: bool,
    **told: Any,
) -> None:
    """Change a template: only what is given. Parameters are given anew, all of them.

    Another statement, other parameters or caps are judged and become a new version; older ones
    stay, and runs may name them. --max-rows 0 and --timeout 0 take its own caps away.
    """
    session: Session = ctx.obj
    changes = _fields(told)
    text = sql_of(ctx, sql_file, sql)
    changes |= {"sql": text} if text is not None else {}
    if no_params and changes.get("parameters"):
        raise click.UsageError("--no-params takes all parameters away; declare no other ones.", ctx)
    changes |= {"parameters": ()} if no_params else {}
    changes |= {name: None for name in ("max_rows", "timeout_seconds") if changes.get(name) == 0}
    if not changes:
        raise click.UsageError("There is nothing to change: give at least one field.", ctx)

    async def work(workspace: Workspace) -> int:
        tenant = await session.tenant(workspace)
        found = await find_template(workspace, tenant, template)
        if dry_run:
            said = await _as_changed(workspace, tenant, found, changes)
            names = ", ".join(name.replace("_", " ") for name in changes)
            return _tried(said, text or found.sql, f"Would change {names} of {template}.")
        made = await workspace.gateway.edit_template(
            tenant, found.template.id, expected_version=expected_version, **changes
        )
        new = made.version != found.version
        _saved(session, made, f"is changed: version {made.version}" if new else "is changed")
        return 0

    ctx.exit(_judged(session, work, text))


async def _as_changed(
    workspace: Workspace, tenant: str, found: TemplateDetail, changes: dict[str, Any]
) -> Verdict:
    parameters: Sequence[ParameterSpec] = changes.get("parameters", found.parameters)
    over = found.gateway
    sql = changes.get("sql", found.sql)
    return await workspace.gateway.check_template(tenant, over.kind, over.thing_id, sql, parameters)


def _fields(told: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that were given, by their names in the engine."""
    specs = specs_of(told["declared"], told["params_file"])
    fields = {
        "name": told["name"],
        "description": told["description"],
        "parameters": specs,
        "max_rows": told["max_rows"],
        "timeout_seconds": told["timeout"],
    }
    return {name: value for name, value in fields.items() if value is not None}


def _judged(session: Session, work: Callable[[Workspace], Awaitable[int]], sql: str | None) -> int:
    """Do the work; a refusal is told with its places."""
    from engine.gateway.errors import TemplateRefused
    from tui.cli.gateway.refusals import refused

    try:
        return session.run(work)
    except TemplateRefused as error:
        return refused(error, sql or "", as_json=session.output.format == "json")


def _tried(said: Verdict, sql: str, done: str) -> int:
    from engine.errors import EXIT_USAGE
    from tui.cli.gateway.refusals import tell

    if said.accepted:
        narrate(f"{done} It is accepted. Nothing was stored.")
        return 0
    narrate("It would be refused. Nothing was stored.")
    tell(said, sql)
    return EXIT_USAGE


def _saved(session: Session, made: TemplateDetail, what: str) -> None:
    from tui.cli.gateway.template_reads import show_detail

    narrate(f"{made.template.name} {what}.")
    show_detail(session, made)
