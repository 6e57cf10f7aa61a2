"""Questions before something that cannot be taken back. They name the thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from tui.cli.session import Session


def confirm(session: Session, question: str, *, yes: bool) -> None:
    """Go on only with a yes.

    Raises:
        InvalidInput: Nobody can be asked and `--yes` was not given.
        click.Abort: The answer was no.
    """
    if yes:
        return
    if session.no_input:
        raise InvalidInput(
            f"{question} Nobody can be asked here.", hint="Give --yes to say so beforehand."
        )
    from tui.text import clean

    click.confirm(clean(question), abort=True, err=True)
