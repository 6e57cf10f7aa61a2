"""The tripwire: tells text values that look like an SQL injection from what people type.

It is an alarm, not the defence: values are always bound, whatever they say. So it must not stop
people, and it never needs to be certain. A value is read as a database would read it if it had
been put into the text of a statement: as it is, behind a number, inside each kind of quotes, and
with its disguises taken off. Where such a reading goes on as SQL, by grammar and not by single
words, it is an alarm.
"""

from __future__ import annotations

from engine.gateway.tripwire.alarms import Alarm
from engine.gateway.tripwire.looking import look

__all__ = ["Alarm", "look"]
