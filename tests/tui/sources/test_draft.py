from __future__ import annotations

import pytest

from engine.probes import technology
from engine.sources.config import DataSourceConfig
from engine.sources.model import CustomerDataSource, DataSourceType
from tui.sources import draft
from tui.sources.draft import Kind

POSTGRES = Kind(type="database", technology="postgresql")


def stored(**config: object) -> CustomerDataSource:
    return CustomerDataSource(
        source_id="s1",
        tenant_id="acme",
        name="orders-db",
        source_type=DataSourceType.DATABASE,
        technology="postgresql",
        config=DataSourceConfig(**config),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("source_type", list(DataSourceType))
def test_every_type_has_a_form(source_type: DataSourceType) -> None:
    kind = Kind(type=source_type, technology=draft.technology_in(source_type, ""))
    assert all(section.fields for section in draft.sections(kind))


def test_a_technology_of_another_type_gives_way_to_the_types_first() -> None:
    assert draft.technology_in("vector", "postgresql") in draft.names_of("vector")
    assert draft.technology_in("vector", "qdrant") == "qdrant"


def test_a_missing_driver_is_said_above_the_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not draft.sections(POSTGRES)[2].warn
    monkeypatch.setattr(technology, "is_installed", lambda _: False)
    section = draft.sections(POSTGRES)[2]
    assert section.warn
    assert section.note == "driver missing: pip install 'lampboard[postgres]'"


def test_a_stored_secret_is_kept_unless_a_new_one_is_typed() -> None:
    detail = stored(host="db", username="app", password="***")
    assert draft.texts(detail)["password"] == ""
    kept = draft.stored(detail)
    values = draft.texts(detail)
    assert draft.config(POSTGRES, values, kept=kept)["password"] == "***"
    typed = draft.config(POSTGRES, values | {"password": "new"}, kept=kept)
    assert typed["password"] == "new"


def test_what_another_technology_does_not_ask_for_goes() -> None:
    kind = Kind(type="vector", technology="qdrant")
    said = draft.config(kind, {"connection_string": "https://q.example"})
    assert said["host"] is None
    assert said["connection_string"] == "https://q.example"


def test_what_no_form_asks_for_stays() -> None:
    before = stored(host="db", options={"application_name": "board"})
    said = draft.config(POSTGRES, draft.texts(before), before=before)
    assert said["options"] == {"application_name": "board"}
    assert "pool_size" not in said


def test_a_source_registered_by_one_string_asks_for_the_string() -> None:
    detail = stored(connection_string="postgresql://app:***@db/orders")
    names = {spec.name for spec in draft.own_fields(draft.kind_of(detail))}
    assert "connection_string" in names
    assert "host" not in names
    assert draft.texts(detail)["connection_string"] == ""
    assert draft.stored(detail) == {"connection_string"}


def test_only_what_differs_is_changed() -> None:
    values = {"name": "a", "source_type": "database", "technology": "postgresql"}
    said = draft.changes(values | {"tags": "x, y"}, {"tags": "x, y"})
    assert said == {"tags": ("x", "y")}
    assert not draft.reaches(POSTGRES, {"tags": "x, y"})
    assert draft.reaches(POSTGRES, {"host": "db"})


def test_roles_that_one_does_not_have_hide_a_source() -> None:
    assert draft.hides({"access_roles": "dba"}, ())
    assert not draft.hides({"access_roles": "dba, Ops"}, ("ops",))
    assert not draft.hides({"access_roles": ""}, ())
