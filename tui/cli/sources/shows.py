"""What a source's records show in the command line's texts."""

from __future__ import annotations

from tui.cli.shows import counts, every, latency, pairs, time, words
from tui.cli.table import Column


def place(value: object) -> str:
    """Return a config as `key=value` words, without what is unset or as it always is."""
    from engine.sources import DataSourceConfig

    if not isinstance(value, DataSourceConfig):
        return ""
    usual, said = DataSourceConfig().to_dict(), value.to_dict()
    if value.connection_string:
        said["connection_string"] = value.connection_string  # only its password is masked
    return pairs({key: one for key, one in said.items() if one != usual[key]})


DETAIL = (
    Column(title="name", key="name"),
    Column(title="id", key="source_id"),
    Column(title="tenant", key="tenant_id"),
    Column(title="type", key="source_type"),
    Column(title="technology", key="technology"),
    Column(title="status", key="status"),
    Column(title="health", key="health_state", state=True),
    Column(title="since", key="since", show=time),
    Column(title="error", key="health_error"),
    Column(title="message", key="health_message"),
    Column(title="next", key="health_remedy"),
    Column(title="latency", key="latency_ms", show=latency),
    Column(title="checked", key="health_checked_at", show=time),
    Column(title="connected", key="last_connected", show=time),
    Column(title="connections", key="connection_count"),
    Column(title="errors", key="error_count"),
    Column(title="last error", key="last_error"),
    Column(title="config", key="config", show=place),
    Column(title="description", key="description"),
    Column(title="tags", key="tags", show=words),
    Column(title="roles", key="access_roles", show=words),
    Column(title="owner", key="owner_id"),
    Column(title="metadata", key="metadata", show=pairs),
    Column(title="check every", key="interval_s", show=every),
    Column(title="created", key="created_at", show=time),
    Column(title="created by", key="created_by"),
    Column(title="updated", key="updated_at", show=time),
    Column(title="version", key="version"),
)

STATS = (
    Column(title="sources", key="total_sources"),
    Column(title="active", key="active_sources"),
    Column(title="inactive", key="inactive_sources"),
    Column(title="in error", key="error_sources"),
    Column(title="pending", key="pending_sources"),
    Column(title="by type", key="sources_by_type", show=counts),
    Column(title="checks passed", key="total_connections"),
    Column(title="checks failed", key="total_errors"),
)
