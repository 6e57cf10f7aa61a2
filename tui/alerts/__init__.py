"""The place of alerts."""
