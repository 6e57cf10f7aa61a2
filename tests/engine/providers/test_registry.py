from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING, Never

import pytest

from engine.errors import InvalidInput
from engine.integrations.providers import (
    broken_providers,
    get_provider,
    known_providers,
    provider_names,
    registry,
)
from engine.integrations.providers.custom import CUSTOM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.integrations.providers import Provider

ACME = replace(CUSTOM, name="acme_llm", title="Acme LLM")


def make_acme() -> Provider:
    return ACME


def broken() -> Never:
    raise RuntimeError("the plug-in is broken")


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    entries = [
        metadata.EntryPoint(name=name, value=f"acme_plugin:{attribute}", group=registry.GROUP)
        for name, attribute in {
            "acme_llm": "make_acme",
            "openai": "make_acme",
            "misnamed": "make_acme",
            "broken": "broken",
            "absent": "nothing_here",
        }.items()
    ]
    monkeypatch.setitem(sys.modules, "acme_plugin", sys.modules[__name__])
    monkeypatch.setattr(metadata, "entry_points", lambda **_: entries)
    registry._brought.cache_clear()
    yield
    registry._brought.cache_clear()


def test_unknown_providers_are_told_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as refused:
        get_provider("Open-AI")
    assert refused.value.field == "provider_type"
    assert refused.value.hint.startswith("Did you mean openai?")
    for name in provider_names():
        assert name in refused.value.hint


def test_another_distribution_adds_one_by_entry_point(brought: None) -> None:
    assert get_provider("acme_llm") is ACME
    assert known_providers()[-1] is ACME
    assert get_provider("openai").title == "OpenAI"


def test_a_bad_plug_in_is_named_and_harms_nothing(brought: None) -> None:
    assert "openai" in provider_names()
    assert set(broken_providers()) == {"openai", "misnamed", "broken", "absent"}
    assert "the plug-in is broken" in broken_providers()["broken"]


def test_built_in_names_are_found_without_reading_entry_points() -> None:
    code = (
        "import sys; from engine.integrations.providers.registry import get_provider;"
        "get_provider('google');"
        "heavy = {'sqlalchemy', 'httpx', 'aiohttp', 'pydantic', 'alembic', 'cryptography',"
        " 'importlib.metadata'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
