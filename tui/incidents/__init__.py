"""The place of incidents."""
