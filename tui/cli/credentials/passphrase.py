"""`lampboard credentials passphrase`: lock the key file, so that a copy of it is no use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.kit import BoardGroup
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.workspace import Workspace

command = BoardGroup(
    name="passphrase",
    help="Lock the key file with a passphrase: without it, a copy of the file opens nothing.",
    examples=(
        "lampboard credentials passphrase set",
        "lampboard credentials passphrase change --new-file ~/new-passphrase",
        "lampboard credentials passphrase remove",
    ),
)


def _new_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option(
            "--new-file",
            metavar="FILE",
            type=click.Path(exists=True, dir_okay=False),
            help="Read the new passphrase from a file.",
        ),
        click.option(
            "--new-stdin", is_flag=True, help="Read the new passphrase from standard input."
        ),
    ):
        function = option(function)
    return function


@command.command("set", examples=("lampboard credentials passphrase set",))
@_new_options
@click.pass_obj
def set_command(session: Session, *, new_file: str | None, new_stdin: bool) -> None:
    """Lock the key file; from then on every process needs the passphrase."""
    _require_locked(session, wanted=False)
    _change(session, _new(session, new_file, stdin=new_stdin), "The key file is locked.")
    narrate(
        "Give the passphrase as LAMPBOARD_MASTER_PASSPHRASE or by master_passphrase_file where "
        "nobody can be asked; it cannot be recovered."
    )


@command.command("change", examples=("lampboard credentials passphrase change",))
@_new_options
@click.pass_obj
def change_command(session: Session, *, new_file: str | None, new_stdin: bool) -> None:
    """Lock the key file with another passphrase."""
    _require_locked(session, wanted=True)
    _change(session, _new(session, new_file, stdin=new_stdin), "The passphrase is changed.")


@command.command("remove", examples=("lampboard credentials passphrase remove",))
@click.pass_obj
def remove_command(session: Session) -> None:
    """Unlock the key file for good."""
    _require_locked(session, wanted=True)
    _change(session, None, "The key file is not locked any more.")


def _require_locked(session: Session, *, wanted: bool) -> None:
    from engine.credentials import MasterKeySource
    from engine.errors import LifecycleRefused

    found = MasterKeySource.from_settings(session.settings).key_file()
    if found is None:
        return  # the engine says where the key is instead
    if found.is_locked() != wanted:
        raise LifecycleRefused(
            f"{found.name[0].upper()}{found.name[1:]} is {'not ' if wanted else ''}locked with a "
            "passphrase.",
            hint=f"Use `lampboard credentials passphrase {'set' if wanted else 'change'}`.",
        )


def _new(session: Session, file: str | None, *, stdin: bool) -> str:
    from pathlib import Path

    from engine.credentials import keyfile
    from engine.credentials.passphrase import require_passphrase
    from engine.errors import InvalidInput
    from tui.cli.secret import take

    if file and stdin:
        raise InvalidInput("The new passphrase can be given in one way only.", field="passphrase")
    if file:
        return require_passphrase(keyfile.read(Path(file), "passphrase"))
    if stdin:
        told = {"new_stdin": True}
        return require_passphrase(
            take(session, told, label="new passphrase", name="new").secret or ""
        )
    if session.no_input:
        raise InvalidInput(
            "The new passphrase is missing, and there is no terminal to ask for it.",
            hint="Give --new-stdin or --new-file.",
            field="passphrase",
        )
    found = require_passphrase(str(_ask("New passphrase")))
    if str(_ask("Once more")).strip() != found:
        raise InvalidInput("The two are not the same; nothing was changed.", field="passphrase")
    return found


def _ask(words: str) -> object:
    return click.prompt(words, hide_input=True, default="", show_default=False, err=True)


def _change(session: Session, new: str | None, told: str) -> None:
    async def work(workspace: Workspace) -> None:
        await workspace.credentials.master.set_passphrase(new)

    session.run(work)
    session.output.record({"locked": new is not None}, table=lambda: f"{told}\n", name="locked")
