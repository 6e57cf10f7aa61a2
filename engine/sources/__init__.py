"""Sources: where a tenant's data lives."""
