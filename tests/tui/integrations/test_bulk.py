from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.errors import LifecycleRefused
from engine.integrations.results import IntegrationLifecycleResult
from tui.integrations import deeds
from tui.inventory import bulk
from tui.theme import UNICODE
from tui.widgets.cells import cell_text

if TYPE_CHECKING:
    from engine.integrations import IntegrationsFacade


class Facade:
    async def enable_integration(self, tenant_id: str, thing: str) -> IntegrationLifecycleResult:
        assert tenant_id == "acme"
        if thing == "2":
            raise LifecycleRefused("It is in error.", hint="Test it first.")
        return IntegrationLifecycleResult(integration_id=thing, status="enabled", message="Done.")


THINGS = (bulk.Thing(id="1", name="one"), bulk.Thing(id="2", name="two\x1b[31m"))


async def test_one_refusal_stops_nothing_else() -> None:
    facade = cast("IntegrationsFacade", Facade())
    outcomes = await bulk.run(deeds.ENABLE, facade, "acme", THINGS)
    assert [outcome.error for outcome in outcomes] == ["", "It is in error. Test it first."]
    assert bulk.headline(deeds.ENABLE, outcomes) == "1 of 2 integrations enabled, 1 not."
    said = [cell_text(line) for line in bulk.summary_lines(deeds.ENABLE, outcomes, 60, UNICODE)]
    assert any("two" in line for line in said)
    assert all(line.isprintable() for line in said)
