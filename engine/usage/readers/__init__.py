"""One module for each format that usage is read from."""
