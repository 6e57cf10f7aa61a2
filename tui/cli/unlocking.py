"""Asking for the passphrase of a locked key file, before anything is opened."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.settings import Settings

TRIES = 3


def unlocked(settings: Settings) -> Settings:
    """Return the settings with the passphrase that the person typed, where one is needed.

    Nothing typed goes on without: what needs no credential works.

    Raises:
        MasterKeyRefused: Three passphrases were wrong, or the file cannot be used.
    """
    if settings.master_key or settings.master_passphrase or settings.master_passphrase_file:
        return settings
    from engine.credentials.keysource import MasterKeySource

    found = MasterKeySource.from_settings(settings).key_file()
    if found is None or not found.seems_locked():
        return settings
    from engine.errors import MasterKeyRefused
    from tui.cli.session import narrate

    for tried in range(1, TRIES + 1):
        typed = str(_ask(found.name))
        if not typed:
            break
        told = replace(settings, master_passphrase=typed)
        try:
            MasterKeySource.from_settings(told).find()
        except MasterKeyRefused as error:
            if tried == TRIES:
                raise
            narrate(error.message)
        else:
            return told
    return settings


def _ask(name: str) -> object:
    words = f"Passphrase of {name} (nothing: go on without)"
    return click.prompt(words, hide_input=True, default="", show_default=False, err=True)
