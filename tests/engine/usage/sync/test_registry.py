"""Sources of other distributions: found by their entry points, or passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput
from engine.usage.sync.registry import get_source, known_sources
from tests.distributions import install, run
from tests.markdown import PAGES, marked

if TYPE_CHECKING:
    from pathlib import Path

_USE = """
import json
from engine.usage.sync.registry import broken_sources, get_source
from engine.usage.sync.source import Span

source = get_source("acme")
(report,) = source.reports(Span(first=20000, end=20031))
page = report.read({"days": [{"date": "2026-11-21", "model": "m", "requests": 3,
                              "prompt_tokens": 10, "completion_tokens": 5}], "has_more": False})
(told,) = page.items
print(json.dumps([report.path, list(report.query), told.day, told.calls, told.tokens_in,
                  page.next_page, source.headers("k"), dict(broken_sources())]))
"""
_RENAMED = """
from dataclasses import replace
from engine.usage.sync.openai import OPENAI
ACME = replace(OPENAI, provider="acme", origin="acme")
"""
_BROKEN = """
import json
from engine.usage.sync.registry import broken_sources, known_sources
print(json.dumps([[one.provider for one in known_sources()], dict(broken_sources())]))
"""


def test_the_source_shown_is_brought_by_its_entry_point(tmp_path: Path) -> None:
    (page,) = [page for page in PAGES if page.name == "usage-sources.md"]
    text = page.read_text(encoding="utf-8")
    (tmp_path / "acme_usage.py").write_text(marked(text, "usage-source-module: acme_usage.py").text)
    install(marked(text, "usage-source-project: pyproject.toml").text, tmp_path)
    assert run(_USE, tmp_path) == [
        "/usage",
        [["from", "2024-10-04"], ["before", "2024-11-04"]],
        20_778,
        3,
        10,
        None,
        {"x-admin-key": "k"},
        {},
    ]


@pytest.mark.parametrize(
    ("module", "name", "why"),
    [
        ("ACME = 1", "acme", "it is not a UsageSource, nor a function"),
        ("def ACME(): return 1", "acme", "it is not a UsageSource"),
        ("from engine.usage.sync.openai import OPENAI as ACME", "openai", "built-in source"),
        ("from engine.usage.sync.openai import OPENAI as ACME", "acme", "is of the provider"),
        (
            _RENAMED,
            "acme",
            "does not end with '_usage'",
        ),
    ],
)
def test_a_source_that_is_none_is_passed_over(
    tmp_path: Path, module: str, name: str, why: str
) -> None:
    (tmp_path / "acme_usage.py").write_text(module)
    group = '[project.entry-points."lampboard.usage_sources"]'
    project = f'[project]\nname = "acme"\nversion = "1"\n{group}\n{name} = "acme_usage:ACME"\n'
    install(project, tmp_path)
    known, broken = run(_BROKEN, tmp_path)  # type: ignore[misc]
    assert known == ["openai", "anthropic"]
    assert why in broken[name]


def test_built_in_sources_are_known_and_others_told() -> None:
    assert [source.provider for source in known_sources()][:2] == ["openai", "anthropic"]
    assert all(source.origin.endswith("_usage") for source in known_sources())
    with pytest.raises(InvalidInput, match="'google' has counted") as caught:
        get_source("google")
    assert "openai, anthropic" in caught.value.hint
