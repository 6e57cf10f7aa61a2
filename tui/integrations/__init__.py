"""The place of integrations: the list, one's story, the form, and what is done to many at once."""
