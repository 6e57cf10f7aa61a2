"""What a connector's records show in the command line's texts."""

from __future__ import annotations

from tui.cli.shows import counts, details, every, latency, pairs, time, words
from tui.cli.table import Column

DETAIL = (
    Column(title="name", key="name"),
    Column(title="id", key="id"),
    Column(title="tenant", key="tenant_id"),
    Column(title="type", key="connector_type"),
    Column(title="technology", key="technology"),
    Column(title="status", key="status"),
    Column(title="health", key="health_state", state=True),
    Column(title="since", key="since", show=time),
    Column(title="error", key="health_error"),
    Column(title="message", key="health_message"),
    Column(title="next", key="health_remedy"),
    Column(title="latency", key="latency_ms", show=latency),
    Column(title="checked", key="checked_at", show=time),
    Column(title="connected", key="last_connected", show=time),
    Column(title="connections", key="connection_count"),
    Column(title="errors", key="error_count"),
    Column(title="last error", key="last_error"),
    Column(title="where", key="where"),
    Column(title="config", key="config", show=pairs),
    Column(title="can", key="capabilities", show=words),
    Column(title="discovered", key="discovered", show=details),
    Column(title="description", key="description"),
    Column(title="tags", key="tags", show=words),
    Column(title="owner", key="owner_id"),
    Column(title="metadata", key="metadata", show=pairs),
    Column(title="last used", key="last_used_at", show=time),
    Column(title="check every", key="interval_s", show=every),
    Column(title="created", key="created_at", show=time),
    Column(title="created by", key="created_by"),
    Column(title="updated", key="updated_at", show=time),
    Column(title="version", key="version"),
)

STATS = (
    Column(title="connectors", key="total_connectors"),
    Column(title="by status", key="connectors_by_status", show=counts),
    Column(title="by type", key="connectors_by_type", show=counts),
    Column(title="checks passed", key="total_connections"),
    Column(title="checks failed", key="total_errors"),
)
