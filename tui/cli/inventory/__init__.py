"""What the commands of every kind of thing share: listing, testing, stepping."""
