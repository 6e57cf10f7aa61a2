"""No page or count of templates reads a whole table: what the query planner says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

import pytest

from storage import paging
from storage.activity import ActivityDriver
from storage.filters import Term
from storage.gateway.gateways import GatewaysDriver
from storage.gateway.rows import Sort
from storage.gateway.templates import TemplatesDriver
from tests.storage.test_plans import plans

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.database import Database

LARGE = ("gateways", "query_templates", "template_versions", "targets", "activity")


def no_scan(plan: str) -> bool:
    return not re.search(rf"SCAN ({'|'.join(LARGE)})\b", plan)


@pytest.mark.parametrize("sort", get_args(Sort))
@pytest.mark.parametrize("place", ["start", "end", "after", "before", "at"])
@pytest.mark.parametrize("descending", [False, True])
def test_a_page_is_read_from_its_orders_index(
    sqlite: Database, sort: Sort, place: str, descending: bool
) -> None:
    first = {"name": (), "status": ("",), "outcome": ("",)}.get(sort, (0,))
    key = (*first, "", 0) if place in {"after", "before"} else ()
    anchor = paging.Anchor(place=place, key=key)  # type: ignore[arg-type]
    (plan,) = plans(
        sqlite,
        lambda c: TemplatesDriver(c).page(
            "acme", sort=sort, anchor=anchor, descending=descending, roles=("hr",), limit=200
        ),
    )
    index = "name_taken" if sort == "name" else f"by_{sort}"
    wanted = f"SEARCH query_templates USING INDEX query_templates_{index} "
    assert wanted in plan.splitlines()[1].replace("COVERING ", ""), plan
    assert no_scan(plan), plan


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: TemplatesDriver(c).count("acme", roles=("hr",)),
        lambda c: TemplatesDriver(c).count("acme", terms=(Term(field="gateway", value="a"),)),
        lambda c: TemplatesDriver(c).tally("acme", roles=("hr",)),
        lambda c: TemplatesDriver(c).get("acme", "x", roles=()),
        lambda c: TemplatesDriver(c).get_by_name("acme", "x"),
        lambda c: TemplatesDriver(c).version("x", 1),
        lambda c: TemplatesDriver(c).versions("x"),
        lambda c: GatewaysDriver(c).get("acme", "x", roles=()),
        lambda c: GatewaysDriver(c).of_thing("acme", "source", "x"),
        lambda c: GatewaysDriver(c).offers("acme", ("postgresql",)),
        lambda c: ActivityDriver(c).page("acme", roles=("hr",)),
        lambda c: ActivityDriver(c).page(
            "acme", thing_id="x", terms=(Term(field="action", value="gateway.run"),)
        ),
    ],
)
def test_nothing_is_scanned(sqlite: Database, ask: Callable[[Connection], object]) -> None:
    for plan in plans(sqlite, ask):
        assert no_scan(plan), plan
