"""The place of connectors: the list with its statistics, one's story, what it offers, the form."""
