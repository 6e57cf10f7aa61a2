"""How a thing is reached, between the parts of a config and the texts of a form: pure.

A technology declares its fields by one name each; in a config they stand in three places: by
themselves, in `oauth_config` (declared as `oauth_…`), and in `options`.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from engine.sources.config import DataSourceConfig

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from engine.fields import FieldSpec

OAUTH, OPTIONS = "oauth_config", "options"
_PREFIX = "oauth_"
MASK = "***"
PLAIN = frozenset(spec.name for spec in fields(DataSourceConfig)) - {OAUTH, OPTIONS}
"""Fields of a config that stand by themselves."""


def flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config's values by the names under which their fields are declared."""
    found = {name: value for name, value in config.items() if name not in {OAUTH, OPTIONS}}
    found |= {f"{_PREFIX}{name}": value for name, value in (config.get(OAUTH) or {}).items()}
    return found | dict(config.get(OPTIONS) or {})


def texts(config: Mapping[str, Any], specs: Iterable[FieldSpec]) -> dict[str, str]:
    """Return a config as the texts of these fields; never a secret."""
    known = flat(config)
    return {spec.name: "" if spec.secret else as_text(known.get(spec.name)) for spec in specs}


def as_text(value: object) -> str:
    """Return a value as a form shows it; nothing for what is masked."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None or value == MASK else str(value)


def stored(config: Mapping[str, Any], specs: Iterable[FieldSpec]) -> frozenset[str]:
    """Return the names of those of these fields whose value is stored and never shown.

    Every OAuth value is, also one that its field does not declare as a secret.
    """
    known = flat(config)
    return frozenset(
        spec.name
        for spec in specs
        if known.get(spec.name) and (spec.secret or known[spec.name] == MASK)
    )


def config(
    specs: Iterable[FieldSpec],
    values: Mapping[str, str],
    *,
    kept: Collection[str] = (),
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the config that these fields say; what is empty there is None.

    Args:
        specs: The fields that are asked for.
        values: The form's texts.
        kept: Fields whose value is stored and never shown; an empty input leaves it as it is.
        before: What is stored with the same technology: its options and OAuth values that
            nobody asks for stay.
    """
    asked = tuple(specs)
    names = {spec.name for spec in asked}
    rest = {name: value for name, value in flat(before or {}).items() if name not in names}
    said: dict[str, Any] = {}
    told: dict[str, Any] = {name: value for name, value in rest.items() if name not in PLAIN}
    for spec in asked:
        typed = values.get(spec.name, "")
        value = typed or (MASK if spec.name in kept else None)
        (said if spec.name in PLAIN else told)[spec.name] = value
    given = {name: value for name, value in told.items() if value not in {None, ""}}
    oauth = {n.removeprefix(_PREFIX): v for n, v in given.items() if n.startswith(_PREFIX)}
    options = {name: value for name, value in given.items() if not name.startswith(_PREFIX)}
    return said | {OAUTH: oauth or None, OPTIONS: options}
