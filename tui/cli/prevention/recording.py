"""`lampboard prevention record`: one candidate by flags, or many as JSON lines."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from engine.errors import InvalidInput
from tui.cli.kit import BoardCommand
from tui.cli.numbers import Number
from tui.cli.session import Session, narrate
from tui.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.prevention import Appended, PreventionCandidate, PreventionRecord
    from engine.workspace import Workspace

STDIN = "-"
_MAX_LINE = 1 << 20
_FLAGS = (
    *("--policy", "--pattern", "--confidence", "--mode", "--blocked", "--original"),
    *("--pattern-signature", "--request-signature", "--simulated", "--incident-created"),
)


@click.command(
    "record",
    cls=BoardCommand,
    panels={"One": _FLAGS, "Many": ("--jsonl",)},
    examples=(
        "lampboard prevention record --policy no-raw-exports --pattern bulk-read --confidence 0.9",
        "lampboard prevention record --jsonl prevented.jsonl --tenant acme",
    ),
)
@click.option("--policy", "policy_id", metavar="ID", help="The policy that blocked.")
@click.option("--pattern", "pattern_id", metavar="ID", help="The pattern that was recognised.")
@click.option(
    "--confidence",
    "signature_match_confidence",
    type=Number(),
    metavar="N",
    help="How sure the match was, 0.6 to 1.",
)
@click.option("--mode", "policy_mode", metavar="WORD", help="The policy's mode then (active).")
@click.option("--blocked", "blocked_incident_id", metavar="ID", help="What did not happen.")
@click.option(
    "--original", "original_incident_id", metavar="ID", help="From which the pattern is known."
)
@click.option("--pattern-signature", metavar="TEXT", help="What the pattern looks like.")
@click.option("--request-signature", metavar="TEXT", help="What the request looked like.")
@click.option("--simulated", "is_simulated", is_flag=True, default=None, help="It was a drill.")
@click.option(
    "--incident-created", is_flag=True, default=None, help="An incident came of it all the same."
)
@click.option(
    "--jsonl",
    "file",
    metavar="FILE|-",
    help="Many, an object with the candidate's fields a line: all of them or none.",
)
@click.pass_obj
def command(session: Session, /, *, file: str | None, **told: Any) -> None:
    """Validate what a policy prevented, and append it to the ledger.

    What breaks the contract is refused with the rule, and nothing is written. When this ends
    with 0, the records are safe from a power cut.
    """
    given = {name: value for name, value in told.items() if value is not None}
    if file is not None:
        if given:
            raise InvalidInput("Give either one record by flags, or --jsonl.", field="jsonl")
        _many(session, file)
        return
    _one(session, given)


def _one(session: Session, given: dict[str, Any]) -> None:
    from engine.prevention.candidates import candidate_of

    given.setdefault("policy_mode", "active")
    given.setdefault("incident_created", False)
    given.setdefault("signature_match_confidence", None)
    for name in ("policy_id", "pattern_id"):
        given.setdefault(name, "")

    async def work(workspace: Workspace) -> PreventionRecord:
        tenant = await session.tenant(workspace)
        return await workspace.prevention.record(tenant, candidate_of(given, tenant))

    done = session.run(work)
    session.output.record(done.to_dict(), table=lambda: f"{done.id}\n", name="id")
    narrate(f"Record {done.seq:,} is written: {done.digest[:12]}….")


def _many(session: Session, file: str) -> None:
    async def work(workspace: Workspace) -> Appended:
        tenant = await session.tenant(workspace)
        workspace.require_writable()
        return await workspace.prevention.record_many(tenant, _read(file, tenant))

    done = session.run(work)
    span = f"prv-{done.first} to prv-{done.last}\n"
    session.output.record(done.to_dict(), table=lambda: span, name="last")
    narrate(f"{plural(done.count, 'record')} {'is' if done.count == 1 else 'are'} written.")


def _read(file: str, tenant: str) -> list[PreventionCandidate]:
    from engine.prevention.candidates import read_candidates
    from engine.prevention.ledger import MAX_BATCH

    try:
        with _opened(file) as stream:
            found = list(islice(read_candidates(_lines(stream), tenant), MAX_BATCH + 1))
    except UnicodeDecodeError:
        raise InvalidInput("The file is not UTF-8 text.", field="jsonl") from None
    except OSError as error:
        raise InvalidInput(
            f"The file {file[:200]!r} cannot be read: {error.strerror}.", field="jsonl"
        ) from None
    if len(found) > MAX_BATCH:
        raise InvalidInput(
            f"At most {MAX_BATCH:,} records are written at once.",
            hint="Split the file, for example with `split -l 10000`.",
            field="jsonl",
        )
    return found


def _opened(file: str) -> TextIO:
    if file == STDIN:
        import io

        return io.StringIO(sys.stdin.read())
    return Path(file).open(encoding="utf-8")


def _lines(stream: TextIO) -> Iterator[str]:
    while line := stream.readline(_MAX_LINE):
        yield line
