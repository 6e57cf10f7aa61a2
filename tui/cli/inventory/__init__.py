"""What the commands of every kind of thing share: naming one, listing, testing, stepping."""
