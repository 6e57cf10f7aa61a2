"""A tenant's applications at the gateway: they run templates, now and then with a wrong value."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from engine.demo.agents.preventing import of_value
from engine.errors import LampboardError, WorkspaceError

if TYPE_CHECKING:
    from typing import NoReturn

    from engine.demo.agents.ledger import Ledger
    from engine.demo.trusted import Template, Trusted, Values
    from engine.workspace import Workspace

# Of the runs of a template: with a value that is refused; with an attack, and as a drill with one.
_MISTAKEN, _ATTACKED, _DRILLED = 0.12, 0.08, 0.04


class Querying:
    """One tenant's runs with their own chance, which is the same in every run of the demo."""

    def __init__(
        self, workspace: Workspace, ledger: Ledger, tenant_id: str, trusted: Trusted
    ) -> None:
        self._workspace = workspace
        self._ledger = ledger
        self._tenant_id = tenant_id
        self._policies = trusted.policies
        self._templates = tuple(one for one in trusted.templates if not one.retired)
        self._drawn = random.Random(f"{tenant_id} templates")  # noqa: S311

    async def keep_asking(self) -> NoReturn:
        """Begin with a round of all templates, then run one of them at their pace, for ever."""
        await self.round()
        paces = [one.per_minute for one in self._templates]
        while True:
            await asyncio.sleep(self._drawn.expovariate(sum(paces) / 60))
            await self.turn(self._drawn.choices(self._templates, paces)[0])

    async def round(self) -> None:
        """Run each template once in each way, the attack as a drill, so that all is seen soon."""
        for template in self._templates:
            for values in template.mistaken[:1]:
                await self.ask(template, values)
            for values in template.attacks[:1]:
                await self.ask(template, values, drill=True)
            await self.ask(template, template.asked[0])

    async def turn(self, template: Template) -> None:
        """Run a template as chance has it."""
        chance, drawn = self._drawn.random(), self._drawn.choice
        if template.attacks and chance < _DRILLED:
            await self.ask(template, drawn(template.attacks), drill=True)
        elif template.attacks and chance < _DRILLED + _ATTACKED:
            await self.ask(template, drawn(template.attacks))
        elif template.mistaken and chance > 1 - _MISTAKEN:
            await self.ask(template, drawn(template.mistaken))
        else:
            await self.ask(template, drawn(template.asked))

    async def ask(self, template: Template, values: Values, *, drill: bool = False) -> None:
        """Run a template; what is refused or fails is in the activity, and nobody's end."""
        from engine.gateway.errors import SqlInjectionAttemptError

        try:
            await self._workspace.gateway.run(self._tenant_id, template.name, values)
        except SqlInjectionAttemptError as alarm:
            name = alarm.field or ""
            stopped = (name, str(values.get(name)))
            found = of_value(self._policies, self._tenant_id, template, stopped, drill=drill)
            if found is not None:
                self._ledger.prevented(found)
        except LampboardError as error:
            if isinstance(error, WorkspaceError) and not error.temporary:
                raise
