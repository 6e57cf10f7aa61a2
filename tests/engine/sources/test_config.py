from __future__ import annotations

import pytest

from engine.sources import DataSourceConfig

SECRET = "planted-Canary-1"


def test_a_config_has_the_fields_and_defaults_that_callers_know() -> None:
    assert DataSourceConfig().to_dict() == {
        "connection_string": None,
        "host": None,
        "port": None,
        "username": None,
        "password": None,
        "database": None,
        "auth_type": None,
        "api_key": None,
        "oauth_config": None,
        "pool_size": 5,
        "pool_timeout": 30,
        "max_retries": 3,
        "ssl_enabled": False,
        "ssl_verify": True,
        "ssl_cert_path": None,
        "options": {},
    }


def test_secrets_are_masked_unless_asked_for() -> None:
    config = DataSourceConfig(
        connection_string=f"postgresql://app:{SECRET}@db/x",
        password=SECRET,
        api_key=SECRET,
        oauth_config={"client_id": SECRET, "client_secret": SECRET},
        options={"sslmode": "require", "token": SECRET},
    )
    told = config.to_dict()
    assert SECRET not in str(told) + repr(config)
    assert told["connection_string"] == told["password"] == told["api_key"] == "***"
    assert told["oauth_config"] == {"client_id": "***", "client_secret": "***"}
    assert told["options"] == {"sslmode": "require", "token": "***"}
    assert config.to_dict(include_secrets=True)["password"] == SECRET
    assert config.to_dict(include_secrets=True)["oauth_config"]["client_id"] == SECRET


@pytest.mark.parametrize(
    ("config", "url"),
    [
        (DataSourceConfig(), None),
        (DataSourceConfig(username="app", database="x"), None),
        (DataSourceConfig(connection_string="sqlite:///x", host="db"), "sqlite:///x"),
        (
            DataSourceConfig(host="db", port=1, username="app", password="p", database="x"),
            "app:p@db:1/x",
        ),
        (DataSourceConfig(host="db", username="app"), "app@db"),
        (DataSourceConfig(host="db", port=1), "db:1"),
        (DataSourceConfig(host="db", database="x"), "db/x"),
        (DataSourceConfig(host="::1", port=1), "[::1]:1"),
    ],
)
def test_a_connection_url_leaves_out_what_is_missing(
    config: DataSourceConfig, url: str | None
) -> None:
    assert config.get_connection_url() == url
