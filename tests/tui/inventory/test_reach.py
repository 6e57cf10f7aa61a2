from __future__ import annotations

from engine.fields import FieldSpec
from tui.inventory import reach

SPECS = (
    FieldSpec(name="host", label="Host"),
    FieldSpec(name="password", label="Password", kind="secret"),
    FieldSpec(name="ssl_enabled", label="TLS", kind="choice", choices=("no", "yes")),
    FieldSpec(name="oauth_client_id", label="Client"),
    FieldSpec(name="oauth_client_secret", label="Secret", kind="secret"),
    FieldSpec(name="region", label="Region"),
)
STORED = {
    "host": "db",
    "password": "***",
    "ssl_enabled": True,
    "oauth_config": {"client_id": "***", "client_secret": "***"},
    "options": {"region": "eu", "own": "kept"},
}


def test_texts_show_no_secret_and_no_mask() -> None:
    assert reach.texts(STORED, SPECS) == {
        "host": "db",
        "password": "",
        "ssl_enabled": "yes",
        "oauth_client_id": "",
        "oauth_client_secret": "",
        "region": "eu",
    }
    hidden = {"password", "oauth_client_id", "oauth_client_secret"}
    assert reach.stored(STORED, SPECS) == hidden


def test_values_go_where_a_config_has_them() -> None:
    values = {"host": "db2", "oauth_client_id": "app", "oauth_client_secret": "s", "region": ""}
    assert reach.config(SPECS, values) == {
        "host": "db2",
        "password": None,
        "ssl_enabled": None,
        "oauth_config": {"client_id": "app", "client_secret": "s"},
        "options": {},
    }


def test_what_is_stored_and_not_typed_stays() -> None:
    values = reach.texts(STORED, SPECS)
    kept = reach.stored(STORED, SPECS)
    assert reach.config(SPECS, values, kept=kept, before=STORED) == {
        "host": "db",
        "password": "***",
        "ssl_enabled": "yes",
        "oauth_config": {"client_id": "***", "client_secret": "***"},
        "options": {"region": "eu", "own": "kept"},
    }
