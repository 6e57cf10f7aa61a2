"""How a technology is really reached: one module each, used by every kind of target."""
