"""What the parent tells the simulators: which doors there are, and who is known at each."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.demo.behaviour import Script

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """One door: a port of its own that speaks one dialect.

    Attributes:
        name: How the parent asks for its port.
        dialect: A key of `engine.demo.dialects.DIALECTS` or `engine.demo.wires.WIRES`.
        accounts: Secret to how its requests fare.
    """

    name: str
    dialect: str
    accounts: Mapping[str, Script] = field(repr=False)

    @property
    def closes(self) -> bool:
        """Whether nobody opens at some times."""
        return any(script.ever_refuses for script in self.accounts.values())


def to_line(sites: Iterable[Site]) -> str:
    """Return the plan as one line of JSON; it holds secrets, so it goes through a pipe only."""
    return json.dumps(
        [
            {
                "name": site.name,
                "dialect": site.dialect,
                "accounts": {key: script.to_dict() for key, script in site.accounts.items()},
            }
            for site in sites
        ]
    )


def from_line(line: str) -> list[Site]:
    """Return what `to_line` wrote down."""
    return [
        Site(
            name=values["name"],
            dialect=values["dialect"],
            accounts={key: Script.from_dict(script) for key, script in values["accounts"].items()},
        )
        for values in json.loads(line)
    ]
