"""What exports share: they write what is kept, read back or handed on, in formats of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.kit import BoardCommand
from tui.cli.options import Words

if TYPE_CHECKING:
    from tui.cli.session import Session


class ExportCommand(BoardCommand):
    """Takes its own formats for `-o`, the first where none is told, and refuses any other.

    Its function finds the format in `session.output.format`.
    """

    def __init__(self, *args: Any, formats: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.formats = formats
        self._option = next(one for one in self.params if one.name == "output")
        self._option.type = _Formats(formats)
        if isinstance(self._option, click.Option):
            self._option.help = f"How to write it: {_listed(formats)}."

    def invoke(self, ctx: click.Context) -> Any:
        """Write in the format that was told, also where it was told before the command's name."""
        session: Session = ctx.obj
        told = session.flags.setdefault("output", self.formats[0])
        self._option.type.convert(told, self._option, ctx)
        return super().invoke(ctx)


class _Formats(Words):
    """Formats of one export; another is answered with how to ask for these."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Return what to say instead."""
        del ctx
        asked = " or ".join(f"-o {one}" for one in self.choices)
        return f"this is not written as {value}; use {asked}."


def _listed(formats: tuple[str, ...]) -> str:
    if len(formats) == 1:
        return formats[0]
    *most, last = (f"{formats[0]} (else)", *formats[1:])
    return f"{', '.join(most)} or {last}"
