"""Setting limits: what may be said, and whose they are. Loaded in the worker thread only.

An integration's limits are its own fields and are changed there; those of a provider, model,
agent or tenant stand in its meter, which is made for its first limit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from engine.activity.record import note
from engine.errors import InvalidInput, NotFound
from engine.integrations.inputs import clean_common
from engine.limits.results import MAX_LEVEL, MAX_LEVELS
from engine.text import require_line
from storage.limits.meters import MetersDriver
from storage.limits.rows import LIMITS, MeterRow, limit_value
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.hop import Hop
    from storage.limits.rows import GaugeRow

# Levels compare exactly in whole thousandths of a per cent.
_PLACES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What is to be set: fields by name, and warning levels; None of those leaves them."""

    values: Mapping[str, int] = field(default_factory=dict)
    levels: tuple[float, ...] | None = None


def clean_limits(values: Mapping[str, int], levels: Sequence[float] | None) -> Limits:
    """Return limits that can be set.

    Raises:
        InvalidInput: A value cannot be used; `field` names it.
    """
    cleaned = {name: int(str(value)) for name, value in clean_common(values).items()}
    return Limits(values=cleaned, levels=None if levels is None else _levels(levels))


def _levels(levels: object) -> tuple[float, ...]:
    if isinstance(levels, str) or not isinstance(levels, Sequence):
        raise _no_levels("must be a list of per cents")
    if len(levels) > MAX_LEVELS:
        raise _no_levels(f"must be at most {MAX_LEVELS}")
    return tuple(sorted({_level(level) for level in levels}))


def _level(level: object) -> float:
    number = isinstance(level, int | float) and not isinstance(level, bool)
    if not number or not math.isfinite(float(str(level))):
        raise _no_levels("must be numbers")
    found = round(float(str(level)), _PLACES)
    if not 0 < found <= MAX_LEVEL:
        raise _no_levels(f"must be more than 0 and at most {MAX_LEVEL:,} per cent")
    return found


def _no_levels(why: str) -> InvalidInput:
    return InvalidInput(
        f"The warning levels {why}.",
        hint="Give per cents of the limit, such as 50, 80, 95.",
        field="warning_levels",
    )


def changed_row(row: GaugeRow, wanted: Limits) -> GaugeRow:
    """Return a gauge's row as it would be with other limits."""
    limit, levels = wanted.values.get(LIMITS[row.measure]), wanted.levels
    return replace(
        row,
        limit_value=row.limit_value if limit is None else limit_value(row.measure, limit),
        warning_levels=row.warning_levels if levels is None else levels or None,
    )


def meter_or_new(
    connection: Connection, tenant_id: str, scope: str, subject: str, now: datetime
) -> MeterRow:
    """Return a meter, or the one that a first limit would make, whose number is 0.

    Raises:
        NotFound: There is no such tenant, or it has no such integration.
        InvalidInput: The name cannot be used.
    """
    meter = MetersDriver(connection).get(tenant_id, scope, subject)
    if meter is not None and meter.retired_at is None:
        return meter
    if scope == "integration" or (scope == "tenant" and subject != tenant_id):
        raise NotFound(f"This tenant has no such {scope}.", field="subject")
    tenant = TenantsDriver(connection).get(tenant_id)
    if tenant is None:
        raise NotFound("There is no such tenant.", field="tenant")
    name = tenant.name if scope == "tenant" else require_line(subject, "The name", "subject")
    return _unmade(tenant_id, scope, subject if scope == "tenant" else name, name, now)


def _unmade(tenant_id: str, scope: str, subject: str, name: str, now: datetime) -> MeterRow:
    return MeterRow(
        number=0,
        tenant_id=tenant_id,
        scope=scope,
        subject=subject,
        name=name,
        provider=subject if scope == "provider" else "",
        budget_limit_cents=0,
        token_limit_month=0,
        rate_limit_rpm=0,
        warning_levels=None,
        created_at=now,
        updated_at=None,
        retired_at=None,
        version=1,
    )


class Setter:
    """Sets limits on one connection, inside a transaction of the caller.

    Args:
        connection: The caller commits.
        hop: Clock, settings and origin.
        credentials: The synchronous core of credentials.
    """

    def __init__(self, connection: Connection, hop: Hop, credentials: CredentialStore) -> None:
        self._connection = connection
        self._hop = hop
        self._credentials = credentials
        self._now = hop.clock.now()
        self._meters = MetersDriver(connection)

    def set(
        self, tenant_id: str, scope: str, subject: str, wanted: Limits, expected: int | None
    ) -> MeterRow:
        """Set limits and return the meter as it is then; what stays the same is no activity.

        Raises:
            NotFound: There is no such tenant, or it has no such integration.
            InvalidInput: A value cannot be used.
            StaleWrite: It has another version than expected.
        """
        meter = meter_or_new(self._connection, tenant_id, scope, subject, self._now)
        changed = _differing(meter, wanted)
        if not changed and expected in {None, meter.version}:
            return meter
        meter = self._made(meter)
        self._set_meter(meter, changed, expected)
        if scope == "integration":
            self._set_integration(meter, changed)
        return self._meters.get_many([meter.number])[meter.number]

    def _set_meter(
        self, meter: MeterRow, changed: Mapping[str, object], expected: int | None
    ) -> None:
        """Set what is the meter's own; of an integration only the levels are."""
        own = dict(changed)
        levels = own.pop("warning_levels", None)
        if meter.scope == "integration":
            own = {}
            if expected is None and levels is None:
                return
        self._meters.set_limits(
            meter.number,
            **cast("Mapping[str, int]", own),
            warning_levels=cast("tuple[float, ...] | None", levels),
            expected_version=expected,
            now=self._now,
        )
        if meter.scope != "integration" or levels is not None:
            self._note(meter, changed)

    def _made(self, meter: MeterRow) -> MeterRow:
        if meter.number:
            return meter
        number = self._meters.ensure(
            meter.tenant_id,
            meter.scope,
            meter.subject,
            name=meter.name,
            provider=meter.provider,
            now=self._now,
        )
        return self._meters.get_many([number])[number]

    def _set_integration(self, meter: MeterRow, changed: Mapping[str, object]) -> None:
        fields = {name: value for name, value in changed.items() if name != "warning_levels"}
        if fields:
            from engine.integrations.engine import CusIntegrationEngine

            engine = CusIntegrationEngine(self._connection, self._hop, self._credentials)
            engine.update(
                meter.tenant_id, meter.subject, fields, secret=None, expected_version=None
            )

    def _note(self, meter: MeterRow, changed: Mapping[str, object]) -> None:
        told = {name: [_told(getattr(meter, name)), _told(new)] for name, new in changed.items()}
        if meter.scope == "integration":
            told = {"warning_levels": told["warning_levels"]}
        note(
            self._connection,
            self._hop,
            meter.tenant_id,
            action="limits.updated",
            concept="limits",
            thing_id=f"{meter.scope}:{meter.subject}",
            thing_name=meter.name,
            detail={"scope": meter.scope, "changed": told},
        )


def _differing(meter: MeterRow, wanted: Limits) -> dict[str, object]:
    changed: dict[str, object] = {
        name: value for name, value in wanted.values.items() if getattr(meter, name) != value
    }
    if wanted.levels is not None and wanted.levels != (meter.warning_levels or ()):
        changed["warning_levels"] = wanted.levels
    return changed


def _told(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
