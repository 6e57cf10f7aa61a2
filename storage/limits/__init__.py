"""What may be used: meters with their limits, gauges as lists show them, reservations.

On PostgreSQL whoever writes usage or limits takes locks in one order, so that nobody waits in a
circle: the tenant's turn (`Interning.take_turn`), reservations, meters, days and minutes, marks,
gauges; several of one table in the order of their keys. A file of SQLite has one writer anyway.
"""
