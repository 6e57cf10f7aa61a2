"""The place of silences."""
