"""The whole schema: Core tables on one metadata, with the reason for each index."""

from __future__ import annotations

from storage.tables.alerts import alert_channels, alert_routes, alerts
from storage.tables.core import marks, metadata, revisions, tenants
from storage.tables.credentials import credential_accesses, credential_references, credentials
from storage.tables.gateway import gateways, query_templates, template_versions
from storage.tables.health import check_days, check_hours, checks, monitors, transitions
from storage.tables.incidents import incident_events, incident_members, incidents, silences
from storage.tables.isolation import isolate, tenant_roles
from storage.tables.prevention import (
    prevention_breaks,
    prevention_ledgers,
    prevention_policies,
    prevention_records,
    prevention_verifications,
)
from storage.tables.records import activity
from storage.tables.rotations import key_rotations
from storage.tables.things import connectors, integrations, secret_uses, sources, targets
from storage.tables.usage import (
    gauges,
    limit_transitions,
    meters,
    reservations,
    series,
    stale_meters,
    usage,
    usage_days,
    usage_feeds,
    usage_minutes,
    usage_series_days,
)

isolate(metadata)

__all__ = [
    "activity",
    "alert_channels",
    "alert_routes",
    "alerts",
    "check_days",
    "check_hours",
    "checks",
    "connectors",
    "credential_accesses",
    "credential_references",
    "credentials",
    "gateways",
    "gauges",
    "incident_events",
    "incident_members",
    "incidents",
    "integrations",
    "key_rotations",
    "limit_transitions",
    "marks",
    "metadata",
    "meters",
    "monitors",
    "prevention_breaks",
    "prevention_ledgers",
    "prevention_policies",
    "prevention_records",
    "prevention_verifications",
    "query_templates",
    "reservations",
    "revisions",
    "secret_uses",
    "series",
    "silences",
    "sources",
    "stale_meters",
    "targets",
    "template_versions",
    "tenant_roles",
    "tenants",
    "transitions",
    "usage",
    "usage_days",
    "usage_feeds",
    "usage_minutes",
    "usage_series_days",
]
