"""The live board of health: every target by state, with uptime, latency and transitions."""
