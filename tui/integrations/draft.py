"""Between an integration and the texts of its form, both ways: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.credentials.references import is_scheme
from engine.fields import INTERVAL, FieldSpec
from engine.integrations.fields import BUDGET, DEFAULT_MODEL, NAME, RATE, TOKENS
from engine.integrations.providers import get_provider, known_providers
from tui.inventory import draft as inventory
from tui.inventory.draft import number, whole
from tui.widgets.form import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.integrations.results import IntegrationDetailResult
    from tui.inventory.draft import Difference

SECRET = "secret"  # noqa: S105 - the name of a field, not a secret

NUMBERS = (BUDGET.name, TOKENS.name, RATE.name)
PROVIDER = "provider_type"


def sections(provider_type: str) -> tuple[Section, ...]:
    """Return the form's sections for a provider; only the middle one depends on it.

    Raises:
        InvalidInput: There is no such provider.
    """
    provider = get_provider(provider_type)
    names = tuple(known.name for known in known_providers())
    choice = FieldSpec(
        name=PROVIDER,
        label="Provider",
        kind="choice",
        required=True,
        choices=names,
        help="Whose account it is; left and right change it, enter lists all.",
    )
    return (
        Section(title="", fields=(NAME, choice)),
        Section(
            title=provider.title,
            fields=provider.fields,
            note=f"a check {provider.check_summary[:1].lower()}{provider.check_summary[1:]}",
        ),
        Section(title="Use and limits", fields=(DEFAULT_MODEL, BUDGET, TOKENS, RATE, INTERVAL)),
    )


def titles() -> dict[str, str]:
    """Return the providers' names for people."""
    return {provider.name: provider.title for provider in known_providers()}


def texts(detail: IntegrationDetailResult) -> dict[str, str]:
    """Return an integration as the texts of a form; never its secret."""
    return {
        NAME.name: detail.name,
        PROVIDER: detail.provider_type,
        "base_url": detail.base_url or "",
        **{name: str(value) for name, value in detail.config.items()},
        DEFAULT_MODEL.name: detail.default_model or "",
        BUDGET.name: number(detail.budget_limit_cents),
        TOKENS.name: number(detail.token_limit_month),
        RATE.name: number(detail.rate_limit_rpm),
        INTERVAL.name: number(detail.interval_s),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    """What was typed as the credential: the secret itself, or where it is."""

    secret: str | None = None
    reference: str | None = None


def credential(typed: str) -> Credential:
    """Tell a reference from a secret; nothing typed is neither."""
    scheme, found, _ = typed.partition("://")
    if found and is_scheme(scheme):
        return Credential(reference=typed)
    return Credential(secret=typed or None)


def config(provider_type: str, values: Mapping[str, str]) -> dict[str, object]:
    """Return the provider's own fields that were filled in."""
    own = get_provider(provider_type).own_fields
    return {spec.name: values[spec.name] for spec in own if values.get(spec.name)}


def creation(values: Mapping[str, str], reference: str | None = None) -> dict[str, object]:
    """Return the arguments of `create_integration`.

    Args:
        values: The form's texts.
        reference: The credential to use when none was typed (a clone's).
    """
    typed = credential(values.get(SECRET, ""))
    made: dict[str, object] = {
        "name": values[NAME.name],
        "provider_type": values[PROVIDER],
        "credential_ref": typed.reference or (None if typed.secret else reference),
        "secret": typed.secret,
        "base_url": values.get("base_url") or None,
        "config": config(values[PROVIDER], values),
        DEFAULT_MODEL.name: values.get(DEFAULT_MODEL.name) or None,
        INTERVAL.name: whole(values.get(INTERVAL.name)),
    }
    return made | {name: whole(values.get(name)) or 0 for name in NUMBERS}


def changes(values: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, object]:
    """Return the arguments of `update_integration`: only what differs.

    The provider's own fields travel together, because they are stored as one value.
    """
    made: dict[str, object] = {}
    for name, value in changed.items():
        if name == SECRET:
            typed = credential(value)
            if typed.reference:
                made["credential_ref"] = typed.reference
            elif typed.secret:
                made[SECRET] = typed.secret
        elif name in NUMBERS:
            made[name] = whole(value) or 0
        elif name == INTERVAL.name:
            made[name] = whole(value)
        elif name in {NAME.name, PROVIDER}:
            made[name] = value
        elif name in {"base_url", DEFAULT_MODEL.name}:
            made[name] = value or None
        else:
            made["config"] = config(values[PROVIDER], values)
    if PROVIDER in made:
        made["config"] = config(values[PROVIDER], values)
        made["base_url"] = values.get("base_url") or None
    return made


def differences(
    mine: Mapping[str, str], began: Mapping[str, str], theirs: Mapping[str, str]
) -> tuple[Difference, ...]:
    """Return what differs between the form and what is stored now, secrets only by word."""
    return inventory.differences(sections(mine[PROVIDER]), mine, began, theirs, secrets={SECRET})
