"""Widgets of the board that know no concept: tables, lamps, meters, the base screen."""
