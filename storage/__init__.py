"""The only place that knows SQL: the schema, the migrations and a driver for each concept."""
