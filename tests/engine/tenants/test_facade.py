from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput, NotFound
from engine.tenants.slug import require_slug

if TYPE_CHECKING:
    from engine.workspace import Workspace


async def test_a_tenant_is_made_once(workspace: Workspace) -> None:
    made = await workspace.tenants.ensure("acme-prod", "Acme")
    again = await workspace.tenants.ensure("acme-prod", "Another name")
    assert made == again == await workspace.tenants.get("acme-prod")
    assert (made.name, made.integrations, made.overall_health) == ("Acme", 0, "unknown")
    assert made.counts == {"failing": 0, "degraded": 0, "unknown": 0, "healthy": 0}
    assert len((await workspace.activity.page("acme-prod")).items) == 1


async def test_a_missing_tenant_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(NotFound) as caught:
        await workspace.tenants.get("nobody")
    assert caught.value.field == "tenant"


@pytest.mark.parametrize("slug", ["a", "acme", "acme-prod_2.eu", "T1", "0b7e-11", "x" * 64])
def test_slugs(slug: str) -> None:
    assert require_slug(slug) == slug


@pytest.mark.parametrize(
    "slug", ["", " ", "-a", "a-", "a b", "a/b", "../x", "x" * 65, "é", "a\n", "a\x1b", None, 5]
)
def test_what_is_no_slug(slug: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        require_slug(slug)
    assert caught.value.field == "tenant"
