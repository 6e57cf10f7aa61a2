"""The operating system's keyring, with one in memory in its place."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backend import KeyringBackend as Keeping
from keyring.errors import KeyringError, KeyringLocked

from engine.credentials.backends.keyrings import KeyringBackend
from engine.errors import CredentialReferenceInvalid, CredentialUnreadable
from engine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "canary-of-a-keyring"


class InMemory(Keeping):
    """A keyring that forgets everything; `trouble` is raised instead of an answer."""

    priority = 1.0
    trouble: Exception | None = None

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self.trouble is not None:
            raise self.trouble
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture
def ring() -> Iterator[InMemory]:
    before, found = keyring.get_keyring(), InMemory()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


def test_a_password_is_read_by_service_and_user(ring: InMemory) -> None:
    ring.set_password("my service", "dana@host", SECRET)
    assert KeyringBackend().get("my%20service/dana@host").value == SECRET
    with pytest.raises(CredentialUnreadable, match="no password for this service"):
        KeyringBackend().get("my%20service/other")


def test_the_master_key_is_never_a_credential(ring: InMemory) -> None:
    ring.set_password("lampboard", "master-key", SECRET)
    for path in ("lampboard/master-key", "LAMPBOARD/master-key", "%6Campboard/master-key"):
        with pytest.raises(CredentialReferenceInvalid):
            KeyringBackend().get(path)


def test_a_shared_workspace_reads_listed_services_alone(ring: InMemory) -> None:
    ring.set_password("openai", "prod", SECRET)
    ring.set_password("mail", "dana", SECRET)
    shared = Settings(database="postgresql://db/board")
    with pytest.raises(CredentialUnreadable, match="may not be read here"):
        KeyringBackend.of(shared).get("openai/prod")
    listed = Settings(database="postgresql://db/board", allow_keyring_services=("openai",))
    assert KeyringBackend.of(listed).get("openai/prod").value == SECRET
    with pytest.raises(CredentialUnreadable, match="may not be read here"):
        KeyringBackend.of(listed).get("mail/dana")
    own = Settings(database="sqlite:///b.db")
    assert KeyringBackend.of(own).get("mail/dana").value == SECRET


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (KeyringLocked(f"locked: {SECRET}"), "is locked"),
        (KeyringError(f"broken: {SECRET}"), "cannot be read"),
    ],
)
def test_what_a_keyring_says_is_not_repeated(ring: InMemory, trouble: Exception, told: str) -> None:
    ring.trouble = trouble
    with pytest.raises(CredentialUnreadable, match=told) as refused:
        KeyringBackend().get("openai/prod")
    assert SECRET not in refused.value.message + refused.value.hint


def test_without_any_keyring_it_says_so() -> None:
    with pytest.raises(CredentialUnreadable):
        KeyringBackend().get("openai/prod")


def test_a_missing_library_is_told_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(CredentialUnreadable) as refused:
        KeyringBackend().get("openai/prod")
    assert "pip install 'lampboard[keyring]'" in refused.value.hint
