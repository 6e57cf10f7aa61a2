from __future__ import annotations

import pytest

from engine.errors import InvalidInput
from engine.order import order_of


@pytest.mark.parametrize(
    ("sort", "limit", "field"),
    [("colour", 100, "sort"), ("name", 0, "limit"), ("name", 1001, "limit")],
)
def test_order_that_cannot_be_is_refused_beside_its_field(
    sort: str, limit: int, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        order_of(sort, among=("name", "status"), what="Things", descending=False, limit=limit)
    assert caught.value.field == field
