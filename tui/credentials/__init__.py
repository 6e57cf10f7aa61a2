"""The place of credentials: references to secrets, never a secret."""
