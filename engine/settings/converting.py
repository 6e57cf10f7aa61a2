"""From what was told, in whatever place, to a setting's value; errors say what it must be."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.numbers import decimal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def text(value: object) -> str:
    """Return what is text already.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(value, str):
        raise TypeError("it must be text")
    return value


_WORDS = {"1": True, "true": True, "yes": True, "on": True}
_WORDS |= {"0": False, "false": False, "no": False, "off": False}


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = _WORDS.get(str(value).strip().lower())
    if word is None:
        raise ValueError("it must be true or false")
    return word


def _words(value: object) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise TypeError("it must be a list or words with commas between")
    return tuple(word for part in parts if (word := text(part).strip()))


def _addresses(value: object) -> tuple[str, ...]:
    from ipaddress import ip_address

    return _each(_words(value), ip_address, "an IP address, such as 10.0.0.5")


def _networks(value: object) -> tuple[str, ...]:
    from ipaddress import ip_network

    read = partial(ip_network, strict=False)
    return _each(_words(value), read, "a network, such as 10.20.0.0/16")


def _each(words: tuple[str, ...], read: Callable[[str], object], kind: str) -> tuple[str, ...]:
    for word in words:
        try:
            read(word)
        except ValueError:
            raise ValueError(f"{word[:60]!r} is not {kind}") from None
    return words


def _authorities(value: object) -> str:
    import ssl

    path = Path(text(value)).expanduser().absolute()
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise ValueError(f"{path} holds no certificate in PEM form") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ValueError(f"{path} cannot be read ({reason})") from None
    return str(path)


def _between(low: float, high: float) -> Callable[[object], float]:
    def convert(value: object) -> float:
        told = f"it must be a number from {low:g} to {high:g}"
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise TypeError(told)
        number = decimal(value) if isinstance(value, str) else float(value)
        if number is None or not low <= number <= high:
            raise ValueError(told)
        return number

    return convert


def _whole(low: int, high: int) -> Callable[[object], int]:
    checked = _between(low, high)

    def convert(value: object) -> int:
        number = checked(value)
        if number != int(number):
            raise ValueError("it must be a whole number")
        return int(number)

    return convert


def _one_of(*choices: str) -> Callable[[object], str]:
    def convert(value: object) -> str:
        word = text(value).strip().lower()
        if word not in choices:
            raise ValueError("it must be one of " + ", ".join(choices))
        return word

    return convert


def _database(value: object) -> str:
    told = text(value).strip()
    if "://" in told:
        return told
    if told == ":memory:":  # SQLite's own word, which would else become a file of that name
        return "sqlite://"
    # A bare path is what people type first; it can only mean a file.
    return f"sqlite:///{Path(told).expanduser().absolute()}"


def _listening(value: object) -> str:
    """Return a HOST:PORT to listen at; port 0 is any that is free."""
    host, _, port = text(value).strip().rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:  # noqa: PLR2004
        raise ValueError("it must be HOST:PORT, such as 127.0.0.1:9464 or [::1]:9464")
    return f"{host}:{int(port)}"


CONVERTERS: Mapping[str, Callable[[object], object]] = {
    "database": _database,
    "ascii": _flag,
    "read_only": _flag,
    "roles": _words,
    "log_format": _one_of("text", "json"),
    "metrics": _listening,
    "log_level": _one_of("debug", "info", "warning", "error"),
    "allow_addresses": _addresses,
    "allow_networks": _networks,
    "allow_commands": _words,
    "allow_secret_files": _words,
    "allow_keyring_services": _words,
    "ca_file": _authorities,
    "check_interval_s": _whole(5, 86_400),
    "deadline_s": _between(0.5, 120),
    "test_deadline_s": _between(0.5, 30),
    "refresh_s": _between(0.05, 60),
    "monitor": _one_of("auto", "off"),
    "rate_per_minute": _whole(1, 1_000_000),
    "in_flight": _whole(1, 10_000),
    "credential_deadline_s": _between(0.5, 60),
    "credential_warning_days": _whole(1, 365),
    "incident_failures": _whole(1, 20),
    "incident_passes": _whole(1, 20),
    "incident_limit_percent": _whole(0, 100),
    "vault_ca_file": _authorities,
}
