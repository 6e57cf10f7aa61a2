"""`lampboard gateway delete`: asked for, by name or by id, and gone with its templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Run

DELETE = ("gateway", "delete", "--source")


def gateways(run: Run) -> int:
    total = run("gateway", "list", "-o", "json").json["total"]
    assert isinstance(total, int)
    return total


def test_it_is_deleted_with_its_templates(registered: Run) -> None:
    done = registered(*DELETE, "ORDERS", "--yes")
    assert (done.code, done.out) == (0, "The gateway of orders is deleted.\n")
    assert gateways(registered) == 0
    assert registered("gateway", "templates", "list", "-o", "json").json["total"] == 0
    again = registered(*DELETE, "orders", "--yes")
    assert again.code == 1
    assert "The source 'orders' has no gateway in tenant 'acme'." in again.err


def test_nobody_is_asked_where_nobody_can_answer(registered: Run) -> None:
    asked = registered(*DELETE, "orders")
    assert asked.code == 2
    assert "Delete the gateway of orders (1 template in use) of acme, with all" in asked.err
    dry = registered(*DELETE, "orders", "--dry-run")
    assert (dry.code, dry.out) == (0, "")
    assert "Would delete the gateway of orders (1 template in use) of acme." in dry.err
    for words in (("--read-only",), ("--expected-version", "9")):
        refused = registered(*DELETE, "orders", "--yes", *words)
        assert (refused.code != 0, refused.out) == (True, "")
    assert gateways(registered) == 1


def test_of_two_by_one_name_the_id_tells(registered: Run, orders: object) -> None:
    (first,) = registered("gateway", "list", "-o", "json").json["items"]
    assert registered("sources", "delete", "orders", "--yes").code == 0
    made = registered(
        *("sources", "add", "--name", "orders", "--technology", "sqlite"),
        *("--database-name", str(orders), "--activate"),
    )
    assert made.code == 0, made.err
    assert registered("gateway", "set", "--source", "orders", "--max-rows", "5").code == 0
    both = registered(*DELETE, "orders", "--yes")
    assert both.code == 2
    assert first["thing_id"] in both.err
    told = registered(*DELETE, first["thing_id"], "--yes", "-o", "json")
    assert told.json["id"] == first["id"]
    assert gateways(registered) == 1
