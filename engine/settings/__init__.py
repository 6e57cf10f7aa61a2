"""The settings of a run, each with its origin: flags > environment > config file > defaults.

Reading them costs next to nothing: the TOML reader and the folders of the platform are looked
up only when they are needed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.settings.converting import CONVERTERS, text

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "LAMPBOARD_"
CONFIG_VARIABLE = "LAMPBOARD_CONFIG"
# A plain-text config file is no place for the key of all secrets.
NEVER_IN_A_FILE = {
    "master_key": "a master key",
    "master_key_former": "a master key",
    "master_passphrase": "the passphrase of the master key",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a setting came from: `kind` is flag, environment, config or default."""

    kind: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.kind} ({self.where})" if self.where else self.kind

    def sentence(self, name: str) -> str:
        """Say where the setting `name` came from; of a default there is nothing to say."""
        match self.kind:
            case "flag":
                return f"The --{name.replace('_', '-')} flag is set."
            case "environment":
                return f"{self.where} is set."
            case "config":
                return f"The config file {self.where} says {name}."
            case _:
                return ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything a run may be told; units are in the names (`_s` are seconds).

    `database` is a URL. `master_key`, `master_key_former` (what it takes the place of, with commas
    between) and `master_passphrase` (what opens the key file) are secrets and never shown.
    `monitor` is `auto` (the dashboard starts one when none is alive) or `off`; it opens with
    `screen` and `filter`. A check of an integration may take `deadline_s`, of a source or connector
    `test_deadline_s`, and a secret that is kept elsewhere `credential_deadline_s` before that.
    `allow_commands` are the programs that connectors may start; `allow_secret_files` the folders,
    and `allow_keyring_services` the services, that credentials may be read from. `ca_file` holds
    authorities (PEM) that are trusted beside the public ones. Of what expires within
    `credential_warning_days`, the board warns. `incident_failures` bad checks in a row open an
    incident, `incident_passes` good ones close it; a limit's warning level opens one from
    `incident_limit_percent` on. `log_file` is a path, or `-` for stderr; `log_format` is `text` or
    `json`. A monitor tells its figures at `metrics`, a HOST:PORT.
    """

    database: str = ""
    tenant: str | None = None
    theme: str = ""
    screen: str = ""
    filter: str = ""
    ascii: bool = False
    read_only: bool = False
    operator: str = ""
    roles: tuple[str, ...] = ()
    log_file: str | None = None
    log_level: str = "warning"
    log_format: str = "text"
    master_key: str | None = field(default=None, repr=False)
    master_key_former: str | None = field(default=None, repr=False)
    master_key_file: str | None = None
    master_passphrase: str | None = field(default=None, repr=False)
    master_passphrase_file: str | None = None
    allow_addresses: tuple[str, ...] = ()
    allow_networks: tuple[str, ...] = ()
    allow_commands: tuple[str, ...] = ()
    allow_secret_files: tuple[str, ...] = ()
    allow_keyring_services: tuple[str, ...] = ()
    ca_file: str | None = None
    check_interval_s: int = 60
    deadline_s: float = 10.0
    test_deadline_s: float = 3.0
    refresh_s: float = 1.0
    monitor: str = "auto"
    rate_per_minute: int = 10_000
    in_flight: int = 200
    credential_deadline_s: float = 5.0
    credential_warning_days: int = 14
    incident_failures: int = 3
    incident_passes: int = 2
    incident_limit_percent: int = 0
    metrics: str | None = None
    vault_addr: str | None = None
    vault_namespace: str | None = None
    vault_token_file: str | None = None
    vault_role_id: str | None = None
    vault_secret_id_file: str | None = None
    vault_approle_mount: str = "approle"
    vault_ca_file: str | None = None
    config_file: str | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.database:
            object.__setattr__(self, "database", default_database())
        if not self.operator:
            object.__setattr__(self, "operator", os_user())

    @property
    def is_shared(self) -> bool:
        """Whether others may write to the database: it is a server's, not a file of one's own."""
        return not self.database.startswith("sqlite")

    def origin(self, name: str) -> Origin:
        """Return where the setting `name` came from."""
        return self.origins.get(name, Origin(kind="default"))

    @classmethod
    def load(
        cls,
        flags: Mapping[str, object] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        config_file: str | Path | None = None,
    ) -> Settings:
        """Read the settings from all their places.

        Args:
            flags: What the command line was told; None values were not told.
            environment: The variables; the process's own by default.
            config_file: The file named on the command line; else `LAMPBOARD_CONFIG`, else the
                user's own, which may be missing.

        Raises:
            InvalidInput: A value does not fit its setting, or a named file cannot be read.
        """
        variables = os.environ if environment is None else environment
        named = config_file or variables.get(CONFIG_VARIABLE)
        path = Path(named).expanduser() if named else default_config_file()
        found = _from_file(path, must_exist=bool(named))
        found.update(_from_environment(variables))
        told = {name: value for name, value in (flags or {}).items() if value is not None}
        found.update({name: (value, Origin(kind="flag")) for name, value in told.items()})
        values = {name: _convert(name, value, origin) for name, (value, origin) in found.items()}
        origins = {name: origin for name, (_, origin) in found.items()}
        # Known by name: every value has passed the converter of its own field.
        return cls(**values, origins=origins, config_file=str(path))  # type: ignore[arg-type]


def default_config_file() -> Path:
    """Return the user's own config file; it need not exist."""
    from platformdirs import user_config_path

    return user_config_path("lampboard", appauthor=False) / "config.toml"


def default_database() -> str:
    """Return the URL of the user's own database file; it need not exist."""
    from platformdirs import user_data_path

    return f"sqlite:///{user_data_path('lampboard', appauthor=False) / 'lampboard.db'}"


def os_user() -> str:
    """Return the name of the operating system's user, or `unknown`."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


_Found = dict[str, tuple[object, Origin]]


def _from_environment(variables: Mapping[str, str]) -> _Found:
    found: _Found = {}
    for name in SETTING_NAMES:
        variable = PREFIX + name.upper()
        if variables.get(variable):
            found[name] = (variables[variable], Origin(kind="environment", where=variable))
    return found


def _from_file(path: Path, *, must_exist: bool) -> _Found:
    if not must_exist and not path.is_file():
        return {}
    origin = Origin(kind="config", where=str(path))
    return {name: (value, origin) for name, value in _read_toml(path).items()}


def _read_toml(path: Path) -> dict[str, object]:
    import tomllib

    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InvalidInput(
            f"The config file {path} cannot be read: {reason}.", field="config"
        ) from None
    except ValueError as error:
        raise InvalidInput(
            f"The config file {path} is not valid TOML: {error}.", field="config"
        ) from None
    for name in values:
        _refuse_unknown(name, path)
    return values


def _refuse_unknown(name: str, path: Path) -> None:
    if name in NEVER_IN_A_FILE:
        raise InvalidInput(
            f"The config file {path} holds {NEVER_IN_A_FILE[name]}, which does not belong in it.",
            hint="Use master_passphrase_file or the environment."
            if name == "master_passphrase"
            else "Use master_key_file, the keyring or the environment.",
            field=name,
        )
    if name in SETTING_NAMES:
        return
    import difflib

    close = difflib.get_close_matches(name, SETTING_NAMES, n=1)
    raise InvalidInput(
        f"The config file {path} has an unknown setting: {name!r}.",
        hint=f"Did you mean {close[0]}?" if close else "Known: " + ", ".join(SETTING_NAMES),
        field=name,
    )


def _convert(name: str, value: object, origin: Origin) -> object:
    converter = CONVERTERS.get(name, text)
    try:
        return converter(value)
    except (TypeError, ValueError) as error:
        said = f" {error}" if str(error) else ""
        raise InvalidInput(
            f"The setting {name} from {origin} cannot be used:{said}.", field=name
        ) from None


SETTING_NAMES = tuple(
    item.name for item in fields(Settings) if item.name not in {"origins", "config_file"}
)
