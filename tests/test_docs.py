"""The pages in docs/ say what is so: settings, codes, fields, formats, examples, links."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from textual.binding import Binding

from engine.documents import read_documents
from engine.integrations.providers import registry
from engine.settings import PREFIX, SETTING_NAMES, Settings
from storage.health.housekeeping import KEEP_CHECKS, KEEP_HOURS
from tests.distributions import install, run
from tests.error_codes import error_codes
from tests.markdown import (
    PAGES,
    ROOT,
    anchors,
    code,
    commands,
    links,
    marked,
    require_command,
    table,
)

if TYPE_CHECKING:
    from pathlib import Path

TEXT = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
SETTINGS = table(TEXT["operations.md"], "settings")
COMMANDS = [words for text in TEXT.values() for words in commands(text)]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_commands_parse(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for option, value in pairwise(words):
        if option == "--credential-file":
            (tmp_path / value).touch()
    require_command(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(TEXT[page.name]):
        place, _, anchor = link.partition("#")
        target = page.parent / place if place else page
        if place.removeprefix("../").startswith("screenshots/"):
            continue  # made from the scenes; test_readme.py looks at their names
        assert target.is_file(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def test_no_page_names_a_machine_or_repeats_another() -> None:
    seen: dict[str, str] = {}
    for name, text in TEXT.items():
        assert not re.search(r"/(?:home|Users|root|work)/", text), name
        for sentence in re.findall(r"[A-Z][^.|`#]{60,}\.", text):
            plain = " ".join(sentence.split())
            assert seen.setdefault(plain, name) == name, plain


def test_settings_are_all_told_in_order() -> None:
    assert [code(row[0])[0] for row in SETTINGS] == list(SETTING_NAMES)
    assert [code(row[1])[0] for row in SETTINGS] == [
        PREFIX + name.upper() for name in SETTING_NAMES
    ]


def test_defaults_are_the_codes_own() -> None:
    defaults = Settings(database="sqlite://", operator="somebody")
    numbers = 0
    for name, _, _, shown, _ in SETTINGS:
        value = getattr(defaults, code(name)[0])
        if isinstance(value, bool):
            assert shown == str(value).lower(), name
        elif isinstance(value, int | float):
            numbers += 1
            assert float(shown.replace(",", "")) == value, name
    assert numbers == 11


def test_flags_of_settings_are_the_commands_own() -> None:
    from tui.cli.monitor import monitor
    from tui.cli.options import global_options
    from tui.cli.root import root

    told = {flag.split()[-1]: code(row[0])[0] for row in SETTINGS for flag in code(row[2])}
    known = {"monitor_mode": "monitor"}
    options = (*global_options(), *root.params, *monitor.params)
    real = {
        option.opts[0]: known.get(option.name or "", option.name or "")
        for option in options
        if known.get(option.name or "", option.name) in SETTING_NAMES
    }
    assert told == real


def test_the_config_file_shown_is_one(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT["operations.md"], re.DOTALL)
    (tmp_path / "config.toml").write_text(example)
    settings = Settings.load(environment={}, config_file=tmp_path / "config.toml")
    assert settings.read_only
    assert settings.allow_networks == ("10.20.0.0/16",)


def test_how_long_history_is_kept() -> None:
    (kept,) = re.findall(r"\| history \| (.*) \|", TEXT["operations.md"])
    assert f"{KEEP_CHECKS.total_seconds() / 3600:.0f} h" in kept
    assert f"{KEEP_HOURS.days} days" in kept


def test_exit_codes_are_the_codes_own() -> None:
    from engine import errors
    from tui.cli import main

    told = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT["operations.md"], re.MULTILINE)}
    real = {errors.EXIT_FAILED, errors.EXIT_USAGE, errors.EXIT_TEMPORARY}
    assert told == {0, *real, main.EXIT_INTERRUPTED, main.EXIT_BROKEN_PIPE}


def test_providers_and_their_fields_are_told() -> None:
    rows = table(TEXT["providers.md"], "providers")
    assert [code(row[0])[0] for row in rows] == list(registry.BUILT_IN)
    for row in rows:
        provider = registry.BUILT_IN[code(row[0])[0]]
        assert code(row[3]) == [spec.name for spec in provider.own_fields]
        told = re.findall(r"\(([^)]+)\)", row[3])
        assert told == [spec.default for spec in provider.own_fields if spec.default]


def test_error_codes_are_the_codes_own() -> None:
    rows = (table(TEXT["checks.md"], name) for name in ("error-codes", "own-error-codes"))
    told = [code(row[0])[0] for part in rows for row in part]
    assert len(set(told)) == len(told)
    assert set(told) == error_codes() | {"http_NNN"}


def test_states_of_codes_are_real() -> None:
    from engine.probes import verdicts

    told = {code(row[0])[0]: row[1] for row in table(TEXT["checks.md"], "error-codes")}
    for status in (400, 401, 403, 429, 529):
        verdict = verdicts.verdict_of(status)
        assert told[verdict.error] == verdict.state.value
    assert told["http_NNN"] == verdicts.verdict_of(503).state.value
    assert set(told.values()) - {"failing or degraded"} == {"failing", "degraded", "unknown"}


def test_the_provider_shown_is_brought_by_its_entry_point(tmp_path: Path) -> None:
    """As an installed distribution: its module and its metadata on the path, nothing patched."""
    text = TEXT["providers.md"]
    (tmp_path / "acme_llm.py").write_text(marked(text, "provider-module: acme_llm.py").text)
    install(marked(text, "provider-project: pyproject.toml").text, tmp_path)
    found = run(_PROBE, tmp_path, "acme_llm")
    assert found == {
        "known": True,
        "broken": {},
        "url": "https://api.acme.example/v2/engines?zone=us",
        "key": "k-1234567",
        "models": {"models": 2},
        "problem": "The answer has no list of engines.",
    }


_PROBE = """
import json, sys
from datetime import UTC, datetime
from engine.integrations.providers import broken_providers, get_provider, provider_names
provider = get_provider(sys.argv[1])
_, config = provider.clean(base_url=None, config={"zone": "us"})
request = provider.build_check(config, "k-1234567", now=datetime.now(UTC))
print(json.dumps({
    "known": sys.argv[1] in provider_names(),
    "broken": dict(broken_providers()),
    "url": request.url,
    "key": request.headers["X-Acme-Key"],
    "models": dict(provider.read_answer({"engines": [1, 2]}).details),
    "problem": provider.read_answer([]).problem,
}))
"""


def test_technologies_are_told_as_they_are_declared() -> None:
    from engine.probes.registry import technologies
    from tui.cli.sources.reads import TYPES

    proved = {"server": "a real server", "emulator": "an emulator", "protocol": "its protocol"}
    told = [
        (code(row[0])[0], row[1], code(row[2]), code(row[3]), code(row[4]), row[5])
        for row in table(TEXT["sources.md"], "technologies")
    ]
    declared = [
        (
            *(one.name, one.type, [one.extra] if one.extra else []),
            *([f"{scheme}://" for scheme in one.schemes], [spec.name for spec in one.options]),
            proved[one.tested],
        )
        for one in technologies()
        if one.type in TYPES
    ]
    assert told == declared


def test_every_extra_that_a_technology_names_exists() -> None:
    import tomllib

    from engine.probes.registry import technologies

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert {one.extra for one in technologies() if one.extra} <= set(extras)


def test_connector_types_are_told_as_they_are() -> None:
    from engine.connectors.inputs import technologies_of
    from engine.connectors.loading import connector_types
    from engine.connectors.model import capabilities_of

    rows = table(TEXT["connectors.md"], "connector-types")
    assert [code(row[0])[0] for row in rows] == list(connector_types())
    for row in rows:
        name = code(row[0])[0]
        assert row[2].split(", ") == [str(one) for one in capabilities_of(name)]
        if row[3] != "any":
            assert code(row[3]) == [one.name for one in technologies_of(name)]


def test_the_technology_shown_checks_what_its_entry_point_brings(tmp_path: Path) -> None:
    """As an installed distribution, against a server on loopback that greets."""
    text = TEXT["sources.md"]
    (tmp_path / "acme_queue.py").write_text(marked(text, "technology-module: acme_queue.py").text)
    install(marked(text, "technology-project: pyproject.toml").text, tmp_path)
    assert run(_CHECK, tmp_path) == ["healthy", {"server": "ACME 1.2"}, ["connect", "greet"]]


_CHECK = """
import asyncio, json
from datetime import UTC, datetime
from engine.http import AddressPolicy, HttpClient
from engine.http.resolver import Resolver
from engine.probes import lateness, running
from engine.probes.place import Place, Tools

# However busy the machine is, this is neither slow nor unknown.
lateness._OWN_LEAST_MS, running.slowness = float("inf"), lambda _: None

async def greet(reader, writer):
    writer.write(b"ACME 1.2")
    await writer.drain()
    await reader.read()
    writer.close()

async def main():
    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    policy = AddressPolicy()
    tools = Tools(
        client=HttpClient(policy), policy=policy, resolve=Resolver(), now=lambda: datetime.now(UTC)
    )
    place = Place(technology="acme_queue", host="127.0.0.1", port=port)
    result = await running.run_probe(place, tools)
    stages = [stage.name for stage in result.stages]
    print(json.dumps([result.state, dict(result.details), stages]))
    server.close()

asyncio.run(main())
"""


def test_the_document_shown_is_one_with_every_field_told() -> None:
    from engine.integrations.documents import IntegrationDocument, read_integration

    text = TEXT["documents.md"]
    (item,) = read_documents(marked(text, "document").text.encode(), name="acme.yaml")
    assert read_integration(item.value).name == "gpt"
    told = [code(row[0])[0] for row in table(text, "document-fields")]
    assert len(set(told)) == len(told)
    assert set(told) == set(IntegrationDocument.model_fields)


def test_bounds_of_documents_are_the_codes_own() -> None:
    from engine.documents.limits import MAX_BYTES, MAX_ITEMS

    said = f"{MAX_BYTES // 2**20} MiB and {MAX_ITEMS:,} items"
    assert said in TEXT["documents.md"]


def test_each_promise_names_a_test_that_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", TEXT["security.md"])
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_the_keys_of_prevention_are_those_that_are_bound() -> None:
    from tui.inventory.list_screen import ListScreen
    from tui.prevention.screen import PreventionScreen

    everywhere = ListScreen.NEEDS_ONE - {"copy"}
    own = [one for one in PreventionScreen.BINDINGS if isinstance(one, Binding)]
    bound = {one.key for one in own if one.action not in everywhere}
    told = table(TEXT["prevention.md"], "keys")
    assert {key for row in told for key in code(row[0])} == bound
