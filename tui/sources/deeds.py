"""What is done to sources, one or many: each deed with its words and its call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.inventory.bulk import AT_ONCE, Deed, Outcome, Thing
from tui.sources.story import answer_of

if TYPE_CHECKING:
    from engine.sources.facade import DataSourcesFacade
    from tui.inventory.labels import Edit

NOUN = "source"


async def _activate(facade: DataSourcesFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.activate_source(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message)


async def _deactivate(facade: DataSourcesFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.deactivate_source(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message)


async def _deprecate(facade: DataSourcesFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.deprecate_source(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message)


async def _delete(facade: DataSourcesFacade, tenant_id: str, thing: Thing) -> Outcome:
    await facade.delete_source(tenant_id, thing.id)
    return Outcome(thing=thing, said=f"{thing.name} is deleted.")


async def _test(facade: DataSourcesFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.test_connection(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message, answer=answer_of(result))


DEEDS = {
    "activate": Deed(noun=NOUN, title="Activate", done="activated", do=_activate),
    "deactivate": Deed(noun=NOUN, title="Deactivate", done="deactivated", do=_deactivate),
    "deprecate": Deed(noun=NOUN, title="Deprecate", done="deprecated", do=_deprecate),
    "delete": Deed(noun=NOUN, title="Delete", done="deleted", do=_delete),
    "test": Deed(noun=NOUN, title="Test", done="tested", do=_test, at_once=AT_ONCE),
}


def tag(edit: Edit) -> Deed[DataSourcesFacade]:
    """Return the deed that adds and removes these tags."""

    async def do(facade: DataSourcesFacade, tenant_id: str, thing: Thing) -> Outcome:
        for word in edit.added:
            await facade.add_tag(tenant_id, thing.id, word)
        for word in edit.removed:
            await facade.remove_tag(tenant_id, thing.id, word)
        return Outcome(thing=thing, said=f"{thing.name}: {edit.said}.")

    return Deed(noun=NOUN, title="Tag", done="tagged", do=do)


def share(edit: Edit) -> Deed[DataSourcesFacade]:
    """Return the deed that grants and revokes these roles.

    They change at once: after the first of several one might not see the source any more.
    """

    async def do(facade: DataSourcesFacade, tenant_id: str, thing: Thing) -> Outcome:
        before = await facade.get_source(tenant_id, thing.id)
        await facade.update_source(
            tenant_id,
            thing.id,
            expected_version=before.version,
            access_roles=edit.of(before.access_roles),
        )
        return Outcome(thing=thing, said=f"{thing.name}: {edit.said}.")

    return Deed(noun=NOUN, title="Set roles", done="changed", do=do)
