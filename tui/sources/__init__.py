"""The place of data sources: the list with its statistics, one's story, and the form."""
