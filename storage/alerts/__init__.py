"""Alerts in the database: channels, the routes to them, and the outbox of what they are to say."""

from __future__ import annotations

from storage.alerts.channels import KIND, ChannelsDriver
from storage.alerts.log import AlertLog
from storage.alerts.planning import PlanDriver
from storage.alerts.routes import RoutesDriver
from storage.alerts.rows import (
    AboutRow,
    AlertRow,
    ChannelRow,
    ListedAlertRow,
    LocalRow,
    PlannedRow,
    RouteRow,
    ToldRow,
)
from storage.alerts.sending import SendingDriver

__all__ = [
    "KIND",
    "AboutRow",
    "AlertLog",
    "AlertRow",
    "ChannelRow",
    "ChannelsDriver",
    "ListedAlertRow",
    "LocalRow",
    "PlanDriver",
    "PlannedRow",
    "RouteRow",
    "RoutesDriver",
    "SendingDriver",
    "ToldRow",
]
