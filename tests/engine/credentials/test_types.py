from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime

import pytest

from engine.credentials import Credential, CredentialService

SECRET = "sk-planted-0123456789"


def test_no_text_form_shows_the_value() -> None:
    credential = Credential(SECRET, datetime(2026, 1, 1, tzinfo=UTC))
    for text in (repr(credential), str(credential), f"{credential}", f"{[credential]!r}"):
        assert SECRET not in text
    assert credential.value == SECRET


def test_it_is_neither_pickled_nor_copied() -> None:
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError) as refused:
            leave(Credential(SECRET))
        assert SECRET not in str(refused.value)


def test_the_protocol_is_checked_at_run_time() -> None:
    class Fits:
        async def get(self, credential_ref: str) -> Credential:
            return Credential(credential_ref)

    assert isinstance(Fits(), CredentialService)
    assert not isinstance(object(), CredentialService)
