"""Taking in gen_ai spans and metrics over OTLP/HTTP, within bounds, on loopback by default.

`server` speaks HTTP, `decoding` reads both encodings, `points` makes usage of metrics, `sink`
commits; nothing is acknowledged before it is committed.
"""
