"""`lampboard integrations export|apply`: all of a tenant's as a document, and back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from tui.cli.exports import ExportCommand
from tui.cli.kit import BoardCommand
from tui.cli.options import dry_run_option
from tui.cli.output import as_json, as_yaml
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.integrations.results import ApplyResult
    from engine.workspace import Workspace
    from tui.cli.table import Column

STDIN = "-"
PART = 200
"""Documents that are written out at a time."""


@click.command(
    "export",
    cls=ExportCommand,
    formats=("yaml", "json"),
    examples=(
        "lampboard integrations export --tenant acme > acme.yaml",
        "lampboard integrations export --tenant acme -o json",
    ),
)
@click.pass_obj
def export_command(session: Session) -> None:
    """Write all of a tenant's integrations as one YAML or JSON document, for `apply`.

    It contains no secrets: of a credential there is only the reference.
    """

    async def work(workspace: Workspace) -> tuple[dict[str, object], ...]:
        return await workspace.integrations.export_integrations(await session.tenant(workspace))

    found = session.run(work)
    for part in _json(found) if session.output.format == "json" else _yaml(found):
        session.output.stream.write(part)
    if not found:
        narrate("There are no integrations, so the document has no items.")


def _yaml(items: tuple[dict[str, object], ...]) -> Iterator[str]:
    from engine.documents import envelope

    if not items:
        yield as_yaml(envelope(()))
        return
    yield as_yaml(envelope(())).replace(" []", "")
    for start in range(0, len(items), PART):
        yield as_yaml(list(items[start : start + PART]))


def _json(items: tuple[dict[str, object], ...]) -> Iterator[str]:
    from engine.documents import envelope

    yield as_json(envelope(items), sys.stdout) + "\n"


@click.command(
    cls=BoardCommand,
    examples=(
        "lampboard integrations apply -f acme.yaml --tenant acme --dry-run",
        "lampboard integrations apply -f acme.yaml --tenant acme",
        "lampboard integrations export --tenant acme |",
        "    lampboard integrations apply -f - --tenant acme-test",
    ),
)
@click.option(
    "-f", "--file", "path", metavar="FILE", required=True, help="The document; - is stdin."
)
@dry_run_option
@click.pass_context
def apply(ctx: click.Context, *, path: str, dry_run: bool) -> None:
    """Make a tenant's integrations be as a YAML or JSON document says.

    What is missing is created, what differs is changed, what is not named stays. Exits with 1
    when one of them was refused, and with 2 when the document cannot be used at all.
    """
    from engine.documents import read_documents

    session: Session = ctx.obj
    documents = read_documents(_content(path), name="" if path == STDIN else path)

    async def work(workspace: Workspace) -> ApplyResult:
        tenant = await session.tenant(workspace)
        return await workspace.integrations.apply_integrations(tenant, documents, dry_run=dry_run)

    result = session.run(work)
    _print(session, result)
    ctx.exit(1 if result.counts["refused"] else 0)


def _content(path: str) -> bytes:
    """Return no more than can be used of the file, and one byte that says that there is more."""
    from engine.documents.limits import MAX_BYTES

    try:
        if path == STDIN:
            return _from_stdin(MAX_BYTES + 1)
        with open(path, "rb") as source:  # noqa: PTH123 - read no more than is taken
            return source.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a ValueError where the path has a NUL in it
        reason = getattr(error, "strerror", None) or "that is not a path"
        where = "Standard input" if path == STDIN else f"The file {path}"
        raise InvalidInput(f"{where} cannot be read: {reason}.", field="file") from None


def _from_stdin(most: int) -> bytes:
    binary = getattr(sys.stdin, "buffer", None)
    if binary is not None:
        data: bytes = binary.read(most)
        return data
    text = sys.stdin.read(most) if sys.stdin is not None else ""
    return text.encode("utf-8", "replace")


def _print(session: Session, result: ApplyResult) -> None:
    if session.output.format in {"json", "yaml"}:
        session.output.record(result.to_dict(), table=str)
    else:
        session.output.listing([result.results], result.total, _columns())
        for hint in _hints(result):
            narrate(f"Hint: {hint}")
    narrate(_summary(result))


def _columns() -> tuple[Column, ...]:
    from tui.cli.table import Column

    return (
        Column(title="ITEM", key="index", right=True),
        Column(title="LINE", key="line", right=True),
        Column(title="NAME", key="name"),
        Column(title="OUTCOME", key="outcome"),
        Column(title="FIELD", key="problems", show=_fields),
        Column(title="MESSAGE", key="message"),
    )


def _fields(problems: Any) -> str:
    return ", ".join(problem.field for problem in problems if problem.field)


def _hints(result: ApplyResult) -> list[str]:
    every = (problem.hint for item in result.results for problem in item.problems)
    return list(dict.fromkeys(hint for hint in every if hint))


def _summary(result: ApplyResult) -> str:
    if not result.total:
        return "The document has no items, so there was nothing to do."
    told = ", ".join(f"{number:,} {outcome}" for outcome, number in result.counts.items() if number)
    return f"{told}." + (" Nothing was stored: a dry run." if result.dry_run else "")
