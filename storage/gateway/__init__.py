"""What may be asked of tenants' databases: gateways with their caps, templates with versions."""
