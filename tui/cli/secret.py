"""Secrets on their way in: by reference, stdin, file or prompt; never as a flag's value.

What stands on a command line is in the process list and the shell's history.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.cli.session import Session

FIELD = "secret"
LONGEST = 65_536
"""Characters read at most; no credential is longer, and a wrong file may have no end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    """What was given: a reference, or a secret in the open, or neither."""

    reference: str | None = None
    secret: str | None = field(default=None, repr=False)

    @property
    def given(self) -> bool:
        """Whether there is one at all."""
        return bool(self.reference or self.secret)


def credential_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the ways to give a credential."""
    for option in (
        click.option("--credential-prompt", is_flag=True, help="Ask for it, unseen."),
        click.option(
            "--credential-file",
            metavar="FILE",
            type=click.Path(exists=True, dir_okay=False),
            help="Read it from a file.",
        ),
        click.option("--credential-stdin", is_flag=True, help="Read it from standard input."),
        click.option(
            "--credential-ref",
            metavar="REF",
            help="Where it already is: env://NAME or encrypted://ID. Never the key itself.",
        ),
    ):
        function = option(function)
    return function


CREDENTIAL_NAMES = (
    "--credential-stdin",
    "--credential-file",
    "--credential-prompt",
    "--credential-ref",
)


def take(session: Session, told: dict[str, Any], *, label: str) -> Credential:
    """Return the credential that `told` names a way to; removes those ways from `told`.

    Raises:
        InvalidInput: More than one way, an unreadable file, or a prompt without a terminal.
    """
    ways = {
        name: value
        for name in ("ref", "stdin", "file", "prompt")
        if (value := told.pop(f"credential_{name}", None))
    }
    if len(ways) > 1:
        raise InvalidInput(
            "A credential can be given in one way only.",
            hint="Keep one of: " + ", ".join(f"--credential-{name}" for name in ways),
            field=FIELD,
        )
    if "ref" in ways:
        return Credential(reference=str(ways["ref"]))
    if "stdin" in ways:
        return Credential(secret=_from_stdin())
    if "file" in ways:
        return Credential(secret=_from_file(str(ways["file"])))
    return ask(session, label) if ways else Credential()


def ask(session: Session, label: str) -> Credential:
    """Ask the person; what is typed is not shown."""
    if session.no_input:
        raise InvalidInput(
            f"The {label} is missing, and there is no terminal to ask for it.",
            hint="Give --credential-stdin, --credential-file or --credential-ref.",
            field=FIELD,
        )
    typed = click.prompt(label, hide_input=True, default="", show_default=False, err=True)
    return Credential(secret=str(typed).strip() or None)


def _from_stdin() -> str | None:
    try:
        return _bounded(sys.stdin.read(LONGEST + 1))
    except (ValueError, AttributeError):  # not text, or no stdin at all
        raise InvalidInput(
            "The credential on standard input cannot be read as text.", field=FIELD
        ) from None


def _from_file(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as source:  # noqa: PTH123 - read no more than is taken
            text = source.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise InvalidInput(
            f"The credential file {path} cannot be read: {reason}.", field=FIELD
        ) from None
    return _bounded(text)


def _bounded(text: str) -> str | None:
    if len(text) > LONGEST:
        raise InvalidInput("That is too long for a credential.", field=FIELD)
    return text.strip() or None
