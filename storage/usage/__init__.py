"""Usage in the database: calls, what they are summed up to, and where they are read from.

`driver` is the way in, and `rows` is what it takes and gives; gauges need `windows` alone.
"""
