"""What is done to integrations, one or many: each deed with its words and its call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.integrations.story import answer_of
from tui.inventory.bulk import AT_ONCE, Deed, Outcome, Thing

if TYPE_CHECKING:
    from engine.integrations import IntegrationsFacade

NOUN = "integration"


async def _enable(facade: IntegrationsFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.enable_integration(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message)


async def _disable(facade: IntegrationsFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.disable_integration(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message)


async def _delete(facade: IntegrationsFacade, tenant_id: str, thing: Thing) -> Outcome:
    await facade.delete_integration(tenant_id, thing.id)
    return Outcome(thing=thing, said=f"{thing.name} is deleted.")


async def _test(facade: IntegrationsFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.test_credentials(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message or "", answer=answer_of(result))


ENABLE = Deed(noun=NOUN, title="Enable", done="enabled", do=_enable)
DISABLE = Deed(noun=NOUN, title="Disable", done="disabled", do=_disable)
DELETE = Deed(noun=NOUN, title="Delete", done="deleted", do=_delete)
TEST = Deed(noun=NOUN, title="Test", done="tested", do=_test, at_once=AT_ONCE)

DEEDS = {"enable": ENABLE, "disable": DISABLE, "delete": DELETE, "test": TEST}
