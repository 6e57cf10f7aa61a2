from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.probes.connection_string import mask_connection_string, parse_connection_string

SECRET = "planted-Canary-1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"postgresql://app:{SECRET}@db.example:5432/shop",
            ("postgresql", "db.example", 5432, "app", "shop", None),
        ),
        (
            f"postgresql+psycopg://app:{SECRET}@db/shop?sslmode=require",
            ("postgresql+psycopg", "db", None, "app", "shop", True),
        ),
        (f"postgres://app:{SECRET}@[::1]:1/x", ("postgres", "::1", 1, "app", "x", None)),
        (
            f"host=db port=5433 user=app dbname='my shop' password='{SECRET}' sslmode=disable",
            ("postgresql", "db", 5433, "app", "my shop", False),
        ),
        (
            f"jdbc:postgresql://db:5432/shop?user=app&password={SECRET}",
            ("postgresql", "db", 5432, "app", "shop", None),
        ),
        (
            f"jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password={SECRET};encrypt=true",
            ("mssql", "db", 1433, "sa", "shop", True),
        ),
        (
            f"Server=tcp:db,1433;Database=shop;User Id=sa;Password={{{SECRET}}};Encrypt=yes",
            ("mssql", "db", 1433, "sa", "shop", True),
        ),
        (
            f"mongodb://app:{SECRET}@one:27017,two:27018/shop?tls=true",
            ("mongodb", "one", 27017, "app", "shop", True),
        ),
        (
            f"mongodb+srv://app:{SECRET}@cluster.example/shop",
            ("mongodb+srv", "cluster.example", None, "app", "shop", True),
        ),
        (f"redis://:{SECRET}@cache:6379/2", ("redis", "cache", 6379, None, "2", False)),
        (f"rediss://app:{SECRET}@cache", ("rediss", "cache", None, "app", None, True)),
        (f"amqp://app:{SECRET}@mq/%2Fprod", ("amqp", "mq", None, "app", "/prod", False)),
        (f"amqps://app:{SECRET}@mq/", ("amqps", "mq", None, "app", None, True)),
        (f"nats://{SECRET}@mq:4222", ("nats", "mq", 4222, None, None, None)),
        (f"mqtts://app:{SECRET}@mq:8883", ("mqtts", "mq", 8883, "app", None, True)),
        (f"s3://AKIA:{SECRET}@bucket/folder/", ("s3", None, None, "AKIA", "bucket/folder", None)),
        (f"https://app:{SECRET}@api.example/v1", ("https", "api.example", None, "app", None, True)),
    ],
)
def test_a_string_is_taken_apart_and_masked(text: str, expected: tuple[object, ...]) -> None:
    found = parse_connection_string(text)
    assert (
        *(found.scheme, found.host, found.port),
        *(found.username, found.database, found.tls),
    ) == expected
    assert (found.password, found.secret) == (SECRET, True)
    assert SECRET not in found.masked + repr(found)
    assert "***" in found.masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"postgresql://app:{SECRET}@db/x", "postgresql://app:***@db/x"),
        (f"host=db password={SECRET} user=app", "host=db password=*** user=app"),
        (f"jdbc:mysql://db/x?password={SECRET}&a=b", "jdbc:mysql://db/x?password=***&a=b"),
        (f"https://api/v1?q=1&api_key={SECRET}", "https://api/v1?q=1&api_key=***"),
        (f"https://x.blob/c?sv=1&sig={SECRET}", "https://x.blob/c?sv=1&sig=***"),
        (
            f"DefaultEndpointsProtocol=https;AccountName=n;AccountKey={SECRET}==",
            "DefaultEndpointsProtocol=https;AccountName=n;AccountKey=***",
        ),
        ("postgresql://app@db/x?sslmode=require", "postgresql://app@db/x?sslmode=require"),
        ("mongodb://db/?authSource=admin", "mongodb://db/?authSource=admin"),
    ],
)
def test_the_masked_form_is_what_was_typed_without_its_secrets(text: str, masked: str) -> None:
    assert mask_connection_string(text) == masked
    assert mask_connection_string(masked) == masked


@pytest.mark.parametrize(
    ("text", "database"),
    [
        ("sqlite:///shop.db", "shop.db"),
        ("sqlite:////srv/shop.db", "/srv/shop.db"),
        ("duckdb:///:memory:", ":memory:"),
        ("file:///srv/data", "/srv/data"),
        ("postgresql:///shop", "shop"),
        ("s3://bucket", "bucket"),
        ("jdbc:oracle:thin:@//db:1521/shop", "shop"),
        ("oracle://db:1521/shop", "shop"),
    ],
)
def test_what_has_no_secret_says_so(text: str, database: str) -> None:
    found = parse_connection_string(text)
    assert (found.database, found.secret, found.password) == (database, False, None)


def test_encoded_signs_of_a_password_are_decoded() -> None:
    found = parse_connection_string("postgresql://a%40b:p%2F%23%3A%3F@db/x")
    assert (found.username, found.password) == ("a@b", "p/#:?")


def test_options_are_kept_by_name_and_the_drivers_name_is_left_out_of_the_base() -> None:
    found = parse_connection_string("mysql+pymysql://db/x?charset=utf8mb4&ssl_ca=/ca.pem")
    assert found.options == {"charset": "utf8mb4", "ssl_ca": "/ca.pem"}
    assert (found.base_scheme, found.scheme) == ("mysql", "mysql+pymysql")
    assert parse_connection_string("mongodb+srv://db/x").base_scheme == "mongodb+srv"


def test_all_hosts_are_told() -> None:
    found = parse_connection_string("kafka://one:9092,two:9093")
    assert found.hosts == ("one:9092", "two:9093")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        SECRET,
        f"app:{SECRET}",
        f"app/{SECRET}@db",
        "postgresql",
        "postgresql:",
        "postgresql:/db",
        "postgresql://",
        "postgresql:///",
        f"postgresql://app:{SECRET}",
        f"postgresql://app:{SECRET}@",
        f"postgresql://app:{SECRET}@/x",
        f"postgresql://app:{SECRET}@db:",
        f"postgresql://app:{SECRET}@db:0/x",
        f"postgresql://app:{SECRET}@db:65536/x",
        f"postgresql://app:{SECRET}@db:54x2/x",
        f"postgresql://app:{SECRET}@[::1/x",
        f"postgresql://app:{SECRET}@d b/x",
        f"postgresql://app:1/{SECRET}@db/x",
        f"postgresql://app:a@b/{SECRET}@db/x",
        f"postgresql://app:a#{SECRET}@db/x",
        f"postgresql://app:a?{SECRET}@db/x",
        f"postgresql://app:1#{SECRET}",
        f"https://app:1/{SECRET}@api",
        f"jdbc:oracle:thin:app/{SECRET}@db:1521/x",
        f"jdbc:{SECRET}",
        f"jdbc:sqlserver://db;{SECRET}",
        f"host= password={SECRET}",
        f"password={SECRET}",
        f"host=db port= password={SECRET}",
        f"host=db port=x password={SECRET}",
        f"host=db password='{SECRET}",
        f"host=db {SECRET} x=y",
        f"Server=db;Password={{{SECRET}",
        f"postgresql://app:{SECRET}%0A@db/x",
        f"postgresql://app:{SECRET}\x1b[2J@db/x",
        f"postgresql://db/x?{'&'.join(f'o{n}=1' for n in range(65))}",
        f"postgresql://app:{SECRET}@db/{'x' * 9000}",
        "sqlite://",
        "sqlite:///",
        "file://elsewhere/x",
    ],
)
def test_half_typed_and_ambiguous_strings_are_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_connection_string(text)
    told = caught.value.to_dict()
    assert told["field"] == "connection_string"
    assert SECRET not in str(told)
    assert caught.value.message.count(". ") == 0


@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused_and_its_mask_stays_a_mask(text: str) -> None:
    try:
        masked = mask_connection_string(f"postgresql://app:{text}@db/x")
    except InvalidInput:
        return
    assert masked in {"postgresql://app:***@db/x", "postgresql://app:@db/x"}


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(InvalidInput):
        assert parse_connection_string(text).masked
