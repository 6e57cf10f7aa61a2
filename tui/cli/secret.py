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


def secret_options(name: str, label: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds the ways to give the secret `name`, such as `--name-stdin`."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            click.option(f"--{name}-prompt", is_flag=True, help=f"Ask for the {label}, unseen."),
            click.option(
                f"--{name}-file",
                metavar="FILE",
                type=click.Path(exists=True, dir_okay=False),
                help=f"Read the {label} from a file.",
            ),
            click.option(
                f"--{name}-stdin", is_flag=True, help=f"Read the {label} from standard input."
            ),
            click.option(
                f"--{name}-ref",
                metavar="REF",
                help=f"Where the {label} already is: env://NAME, vault://…, encrypted://ID.",
            ),
        ):
            function = option(function)
        return function

    return add


def secret_names(name: str) -> tuple[str, ...]:
    """Return the flags of the ways to give the secret `name`."""
    return tuple(f"--{name}-{way}" for way in ("stdin", "file", "prompt", "ref"))


credential_options = secret_options("credential", "credential")
CREDENTIAL_NAMES = secret_names("credential")


def take(
    session: Session, told: dict[str, Any], *, label: str, name: str = "credential"
) -> Credential:
    """Return the secret that `told` names a way to; removes those ways from `told`.

    Raises:
        InvalidInput: More than one way, an unreadable file, or a prompt without a terminal.
    """
    key = name.replace("-", "_")
    ways = {
        way: value
        for way in ("ref", "stdin", "file", "prompt")
        if (value := told.pop(f"{key}_{way}", None))
    }
    if len(ways) > 1:
        raise InvalidInput(
            f"The {label} can be given in one way only.",
            hint="Keep one of: " + ", ".join(f"--{name}-{way}" for way in ways),
            field=FIELD,
        )
    if "ref" in ways:
        return Credential(reference=str(ways["ref"]))
    if "stdin" in ways:
        return Credential(secret=_from_stdin(label))
    if "file" in ways:
        return Credential(secret=_from_file(str(ways["file"]), label))
    return ask(session, label, name=name) if ways else Credential()


def ask(session: Session, label: str, *, name: str = "credential") -> Credential:
    """Ask the person; what is typed is not shown."""
    if session.no_input:
        raise InvalidInput(
            f"The {label} is missing, and there is no terminal to ask for it.",
            hint=f"Give --{name}-stdin, --{name}-file or --{name}-ref.",
            field=FIELD,
        )
    typed = click.prompt(
        label[:1].upper() + label[1:], hide_input=True, default="", show_default=False, err=True
    )
    return Credential(secret=str(typed).strip() or None)


def _from_stdin(label: str) -> str | None:
    try:
        return _bounded(sys.stdin.read(LONGEST + 1), label)
    except (ValueError, AttributeError):  # not text, or no stdin at all
        raise InvalidInput(
            f"The {label} on standard input cannot be read as text.", field=FIELD
        ) from None


def _from_file(path: str, label: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as source:  # noqa: PTH123 - read no more than is taken
            text = source.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise InvalidInput(
            f"The {label} file {path} cannot be read: {reason}.", field=FIELD
        ) from None
    return _bounded(text, label)


def _bounded(text: str, label: str) -> str | None:
    if len(text) > LONGEST:
        raise InvalidInput(f"That is too long for a {label}.", field=FIELD)
    return text.strip() or None
