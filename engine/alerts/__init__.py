"""Alerts: who is told of incidents, by which channel, and what became of it."""

from __future__ import annotations

from engine.alerts.model import Alert, AlertPage, Channel, ChannelTest, LocalAlert, Route

__all__ = ["Alert", "AlertPage", "Channel", "ChannelTest", "LocalAlert", "Route"]
