"""What is done to connectors, one or many: each deed with its words and its call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.connectors.discovered import counted, offers
from tui.connectors.story import answer_of
from tui.inventory.bulk import AT_ONCE, Deed, Outcome, Thing

if TYPE_CHECKING:
    from engine.connectors import ConnectorsFacade

NOUN = "connector"


async def _connect(facade: ConnectorsFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.connect_connector(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message)


async def _disconnect(facade: ConnectorsFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.disconnect_connector(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message)


async def _deprecate(facade: ConnectorsFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.deprecate_connector(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message)


async def _delete(facade: ConnectorsFacade, tenant_id: str, thing: Thing) -> Outcome:
    await facade.delete_connector(tenant_id, thing.id)
    return Outcome(thing=thing, said=f"{thing.name} is deleted.")


async def _test(facade: ConnectorsFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.test_connector(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message, answer=answer_of(result))


async def _discover(facade: ConnectorsFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.discover(tenant_id, thing.id)
    found = counted(offers(result.discovered))
    said = (
        f"{thing.name} offers {found}. o shows them." if found else f"{thing.name} offers nothing."
    )
    return Outcome(thing=thing, said=said)


DEEDS = {
    "connect": Deed(noun=NOUN, title="Connect", done="connected", do=_connect),
    "disconnect": Deed(noun=NOUN, title="Disconnect", done="disconnected", do=_disconnect),
    "deprecate": Deed(noun=NOUN, title="Deprecate", done="deprecated", do=_deprecate),
    "delete": Deed(noun=NOUN, title="Delete", done="deleted", do=_delete),
    "test": Deed(noun=NOUN, title="Test", done="tested", do=_test, at_once=AT_ONCE),
    "discover": Deed(noun=NOUN, title="Discover", done="discovered", do=_discover, at_once=AT_ONCE),
}
