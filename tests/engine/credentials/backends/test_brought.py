"""Backends of other distributions: taken where they fit, and never the end of a run."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

import pytest

from engine.clock import FixedClock
from engine.credentials import Credential, ExternalReference, parse_reference
from engine.credentials.backends import Backends, CredentialBackend, brought
from engine.errors import CredentialReferenceInvalid, CredentialUnreadable
from engine.settings import Settings
from engine.sources.secrets import is_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "canary-of-another-distribution"


class Good:
    """What a distribution brings."""

    scheme = "cloud-secrets"

    def get(self, path: str) -> Credential:
        if path == "broken":
            raise ValueError(SECRET)
        if path == "number":
            return Credential(5)  # type: ignore[arg-type]
        if path == "empty":
            return Credential(" \n")
        if path == "text":
            return SECRET  # type: ignore[return-value]
        return Credential(f"{SECRET}/{path}\n", expires_at=NOW)


class Twin(Good):
    """Another one for the same scheme."""


class Thief(Good):
    """Would have all that is encrypted."""

    scheme = "encrypted"


class Loud(Good):
    """A scheme that no reference can have."""

    scheme = "Cloud Secrets"


def fails() -> None:
    raise RuntimeError(SECRET)


_TAKEN: dict[str, Any] = {
    "a-good": Good,
    "b-twin": Twin(),
    "c-thief": Thief,
    "d-loud": Loud(),
    "e-nothing": object(),
    "f-fails": fails,
    "g-ends": lambda: (_ for _ in ()).throw(SystemExit(3)),
}


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    points = [EntryPoint(name, f"there:{name}", brought.GROUP) for name in _TAKEN]
    monkeypatch.setattr(EntryPoint, "load", lambda self: _TAKEN[self.name])
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda *, group: points if group == brought.GROUP else ()
    )
    brought.backends.cache_clear()
    yield
    brought.backends.cache_clear()


def ask(path: str) -> Credential:
    settings = Settings(database="sqlite:///b.db")
    backends = Backends(settings, clock=FixedClock(NOW), environment={})
    return backends.get(ExternalReference(kind="cloud-secrets", path=path))


def test_what_fits_is_taken_and_why_the_others_were_not_is_known() -> None:
    found = brought.backends()
    assert set(found.found) == {"cloud-secrets"}
    assert isinstance(found.found["cloud-secrets"], CredentialBackend)
    assert set(found.broken) == set(_TAKEN) - {"a-good"}
    assert SECRET not in str(found.broken)


def test_its_references_are_references() -> None:
    assert str(parse_reference("cloud-secrets://eu/app/key")) == "cloud-secrets://eu/app/key"
    assert is_reference("cloud-secrets://eu/app/key")
    for text in ("cloud-secrets://", "cloud-secrets://a b", "cloud-secrets://sk-proj-abc/x"):
        with pytest.raises(CredentialReferenceInvalid) as refused:
            parse_reference(text)
        assert "sk-proj" not in str(refused.value) + refused.value.hint


def test_it_is_asked_for_secrets() -> None:
    assert ask("eu/key") == Credential(f"{SECRET}/eu/key", expires_at=NOW)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("broken", r"broke \(ValueError\)"),
        ("number", "did not give a credential"),
        ("text", "did not give a credential"),
        ("empty", "empty secret"),
    ],
)
def test_what_is_wrong_with_it_is_told_without_what_it_said(
    path: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(CredentialUnreadable, match=told) as refused:
        ask(path)
    assert SECRET not in caplog.text + str(refused.value) + refused.value.hint
    assert refused.value.__context__ is None or refused.value.__suppress_context__


def test_a_scheme_that_nobody_brings_here_is_told() -> None:
    settings = Settings(database="sqlite:///b.db")
    backends = Backends(settings, clock=FixedClock(NOW), environment={})
    with pytest.raises(CredentialUnreadable, match="Nothing here knows"):
        backends.get(ExternalReference(kind="gone", path="x"))
