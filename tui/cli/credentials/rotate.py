"""`lampboard credentials rotate`: another master key, while everything runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tui.cli.credentials.shows import under_key
from tui.cli.kit import BoardCommand
from tui.cli.options import dry_run_option
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.credentials.results import KeyStatus, RotationProgress
    from engine.workspace import Workspace

NEW_KEY = ("--new-key-stdin", "--new-key-file")
STEPS = ("--status", "--dry-run", "--prepare", "--drop-only")
FORMER = ("--keep-former", "--drop-former", "--anyway")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What was asked for beside the plain rotation."""

    keep: bool | None
    anyway: bool
    new_key: bytes | None


@click.command(
    "rotate",
    cls=BoardCommand,
    panels={"New key": NEW_KEY, "Steps": STEPS, "Former keys": FORMER},
    examples=(
        "lampboard credentials rotate",
        "lampboard credentials rotate --status",
        "openssl rand -hex 32 | lampboard credentials rotate --new-key-stdin",
        "lampboard credentials rotate --prepare  # then copy the key file to the other machines",
    ),
)
@click.option("--new-key-stdin", is_flag=True, help="Read the new key from standard input.")
@click.option(
    "--new-key-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="Read the new key from a file: 64 hex digits.",
)
@click.option("--status", is_flag=True, help="Tell how it stands, and change nothing.")
@click.option("--prepare", is_flag=True, help="Only put the next key beside the present one.")
@click.option("--drop-only", is_flag=True, help="Only drop keys that no credential here needs.")
@click.option("--keep-former", is_flag=True, help="Keep the former key beside the new one.")
@click.option(
    "--drop-former", is_flag=True, help="Drop the former key even where others may need it."
)
@click.option("--anyway", is_flag=True, help="Begin though other machines have keys of their own.")
@dry_run_option
@click.pass_context
def command(  # noqa: PLR0913 - one parameter a flag
    ctx: click.Context,
    /,
    *,
    new_key_stdin: bool,
    new_key_file: str | None,
    status: bool,
    prepare: bool,
    drop_only: bool,
    keep_former: bool,
    drop_former: bool,
    anyway: bool,
    dry_run: bool,
) -> None:
    """Encrypt every stored credential under another master key, while everything runs.

    Killed at any point, no credential is unreadable; run again, it goes on. The former key is
    dropped at the end where it serves this database alone, and kept where others may need it.
    """
    session: Session = ctx.obj
    _refuse_several(
        **{"--status": status, "--dry-run": dry_run, "--prepare": prepare},
        **{"--drop-only": drop_only},
    )
    _refuse_several(**{"--keep-former": keep_former, "--drop-former": drop_former})
    given = _given(session, stdin=new_key_stdin, file=new_key_file)
    keep = True if keep_former else False if drop_former else None
    if status or dry_run:
        _status(session, given)
    elif prepare:
        _prepare(session, given)
    elif drop_only:
        _drop(session)
    else:
        wish = Wish(keep=keep, anyway=anyway, new_key=given)
        ctx.exit(0 if _rotate(session, wish).finished else 1)


def _refuse_several(**flags: bool) -> None:
    from engine.errors import InvalidInput

    told = [name for name, given in flags.items() if given]
    if len(told) > 1:
        raise InvalidInput(f"{' and '.join(told)} do not go together.", hint=f"Keep {told[0]}.")


def _given(session: Session, *, stdin: bool, file: str | None) -> bytes | None:
    from pathlib import Path

    from engine.credentials import keyfile
    from engine.credentials.masterkey import parse_key
    from engine.errors import InvalidInput
    from tui.cli.secret import take

    if stdin and file:
        raise InvalidInput("The new key can be given in one way only.", field="new_key")
    if file:
        return parse_key(keyfile.read(Path(file)), f"the file {file}")
    if stdin:
        found = take(session, {"new_key_stdin": True}, label="new key", name="new-key")
        return parse_key(found.secret or "", "standard input")
    return None


def _rotate(session: Session, wish: Wish) -> RotationProgress:
    async def work(workspace: Workspace) -> RotationProgress:
        return await workspace.credentials.master.rotate(
            wish.new_key, keep=wish.keep, anyway=wish.anyway, on_progress=_tell
        )

    _warn_others(session)
    done = session.run(work)
    session.output.record(done.to_dict(), table=lambda: _outcome(done), name="to_key")
    return done


def _warn_others(session: Session) -> None:
    if not session.settings.database.startswith("sqlite"):
        narrate(
            "Other machines on this server need a copy of the changed keys before they can open "
            "credentials again; `--prepare` lets you copy them first."
        )


def _tell(progress: RotationProgress) -> None:
    narrate(f"{under_key(progress)}.")


def _outcome(done: RotationProgress) -> str:
    if not done.finished:
        damaged = (
            "one is damaged and stays as it is"
            if done.unreadable == 1
            else f"{done.unreadable:,} are damaged and stay as they are"
        )
        return (
            f"{under_key(done)}; {damaged}, and so does the former key.\n"
            "Enter again or delete what is damaged (`lampboard credentials list`), then run this "
            "again.\n"
        )
    kept = f" Kept beside it: {', '.join(done.kept)}." if done.kept else ""
    if not done.total:
        return f"Nothing is stored yet; what comes will be under key {done.to_key}.{kept}\n"
    every = "The one credential is" if done.total == 1 else f"All {done.total:,} credentials are"
    return f"{every} under key {done.to_key}.{kept}\n"


def _status(session: Session, given: bytes | None) -> None:
    async def work(workspace: Workspace) -> KeyStatus:
        return await workspace.credentials.master.status(given)

    found = session.run(work)
    session.output.record(found.to_dict(), table=lambda: _standing(found), name="current")


def _standing(found: KeyStatus) -> str:
    lines = [f"Keys in {found.place}: {', '.join(found.keys)}"]
    if not found.counts:
        lines.append("No credential is stored.")
    for key_id, count in found.counts.items():
        here = " (credentials are encrypted under this one)" if key_id == found.current else ""
        lines.append(f"{count:,} under key {key_id}{here}")
    if found.rotation is not None and not found.rotation.finished:
        lines.append(f"A rotation to key {found.rotation.to_key} is under way.")
    target = f"key {found.next_key}" if found.next_key else "a new key"
    left = sum(count for key_id, count in found.counts.items() if key_id != found.next_key)
    drops = "dropped" if found.drops else "kept beside it, since others may need them"
    lines.append(f"A rotation would move {left:,} to {target}; former keys would be {drops}.")
    if found.elsewhere:
        lines.append(f"Monitors on other machines: {', '.join(found.elsewhere)}.")
    return "".join(f"{line}\n" for line in lines)


def _prepare(session: Session, given: bytes | None) -> None:
    async def work(workspace: Workspace) -> tuple[str, KeyStatus]:
        master = workspace.credentials.master
        return await master.prepare(given), await master.status()

    key_id, found = session.run(work)
    session.output.record(
        found.to_dict(),
        table=lambda: (
            f"Key {key_id} is next in {found.place}. Copy that to the other machines, then run "
            "`lampboard credentials rotate`.\n"
        ),
        name="next_key",
    )


def _drop(session: Session) -> None:
    async def work(workspace: Workspace) -> tuple[str, ...]:
        return await workspace.credentials.master.drop_former()

    dropped = session.run(work)
    told = f"Dropped: {', '.join(dropped)}.\n" if dropped else "There is none to drop.\n"
    session.output.record({"dropped": list(dropped)}, table=lambda: told, name="dropped")
