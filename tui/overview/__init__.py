"""The overview: a lamp wall of all targets, what is worst, what changed."""
