from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput
from engine.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_each_place_overrules_the_next_and_is_remembered(tmp_path: Path) -> None:
    path = write(tmp_path / "c.toml", 'tenant = "file"\ntheme = "file"\noperator = "file"\n')
    environment = {
        "LAMPBOARD_CONFIG": str(path),
        "LAMPBOARD_TENANT": "env",
        "LAMPBOARD_THEME": "env",
    }
    settings = Settings.load({"tenant": "flag", "theme": None}, environment=environment)
    assert (settings.tenant, settings.theme, settings.operator) == ("flag", "env", "file")
    assert str(settings.origin("tenant")) == "flag"
    assert str(settings.origin("theme")) == "environment (LAMPBOARD_THEME)"
    assert str(settings.origin("operator")) == f"config ({path})"
    assert str(settings.origin("in_flight")) == "default"


def test_without_anything_said_there_are_defaults() -> None:
    settings = Settings.load(environment={})
    assert settings.database.startswith("sqlite:///")
    assert settings.database.endswith("lampboard.db")
    assert settings.operator
    assert (settings.check_interval_s, settings.deadline_s, settings.monitor) == (60, 10.0, "auto")


def test_a_bare_path_is_a_file_of_sqlite(tmp_path: Path) -> None:
    settings = Settings.load({"database": str(tmp_path / "x.db")}, environment={})
    assert settings.database == f"sqlite:///{tmp_path / 'x.db'}"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("READ_ONLY", "yes", True),
        ("ASCII", "0", False),
        ("ROLES", "a, b,,", ("a", "b")),
        ("REFRESH_S", "0.5", 0.5),
        ("IN_FLIGHT", "50", 50),
        ("MONITOR", "OFF", "off"),
        ("ALLOW_ADDRESSES", "10.0.0.5, ::1", ("10.0.0.5", "::1")),
        ("ALLOW_NETWORKS", "10.0.0.5/8,fd00::/8", ("10.0.0.5/8", "fd00::/8")),
    ],
)
def test_variables_are_converted(name: str, text: str, value: object) -> None:
    settings = Settings.load(environment={f"LAMPBOARD_{name}": text})
    assert getattr(settings, name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("READ_ONLY", "perhaps"),
        ("IN_FLIGHT", "-1"),
        ("IN_FLIGHT", "1.5"),
        ("IN_FLIGHT", "\uff11\uff10"),
        ("RATE_PER_MINUTE", "1_000"),
        ("REFRESH_S", "nan"),
        ("DEADLINE_S", "1e999"),
        ("MONITOR", "maybe"),
        ("LOG_LEVEL", "loud"),
        ("ALLOW_ADDRESSES", "10.0.0.5, db.internal"),
        ("ALLOW_ADDRESSES", "10.0.0.0/8"),
        ("ALLOW_NETWORKS", "10.0.0.0/40"),
        ("CA_FILE", "nowhere/authority.pem"),
        ("TEST_DEADLINE_S", "0.4"),
        ("TEST_DEADLINE_S", "31"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Settings.load(environment={f"LAMPBOARD_{name}": text})
    assert caught.value.field == name.lower()
    assert f"LAMPBOARD_{name}" in caught.value.message


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("tenant = ", "config"),
        ('tennant = "x"', "tennant"),
        ('master_key = "k3y-in-a-file"', "master_key"),
        ("tenant = 5", "tenant"),
        ("[tenant]\nx = 1", "tenant"),
    ],
)
def test_a_config_file_that_is_wrong_says_where(tmp_path: Path, text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Settings.load(environment={}, config_file=write(tmp_path / "c.toml", text))
    assert caught.value.field == field
    assert str(tmp_path) in caught.value.message
    assert "k3y-in-a-file" not in str(caught.value.to_dict())


def test_a_misspelt_setting_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        Settings.load(environment={}, config_file=write(tmp_path / "c.toml", 'tennant = "x"'))
    assert caught.value.hint == "Did you mean tenant?"


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        Settings.load(environment={}, config_file=tmp_path / "none.toml")


def test_the_master_key_is_never_shown() -> None:
    settings = Settings.load(environment={"LAMPBOARD_MASTER_KEY": "k3y"})
    assert settings.master_key == "k3y"
    assert "k3y" not in repr(settings)


def test_a_file_without_a_certificate_is_refused_when_settings_are_loaded(tmp_path: Path) -> None:
    path = write(tmp_path / "authority.pem", "no certificate")
    with pytest.raises(InvalidInput) as caught:
        Settings.load(environment={"LAMPBOARD_CA_FILE": str(path)})
    assert caught.value.field == "ca_file"
    assert caught.value.message.endswith(f"{path} holds no certificate in PEM form.")


@pytest.mark.parametrize(
    ("flags", "environment", "text", "sentence"),
    [
        ({"read_only": True}, {}, "", "The --read-only flag is set."),
        ({}, {"LAMPBOARD_READ_ONLY": "1"}, "", "LAMPBOARD_READ_ONLY is set."),
        ({}, {}, "read_only = true", "The config file {path} says read_only."),
        ({}, {}, "", ""),
    ],
)
def test_where_a_setting_came_from_is_a_sentence(
    tmp_path: Path, flags: dict[str, object], environment: dict[str, str], text: str, sentence: str
) -> None:
    path = write(tmp_path / "c.toml", text)
    settings = Settings.load(flags, environment=environment, config_file=path)
    assert settings.origin("read_only").sentence("read_only") == sentence.format(path=path)
