"""The token that opens the page: made here or told, and compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "LAMPBOARD_SERVE_TOKEN"
SHORTEST, LONGEST = 16, 4096
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MAKE = "Make one with: openssl rand -hex 32"


def made() -> str:
    """Return a new token of 256 random bits."""
    return secrets.token_urlsafe(32)


def told(file: str | None, environment: Mapping[str, str]) -> str | None:
    """Return the token of a file, else of `LAMPBOARD_SERVE_TOKEN`; None where neither is there.

    Raises:
        InvalidInput: It is too short or no plain text, or others can read the file.
    """
    if file is not None:
        return _checked(_read(Path(file), environment), f"The token in {file}")
    text = environment.get(VARIABLE, "").strip()
    return _checked(text, VARIABLE) if text else None


def same(given: str, token: str) -> bool:
    """Tell whether two tokens are one, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def cookie_of(token: str) -> str:
    """Return what a browser keeps in the token's place: it opens the page, and is not the token."""
    return hmac.new(token.encode(), b"lampboard cookie", hashlib.sha256).hexdigest()


def _checked(text: str, where: str) -> str:
    if not (text.isascii() and text.isprintable()) or " " in text or len(text) > LONGEST:
        raise InvalidInput(f"{where} is no plain text in one word.", hint=_MAKE, field="token_file")
    if len(text) < SHORTEST:
        raise InvalidInput(
            f"{where} has less than {SHORTEST} characters.", hint=_MAKE, field="token_file"
        )
    return text


def _read(path: Path, environment: Mapping[str, str]) -> str:
    try:
        with path.open(encoding="utf-8") as source:
            found = os.fstat(source.fileno())
            text = source.read(LONGEST + 2).strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise InvalidInput(
            f"The token file {path} cannot be read: {reason}.", field="token_file"
        ) from None
    if found.st_mode & _OTHERS and not _is_handed_over(path, environment):
        raise InvalidInput(
            f"The token file {path} can be reached by other users "
            f"(mode {stat.S_IMODE(found.st_mode):04o}).",
            hint=f"Make it yours alone: chmod 600 '{path}'. If others may have read it, "
            "put another token in.",
            field="token_file",
        )
    return text


def _is_handed_over(path: Path, environment: Mapping[str, str]) -> bool:
    """Tell whether systemd handed the file over: its folder is closed, by means no mode shows."""
    folder = environment.get("CREDENTIALS_DIRECTORY", "")
    return bool(folder) and path.resolve().is_relative_to(Path(folder).resolve())
