from __future__ import annotations

import pytest

from engine.errors import InvalidInput
from tui.sources import pasting
from tui.sources.draft import Kind

POSTGRES = Kind(type="database", technology="postgresql")


def test_a_url_becomes_the_fields_of_its_technology() -> None:
    found = pasting.fields_of("postgres://app:hunter22@db:6432/orders?sslmode=require", POSTGRES)
    said = {"host": "db", "port": "6432", "username": "app", "password": "hunter22"}
    assert said.items() <= found.values.items()
    assert (found.values["database"], found.values["ssl_enabled"]) == ("orders", "yes")


def test_a_scheme_of_another_type_changes_type_and_technology() -> None:
    found = pasting.fields_of("redis://cache:6379/0", POSTGRES)
    assert (found.kind.type, found.kind.technology) == ("stream", "redis")


def test_a_web_address_stays_with_the_technology_that_was_chosen() -> None:
    chosen = Kind(type="vector", technology="qdrant")
    found = pasting.fields_of("https://qdrant.example:6333", chosen)
    assert found.kind == chosen
    assert found.values["connection_string"] == "https://qdrant.example:6333"


def test_options_that_no_field_asks_for_are_kept_and_named_without_their_values() -> None:
    found = pasting.fields_of("postgres://db/orders?application_name=board", POSTGRES)
    assert found.extra["application_name"] == "board"
    said = pasting.words(found)
    assert "application_name" in said
    assert "board" not in said


def test_a_string_of_several_hosts_stays_whole() -> None:
    found = pasting.fields_of("postgres://app:hunter22@a:5432,b:5432/orders", POSTGRES)
    assert found.kind.string
    assert "hunter22" not in repr(found)


@pytest.mark.parametrize("typed", ["postgres://", "nonsense", "nosuch://host/x", "postgres://a@b@"])
def test_what_cannot_be_taken_apart_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        pasting.fields_of(typed, POSTGRES)
