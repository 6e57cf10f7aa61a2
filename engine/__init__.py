"""The domain: what integrations are, how they are checked, and what that means."""
