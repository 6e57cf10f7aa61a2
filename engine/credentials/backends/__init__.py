"""Who keeps secrets outside the workspace: keyring, vault, mounted files, other distributions'.

A backend is asked in a thread of its own, never inside a database transaction and never on an
event loop's thread; see `engine.credentials.asking`. Importing this package is cheap.
"""

from __future__ import annotations

from engine.credentials.backends.base import CredentialBackend
from engine.credentials.backends.registry import Backends

__all__ = ["Backends", "CredentialBackend"]
