"""The demo's agents: applications in a process of their own that call models and tell of it.

As applications would, they ask `limits.check` before a call, call the provider over HTTP, and
record what the answer says that it used. What they used before the demo began comes in through the
same recorder.
"""
