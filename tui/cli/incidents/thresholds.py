"""`lampboard incidents thresholds`: after how many checks a thing has an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.errors import InvalidInput
from engine.incidents.facade import MAX_IN_A_ROW
from tui.cli.kit import BoardCommand
from tui.cli.options import Words
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.incidents.model import Thresholds
    from engine.workspace import Workspace

DEFAULT = "default"
"""The word for what the settings say."""
_KINDS = ("integration", "source", "connector")
_NUMBERS = tuple(str(number) for number in range(1, MAX_IN_A_ROW + 1))


@click.command(
    "thresholds",
    cls=BoardCommand,
    examples=(
        "lampboard incidents thresholds gpt --tenant acme",
        "lampboard incidents thresholds gpt --failures 5 --passes 3 --tenant acme",
        "lampboard incidents thresholds orders --kind source --failures default --tenant acme",
    ),
)
@click.argument("thing", metavar="NAME|ID")
@click.option("--kind", type=Words(_KINDS), metavar="KIND", help="Where several are called so.")
@click.option(
    "--failures", metavar="N", help=f"So many bad checks in a row open one: 1-{MAX_IN_A_ROW}."
)
@click.option(
    "--passes", metavar="N", help=f"So many good ones in a row close it: 1-{MAX_IN_A_ROW}."
)
@click.pass_obj
def command(
    session: Session, *, thing: str, kind: str | None, failures: str | None, passes: str | None
) -> None:
    """Show or set after how many checks in a row a thing has an incident, and has it no more.

    What is not given stays; `default` takes what the settings say (incident_failures,
    incident_passes).
    """

    async def work(workspace: Workspace) -> Thresholds:
        from tui.cli.health_history import one

        tenant = await session.tenant(workspace)
        which, thing_id = await one(workspace, tenant, thing, kind)
        facade = workspace.incidents
        found = await facade.thresholds(tenant, which, thing_id)
        if failures is None and passes is None:
            return found
        before = _own(found)
        return await facade.set_thresholds(
            tenant,
            which,
            thing_id,
            failures=_number(failures, before["failures"], "failures"),
            passes=_number(passes, before["passes"], "passes"),
        )

    found = session.run(work)
    session.output.record(found.to_dict(), table=lambda: _facts(session, found), name="name")
    if failures is not None or passes is not None:
        narrate(f"{found.name}: from its next check on.")


def _own(found: Thresholds) -> dict[str, int | None]:
    """Return the thresholds that are the thing's own; None where they are the setting's."""
    return {
        "failures": found.failures if found.own_failures else None,
        "passes": found.passes if found.own_passes else None,
    }


def _number(given: str | None, before: int | None, field: str) -> int | None:
    if given is None:
        return before
    if given == DEFAULT:
        return None
    if given not in _NUMBERS:
        raise InvalidInput(
            f"The number of {field} in a row must be from 1 to {MAX_IN_A_ROW}, or {DEFAULT}.",
            field=field,
        )
    return int(given)


def _facts(session: Session, found: Thresholds) -> str:
    from tui.cli.shows import facts_of
    from tui.cli.table import Column

    def shown(*, own: bool, number: int) -> str:
        return f"{number}" if own else f"{number} (as the settings say)"

    columns = (
        Column(title=found.kind, key="name"),
        Column(
            title="bad in a row",
            key="failures",
            show=lambda _: shown(own=found.own_failures, number=found.failures),
        ),
        Column(
            title="good in a row",
            key="passes",
            show=lambda _: shown(own=found.own_passes, number=found.passes),
        ),
    )
    return facts_of(found, columns, session.output.stream)
