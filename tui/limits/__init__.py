"""The place of limits: every gauge against its limit, and who uses how much."""
