"""The demo: a throw-away workspace whose every lamp is measured against simulated providers.

`DemoWorld` makes it and takes it away again. What it shows is checked over real HTTP by the same
code as everything else; only the providers are simulated, on loopback, in a process of their own.
"""

from __future__ import annotations

from engine.demo.run import DemoWorld

__all__ = ["DemoWorld"]
