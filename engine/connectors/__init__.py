"""Connectors: the means by which the platform reaches out."""
