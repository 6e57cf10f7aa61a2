"""Everything a person meets in a terminal: the dashboard and the command line."""

__version__ = "0.5.0"
