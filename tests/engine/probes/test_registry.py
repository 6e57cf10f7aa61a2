"""Technologies by name, by scheme, and by entry points of other distributions."""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput
from engine.probes import registry
from engine.probes.states import CusHealthState
from engine.probes.technology import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine.probes.conftest import Probing

_MODULE = """
from engine.probes.refusals import Refused
from engine.probes.technology import Technology

ABACUS = Technology(
    name="abacus", title="Abacus", type="custom", probe="abacus_plugin:probe",
    schemes=("abacus", "postgresql"),
)
TAKEN = Technology(name="postgresql", title="Mine", type="database", probe="abacus_plugin:probe")
ODD_NAME = Technology(name="Odd name", title="Odd", type="custom", probe="abacus_plugin:probe")
ODD_TYPE = Technology(name="odd", title="Odd", type="abacus", probe="abacus_plugin:probe")
NO_DRIVER = Technology(
    name="beads", title="Beads", type="custom", probe="abacus_plugin:probe", needs=("no_beads",),
)
NOT_ONE = "abacus"

async def probe(attempt):
    async with attempt.stage("count"):
        if attempt.place.password == "wrong":
            raise Refused("auth_failed", "The beads are locked.", "Unlock them.")
    return {"server": "Abacus\\x1b[31m 1", "beads": 100}
"""
_POINTS = """[lampboard.technologies]
abacus = abacus_plugin:ABACUS
beads = abacus_plugin:NO_DRIVER
taken = abacus_plugin:TAKEN
odd-name = abacus_plugin:ODD_NAME
odd-type = abacus_plugin:ODD_TYPE
not-one = abacus_plugin:NOT_ONE
missing-name = abacus_plugin:NOTHING
missing-module = abacus_nowhere:ABACUS
leaves = abacus_leaves:ABACUS
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another distribution on the path, with good and broken entry points."""
    (tmp_path / "abacus_plugin.py").write_text(_MODULE)
    (tmp_path / "abacus_leaves.py").write_text("raise SystemExit(3)")
    info = tmp_path / "abacus_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: abacus-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(_POINTS)
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    yield
    monkeypatch.undo()
    sys.modules.pop("abacus_plugin", None)
    forget()


def forget() -> None:
    """Let the registry look again."""
    importlib.invalidate_caches()
    registry._all.cache_clear()
    registry._schemes.cache_clear()
    registry._brought.cache_clear()


@pytest.mark.usefixtures("plugin")
async def test_other_distribution_brings_a_technology(probe: Probing) -> None:
    result = await probe(technology="abacus")
    assert result.state is CusHealthState.HEALTHY
    assert dict(result.details) == {"server": "Abacus [31m 1", "beads": 100}
    refused = await probe(technology="abacus", password="wrong")
    assert (refused.state, refused.error) == (CusHealthState.FAILING, "auth_failed")
    assert refused.stage == "count"


@pytest.mark.usefixtures("plugin")
async def test_missing_driver_of_another_distribution_is_told(probe: Probing) -> None:
    result = await probe(technology="beads")
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "driver_missing")
    assert "no_beads" in result.remedy


@pytest.mark.usefixtures("plugin")
def test_broken_entry_points_are_passed_over_and_told() -> None:
    assert registry.broken_technologies() == {
        "taken": "the name postgresql is taken",
        "odd-name": "its name is not of small letters, digits, - and _",
        "odd-type": "abacus is no type of source",
        "not-one": "it is not a Technology",
        "missing-name": "it cannot be loaded (AttributeError)",
        "missing-module": "it cannot be loaded (ModuleNotFoundError)",
        "leaves": "it cannot be loaded (SystemExit)",
    }
    assert registry.get_technology("postgresql").title == "PostgreSQL"


@pytest.mark.usefixtures("plugin")
def test_other_distribution_takes_over_no_scheme() -> None:
    own, theirs = (registry.technology_of_scheme(word) for word in ("postgresql", "abacus"))
    assert own is not None
    assert theirs is not None
    assert (own.name, theirs.name) == ("postgresql", "abacus")


def test_close_name_is_suggested() -> None:
    with pytest.raises(InvalidInput) as caught:
        registry.get_technology("postgres")
    assert caught.value.hint == "Did you mean postgresql?"


@pytest.mark.parametrize(
    ("scheme", "name"),
    [
        ("postgres", "postgresql"),
        ("PostgreSQL+psycopg", "postgresql"),
        ("mysql+pymysql", "mysql"),
        ("mariadb", "mysql"),
        ("sqlite", "sqlite"),
    ],
)
def test_scheme_means_a_technology(scheme: str, name: str) -> None:
    found = registry.technology_of_scheme(scheme)
    assert found is not None
    assert found.name == name


def test_unknown_scheme_means_nothing() -> None:
    assert registry.technology_of_scheme("gopher") is None


@pytest.mark.parametrize("technology", registry.technologies(), ids=lambda one: one.name)
def test_declaration_is_sound(technology: registry.Technology) -> None:
    assert technology.type in TYPES
    names = [field.name for field in (*technology.fields, *technology.options)]
    assert len(names) == len(set(names))
    assert technology.tested in {"server", "emulator", "protocol"}
    assert asyncio.iscoroutinefunction(technology.load())


def test_scheme_belongs_to_one_technology_alone() -> None:
    schemes = [scheme for one in registry.technologies() for scheme in one.schemes]
    assert sorted(schemes) == sorted(set(schemes))
