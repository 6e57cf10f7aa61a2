"""Running templates: a session that can only read, values bound, results cut at their caps."""

from engine.gateway.executing.places import driver_for, driver_of_string
from engine.gateway.executing.plan import Plan, SqlDriver

__all__ = ["Plan", "SqlDriver", "driver_for", "driver_of_string"]
