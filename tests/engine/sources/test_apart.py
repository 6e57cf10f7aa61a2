from __future__ import annotations

import pytest

from engine.errors import InvalidInput
from engine.sources.apart import take_apart


def test_a_database_url_becomes_the_fields_of_its_technology() -> None:
    technology, fields = take_apart(
        "postgresql://app:s%40crt@db.example:5433/orders?sslmode=require"
    )
    assert technology == "postgresql"
    assert fields["host"] == "db.example"
    assert fields["port"] == 5433
    assert fields["username"] == "app"
    assert fields["password"] == "s@crt"
    assert fields["database"] == "orders"
    assert fields["ssl_enabled"] is True
    assert "connection_string" not in fields


def test_several_hosts_stay_one_string() -> None:
    text = "postgresql://app@db1:5432,db2:5432/orders"
    assert take_apart(text) == ("postgresql", {"connection_string": text})


def test_a_base_url_stays_one_without_the_login_in_it() -> None:
    technology, fields = take_apart("https://ann:key@search.example:9200/logs", "elasticsearch")
    assert technology == "elasticsearch"
    assert fields["connection_string"] == "https://search.example:9200/logs"
    assert fields["username"] == "ann"
    assert fields["password"] == "key"


def test_a_string_that_nobody_knows_is_kept_whole() -> None:
    assert take_apart("nuodb://h:1/db") == (None, {"connection_string": "nuodb://h:1/db"})


def test_a_string_of_another_technology_is_refused_without_repeating_it() -> None:
    with pytest.raises(InvalidInput) as refused:
        take_apart("redis://:geheim@h:6379/0", "postgresql")
    assert "Redis" in refused.value.message
    assert "geheim" not in f"{refused.value.message}{refused.value.hint}"
